//! The plans that several tools share.

use serde_json::Value;

use super::PlanContext;
use crate::catalog::{DiscoveredSchema, Entity, Verb};
use crate::error::{Code, Error};
use crate::filter::Condition;
use crate::plan::address::{Address, ParentRef, check_id, parent_ref};
use crate::plan::cursor;
use crate::plan::query::parse_projection;
use crate::plan::{
    Change, Duplicates, Echo, Get, LabelMode, Order, Plan, Projection, Read, RecordKey, Search,
    Write,
};
use crate::policy::WritePermit;
use crate::validate;
use crate::value::record::Record;

/// What a search says of its page.
pub struct PageOptions<'a> {
    pub max: Option<i64>,
    pub fields: &'a [String],
    pub cursor: &'a Option<String>,
}

const DEFAULT_PAGE_SIZE: u16 = 50;

/// A search of a convenience tool.
pub fn search(
    situation: &PlanContext,
    entity: Entity,
    mut clauses: Vec<Condition>,
    page: &PageOptions,
    shows: &[&str],
) -> Result<Plan, Error> {
    if clauses.is_empty() {
        clauses.push(Condition::match_all(entity)?);
    }
    crate::filter::check(&clauses)?;
    let at = Address::root(entity);
    let after = page.cursor.as_ref().map(|text| cursor::decode(text, at, &clauses)).transpose()?;
    let max = page.max.and_then(|max| u16::try_from(max).ok()).unwrap_or(DEFAULT_PAGE_SIZE);
    let shown = projection_or_default(situation, entity, page.fields, shows)?;
    Ok(Plan::Read(Read::Search(Search {
        at,
        clauses,
        max,
        shown,
        order: Order::OldestFirst,
        after,
        echo: Echo::Filter,
        labels: LabelMode::Labels,
        warnings: Vec::new(),
        problem: None,
    })))
}

/// One record of a convenience tool.
pub fn get(
    situation: &PlanContext,
    (entity, id): (Entity, &Value),
    fields: &[String],
    shows: &[&str],
) -> Result<Plan, Error> {
    let shown = projection_or_default(situation, entity, fields, shows)?;
    let at = Address::root(entity);
    Ok(Plan::Read(Read::Get(Get {
        at,
        key: key(entity, id)?,
        shown,
        include: Vec::new(),
        labels: LabelMode::Labels,
        warnings: Vec::new(),
    })))
}

/// An id, or what the record is called.
fn key(entity: Entity, id: &Value) -> Result<RecordKey, Error> {
    match (id.as_i64(), id.as_str()) {
        (Some(id), _) => check_id(Some(entity), id).map(|()| RecordKey::Id(id)),
        (None, Some(name)) => Ok(RecordKey::Name(name.to_owned())),
        (None, None) => Err(Error::internal("A key is neither a number nor a name.")),
    }
}

/// The fields asked for, else the tool's own.
pub fn projection_or_default(
    situation: &PlanContext,
    entity: Entity,
    fields: &[String],
    shows: &[&str],
) -> Result<Projection, Error> {
    match fields {
        [] => Ok(Projection::fields(shows.iter().copied())),
        asked => parse_projection(situation.discovered, entity, asked),
    }
}

/// A write, before it is known what it needs: the settings are asked first.
pub struct WriteBuilder<'a> {
    learnt: &'a DiscoveredSchema,
    at: Address,
    admitted: WritePermit,
}

impl<'a> WriteBuilder<'a> {
    /// A write of records at an address.
    pub fn for_address(situation: &PlanContext<'a>, at: Address) -> Result<Self, Error> {
        let admitted = situation.policy.authorize(at.entity)?;
        Ok(Self { learnt: situation.discovered, at, admitted })
    }

    /// A write of records of an entity at their own place.
    pub fn for_entity(situation: &PlanContext<'a>, entity: Entity) -> Result<Self, Error> {
        Self::for_address(situation, Address::root(entity))
    }

    /// A create; the parent is the one of the address, or stands in the record.
    pub fn create(self, record: Record, allow_duplicate: Option<bool>) -> Result<Plan, Error> {
        let entity = self.at.entity;
        let parent = parent_ref(self.at, Verb::Create, &record)
            .map_err(|error| with_other_missing_fields(error, entity, &record))?;
        self.create_under(parent, record, allow_duplicate)
    }

