//! The plan of a call: everything it will do, as a value that can be compared, printed and tested before it is sent.
//!
//! Where Autotask needs the id of a record or the code of a picklist value, a plan may contain a name, a label, a ticket
//! number, an e-mail address or `me` instead; the executor resolves it, because only the tenant knows the number.

pub mod address;
mod count;
pub mod cursor;
pub mod query;
pub mod request;
mod write;

use std::fmt;

use serde_json::Value;

pub use count::{Bucket, Count, GroupKey, Measure};
pub use write::{Change, Duplicates, Write, deactivation_call};

use crate::catalog::{Entity, UDFS};
use crate::error::Error;
use crate::filter::Condition;
use crate::filter::phone::PhoneSearch;
use crate::plan::address::Address;

/// The most records that Autotask returns on one page.
pub const MAX_PAGE_SIZE: u16 = 500;
/// The number of records of a search unless the caller sets it.
pub const DEFAULT_PAGE_SIZE: u16 = 50;

/// What a tool call will do.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// The response itself, from the built-in schema.
    Answered(Value),
    Read(Read),
    Write(Write),
}

impl Plan {
    /// The plan with a warning for the response; descriptions carry none.
    #[must_use]
    pub fn with_warning(self, warning: String) -> Self {
        self.with_warnings([warning])
    }

    /// The plan with warnings for the response; descriptions carry none.
    #[must_use]
    pub fn with_warnings(mut self, warnings: impl IntoIterator<Item = String>) -> Self {
        match &mut self {
            Self::Write(write) => write.warnings.extend(warnings),
            Self::Read(Read::Search(search)) => search.warnings.extend(warnings),
            Self::Read(Read::Count(count)) => count.warnings.extend(warnings),
            Self::Read(Read::Get(get)) => get.warnings.extend(warnings),
            Self::Answered(_) | Self::Read(Read::Describe(_) | Read::Service(_)) => {}
        }
        self
    }

    /// The plan with the problem of other arguments; it is reported once the names of the plan are looked up.
    ///
    /// # Errors
    /// The problem, if the plan contains no names to look up.
    pub fn with_problem(mut self, problem: Error) -> Result<Self, Error> {
        let slot = match &mut self {
            Self::Write(write) => &mut write.problem,
            Self::Read(Read::Search(search)) => &mut search.problem,
            Self::Read(Read::Count(_) | Read::Get(_) | Read::Describe(_) | Read::Service(_))
            | Self::Answered(_) => return Err(problem),
        };
        *slot = Error::join([problem].into_iter().chain(slot.take()));
        Ok(self)
    }

    /// The problem of the call, if names have to be looked up before it is reported.
    #[must_use]
    pub fn problem(&self) -> Option<&Error> {
        match self {
            Self::Write(write) => write.problem.as_ref(),
            Self::Read(Read::Search(search)) => search.problem.as_ref(),
            Self::Read(_) | Self::Answered(_) => None,
        }
    }
}

/// A read from Autotask.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    Search(Search),
    Count(Count),
    Get(Get),
    Describe(Describe),
    /// `ThresholdInformation` or `Version`: a path without records.
    Service(&'static str),
}

/// One page of records.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    pub address: Address,
    pub conditions: Vec<Condition>,
    /// 1 to 500.
    pub max_records: u16,
    pub projection: Projection,
    pub order: Order,
    /// The last id of the previous page, in this order.
    pub after: Option<i64>,
    /// The phone number that each record must have, whatever its format; the filter only finds candidates.
    pub phone: Option<PhoneSearch>,
    /// For time entries: the company that their tickets, or the projects of their tasks, must have.
    pub company: Option<RecordKey>,
    /// Whether the response repeats the filter.
    pub echo: Echo,
    pub labels: LabelMode,
    pub warnings: Vec<String>,
    /// The problem of the call, returned together with those of its names once they are looked up.
    pub problem: Option<Error>,
}

/// The order of records, by id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    OldestFirst,
    NewestFirst,
}

/// Whether a response repeats the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    Filter,
    Nothing,
}

/// Whether codes and ids are shown with their labels and names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelMode {
    Labels,
    CodesOnly,
}

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub struct Get {
    pub address: Address,
    pub key: RecordKey,
    pub projection: Projection,
    pub include: Vec<Include>,
    pub labels: LabelMode,
    pub warnings: Vec<String>,
}

/// How a caller identifies a record: by id, by ticket number, or by a name, an e-mail address or `me`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordKey {
    Id(i64),
    Number(String),
    Name(String),
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Number(text) | Self::Name(text) => text.fmt(f),
        }
    }
}

impl RecordKey {
    /// The id, once it is known.
    #[must_use]
    pub fn id(&self) -> Option<i64> {
        match self {
            Self::Id(id) => Some(*id),
            Self::Number(_) | Self::Name(_) => None,
        }
    }
}

/// Parts of a ticket that the caller can request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Include {
    Notes,
    TimeEntries,
    Attachments,
    Checklist,
    History,
    /// Secondary resources and additional contacts.
    People,
    Charges,
}

impl Include {
    /// All parts in the order of the response.
    pub const ALL: [Self; 7] = [
        Self::Notes,
        Self::TimeEntries,
        Self::Attachments,
        Self::Checklist,
        Self::History,
        Self::People,
        Self::Charges,
    ];

    /// The word in `include`, which is also the key in the response.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Notes => "notes",
            Self::TimeEntries => "timeEntries",
            Self::Attachments => "attachments",
            Self::Checklist => "checklist",
            Self::History => "history",
            Self::People => "people",
            Self::Charges => "charges",
        }
    }
}

/// The fields of an entity and what it can do.
#[derive(Debug, Clone, PartialEq)]
pub struct Describe {
    pub entity: Entity,
    pub field: Option<String>,
    pub scope: DescribeScope,
}

/// Which fields a description contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DescribeScope {
    Required,
    Writable,
    Picklists,
    Udfs,
    All,
}

/// Which fields of a record a response shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projection {
    All,
    Selected(SelectedFields),
}

/// Fields selected by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SelectedFields {
    /// In Autotask's spelling; `userDefinedFields` means all UDFs.
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

    /// The position at which a field is shown, if it is; if all fields are shown, they keep Autotask's order.
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
