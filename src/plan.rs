//! What a call comes to, before anything is sent: a value to compare, print and test.
//!
//! Where Autotask takes a number that stands for something, a plan may still hold its name; it is settled when
//! the plan is performed, because only the tenant knows.

pub mod address;
pub mod cursor;
pub mod query;
use serde_json::Value;

use crate::catalog::{Entity, Field, UDFS};
use crate::filter::Condition;
use crate::plan::address::{Address, ParentRef};
use crate::policy::WritePermit;
use crate::value::record::Record;

/// What a tool call comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// Answered from the schema, offline.
    Answered(Value),
    Read(Read),
    Write(Write),
}

impl Plan {
    /// The plan with a warning for whoever reads the answer; descriptions warn by themselves.
    #[must_use]
    pub fn with_warning(mut self, warning: String) -> Self {
        let warnings = match &mut self {
            Self::Write(write) => &mut write.warnings,
            Self::Read(Read::Search(search)) => &mut search.warnings,
            Self::Read(Read::Count(count)) => &mut count.warnings,
            Self::Read(Read::Get(get)) => &mut get.warnings,
            Self::Answered(_)
            | Self::Read(Read::Describe(_) | Read::Discover(_) | Read::Service(_)) => {
                return self;
            }
        };
        warnings.push(warning);
        self
    }
}

/// Something to read from Autotask.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    Search(Search),
    Count(Count),
    Get(Get),
    Describe(Describe),
    Discover(DiscoverEntity),
    /// `ThresholdInformation` or `Version`: an address without records.
    Service(&'static str),
}

/// One page of records.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    pub at: Address,
    pub clauses: Vec<Condition>,
    /// 1 to 500.
    pub max: u16,
    pub shown: Projection,
    /// The id after which the page begins.
    pub after: Option<i64>,
    /// Whether the answer says what was asked.
    pub echo: Echo,
    pub labels: LabelMode,
    pub warnings: Vec<String>,
}

/// Whether an answer repeats the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    Filter,
    Nothing,
}

/// Whether numbers are shown with what they are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelMode {
    Labels,
    CodesOnly,
}

/// How many records match, perhaps in groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    pub at: Address,
    pub clauses: Vec<Condition>,
    pub group_by: Vec<&'static Field>,
    pub sum: Vec<&'static Field>,
    pub warnings: Vec<String>,
}

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub struct Get {
    pub at: Address,
    pub key: RecordKey,
    pub shown: Projection,
    pub include: Vec<Include>,
    pub labels: LabelMode,
    pub warnings: Vec<String>,
}

/// How a record is named: by id, by what it is called or, for tickets, by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordKey {
    Id(i64),
    Number(String),
    Name(String),
}

/// What comes with a ticket on request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Include {
    Notes,
    TimeEntries,
    Attachments,
}

/// The fields of an entity and what it can do.
#[derive(Debug, Clone, PartialEq)]
pub struct Describe {
    pub entity: Entity,
    pub field: Option<String>,
    pub about: DescribeScope,
}

/// An entity that the schema does not know: the tenant may.
#[derive(Debug, Clone, PartialEq)]
pub struct DiscoverEntity {
    /// Letters and digits alone: it becomes part of an address.
    pub name: String,
    pub field: Option<String>,
    pub about: DescribeScope,
}

/// Which fields a description tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DescribeScope {
    Required,
    Writable,
    Picklists,
    Udfs,
    All,
}

/// Which fields of a record an answer shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projection {
    All,
    Selected(SelectedFields),
}

/// The fields that are asked for by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SelectedFields {
    /// In Autotask's spelling; `userDefinedFields` stands for all UDFs.
    pub fields: Vec<String>,
    /// UDFs by name.
    pub udfs: Vec<String>,
}

impl Projection {
    /// These fields, and no UDF.
    #[must_use]
    pub fn fields(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::Selected(SelectedFields {
            fields: names.into_iter().map(Into::into).collect(),
            udfs: Vec::new(),
        })
    }

    /// Where a field is shown among the others, if it is; where all are, they stay as they come.
    #[must_use]
    pub fn position(&self, field: &str) -> Option<usize> {
        match self {
            Self::All => Some(0),
            Self::Selected(SelectedFields { fields, .. }) => {
                fields.iter().position(|shown| shown == field)
            }
        }
    }

    /// Whether a field is shown, or for `userDefinedFields` any UDF.
    #[must_use]
    pub fn includes(&self, field: &str) -> bool {
        let any_udf = |shown: &SelectedFields| field == UDFS && !shown.udfs.is_empty();
        self.position(field).is_some() || matches!(self, Self::Selected(shown) if any_udf(shown))
    }

    /// Whether a UDF is shown.
    #[must_use]
    pub fn shows_udf(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Selected(SelectedFields { fields, udfs }) => {
                fields.iter().any(|shown| shown == UDFS) || udfs.iter().any(|shown| shown == name)
            }
        }
    }
}

/// A change of one record; sent once, and only with a `Confirmed`.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    pub admitted: WritePermit,
    pub change: Change,
    pub entity: Entity,
    pub parent: ParentRef,
    /// What the schema misses in a new record; it is told together with what the tenant misses.
    pub lacks: Vec<&'static str>,
    pub duplicates: Duplicates,
    pub warnings: Vec<String>,
}

impl Write {
    /// The record that is changed or deleted.
    #[must_use]
    pub fn id(&self) -> Option<i64> {
        match self.change {
            Change::Create(_) => None,
            Change::Update(id, _) | Change::Delete(id) => Some(id),
        }
    }

    /// The field of a new child that its address fills.
    #[must_use]
    pub fn parent_field(&self) -> Option<&'static str> {
        let child = self.entity.as_child();
        child.filter(|_| self.parent != ParentRef::None)?.parent_field
    }
}

/// What a write does.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Create(Record),
    Update(i64, Record),
    Delete(i64),
}

/// Whether an equal create of a moment ago stops this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    Reject,
    Allow,
}