    /// A create under a parent; the parent's id is repeated in the body.
    pub fn create_under(
        self,
        parent: ParentRef,
        mut record: Record,
        allow_duplicate: Option<bool>,
    ) -> Result<Plan, Error> {
        let child = self.at.entity.as_child().filter(|_| parent != ParentRef::None);
        let field = child.and_then(|child| child.parent_field);
        if let (ParentRef::Id(id), Some(field)) = (&parent, field) {
            check_id(child.and_then(|child| child.parent), *id)?;
            check_same_parent(field, *id, &record)?;
            record.set(field, (*id).into());
        }
        let record = validate::for_create(self.learnt, self.at.entity, &record)?;
        let lacks = validate::missing_fields(self.at.entity, &record, field);
        let duplicates = match allow_duplicate {
            Some(true) => Duplicates::Allow,
            _ => Duplicates::Reject,
        };
        let mut write = self.write(Change::Create(record), parent, duplicates);
        write.lacks = lacks;
        Ok(Plan::Write(write))
    }

    /// An update; the record holds the id. A parent's id that cannot change is no change: it tells
    /// the address.
    pub fn update(self, mut record: Record) -> Result<Plan, Error> {
        let entity = self.at.entity;
        let id = record.take("id").and_then(|id| id.as_i64()).ok_or_else(missing_id_error)?;
        check_id(Some(entity), id)?;
        let parent = parent_ref(self.at, Verb::Update, &record)?;
        let fixed = entity.as_child().and_then(|child| entity.field(child.parent_field?));
        if let Some(field) =
            fixed.filter(|field| parent != ParentRef::None && !field.read_only.is_no())
        {
            record.take(field.name);
            if record.is_empty() {
                return Err(parent_immutable_error(entity, field.name));
            }
        }
        let change =
            Change::Update(RecordKey::Id(id), validate::for_update(self.learnt, entity, &record)?);
        Ok(Plan::Write(self.write(change, parent, Duplicates::Allow)))
    }

    /// A delete.
    pub fn delete(self, id: i64) -> Result<Plan, Error> {
        check_id(Some(self.at.entity), id)?;
        let parent = parent_ref(self.at, Verb::Delete, &Record::new())?;
        let delete = Change::Delete(RecordKey::Id(id));
        Ok(Plan::Write(self.write(delete, parent, Duplicates::Allow)))
    }

    fn write(self, change: Change, parent: ParentRef, duplicates: Duplicates) -> Write {
        let (admitted, entity) = (self.admitted, self.at.entity);
        Write {
            admitted,
            change,
            entity,
            parent,
            lacks: Vec::new(),
            duplicates,
            warnings: Vec::new(),
            problem: None,
        }
    }
}

/// Whoever is asked for the parent hears of all else that is missing too.
fn with_other_missing_fields(error: Error, entity: Entity, record: &Record) -> Error {
    let parent = entity.as_child().and_then(|child| child.parent_field);
    let lacks = validate::missing_fields(entity, record, parent);
    match error.code() {
        Code::MissingField if !lacks.is_empty() => {
            error.also(&validate::missing_fields_message(entity, &lacks))
        }
        _ => error,
    }
}

fn check_same_parent(field: &str, id: i64, record: &Record) -> Result<(), Error> {
    match record.get(field).and_then(serde_json::Value::as_i64) {
        Some(other) if other != id => {
            let message = format!("The parent is {id}, but {field} is {other}.");
            Err(Error::new(Code::BadArgument, message)
                .accepts(format!("{field} and parentId alike, or one of them")))
        }
        _ => Ok(()),
    }
}

/// The refusal of a move to another parent, which no update makes.
fn parent_immutable_error(entity: Entity, field: &str) -> Error {
    let name = entity.singular();
    let message =
        format!("The update changes nothing: the {field} of a {name} is set on create only.");
    Error::new(Code::BadArgument, message)
        .accepts(format!("at least one field besides id and {field}"))
        .next(format!("A {name} stays where it was made: create a new one elsewhere."))
}

fn missing_id_error() -> Error {
    Error::new(Code::MissingField, "The id of the record is missing.").accepts("id")
}
