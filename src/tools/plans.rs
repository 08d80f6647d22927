//! The plans that several tools share.

use crate::address::{Address, check_id, parent_of};
use crate::body;
use crate::cursor;
use crate::error::{Code, Error};
use crate::filter::Clause;
use crate::plan::{
    Change, Duplicates, Echo, Get, Key, Parent, Plan, Read, Record, Search, Shown, Write,
};
use crate::query::shown;
use crate::schema::{Entity, Verb};

/// What a search says of its page.
pub struct Paging<'a> {
    pub max: Option<i64>,
    pub fields: &'a [String],
    pub cursor: &'a Option<String>,
}

const DEFAULT_PAGE: u16 = 50;

/// A search of a convenience tool.
pub fn search(
    entity: Entity,
    mut clauses: Vec<Clause>,
    page: &Paging,
    shows: &[&str],
) -> Result<Plan, Error> {
    if clauses.is_empty() {
        clauses.push(Clause::everything(entity)?);
    }
    crate::filter::check(&clauses)?;
    let at = Address::root(entity);
    let after = page
        .cursor
        .as_ref()
        .map(|text| cursor::read(text, at, &clauses))
        .transpose()?;
    let max = page
        .max
        .and_then(|max| u16::try_from(max).ok())
        .unwrap_or(DEFAULT_PAGE);
    let shown = shown_or(entity, page.fields, shows)?;
    Ok(Plan::Read(Read::Search(Search {
        at,
        clauses,
        max,
        shown,
        after,
        echo: Echo::Filter,
        warnings: Vec::new(),
    })))
}

/// One record of a convenience tool.
pub fn get(entity: Entity, id: i64, fields: &[String], shows: &[&str]) -> Result<Plan, Error> {
    check_id(Some(entity), id)?;
    let shown = shown_or(entity, fields, shows)?;
    let at = Address::root(entity);
    Ok(Plan::Read(Read::Get(Get {
        at,
        key: Key::Id(id),
        shown,
        include: Vec::new(),
        warnings: Vec::new(),
    })))
}

/// The fields asked for, else the tool's own.
pub fn shown_or(entity: Entity, fields: &[String], shows: &[&str]) -> Result<Shown, Error> {
    match fields {
        [] => Ok(Shown::Only(
            shows.iter().map(|&name| name.to_owned()).collect(),
        )),
        asked => shown(entity, asked),
    }
}

/// A create at the entity's own place.
pub fn create(
    entity: Entity,
    record: Record,
    allow_duplicate: Option<bool>,
) -> Result<Plan, Error> {
    create_at(Address::root(entity), record, allow_duplicate)
}

/// A create, perhaps under a parent that the caller named.
pub fn create_at(
    at: Address,
    record: Record,
    allow_duplicate: Option<bool>,
) -> Result<Plan, Error> {
    let parent = parent_of(at, Verb::Create, &record)?;
    create_under(at.entity, parent, record, allow_duplicate)
}

/// A create under a known parent; the parent's id is repeated in the body.
pub fn create_under(
    entity: Entity,
    parent: Parent,
    mut record: Record,
    allow_duplicate: Option<bool>,
) -> Result<Plan, Error> {
    let field = entity
        .as_child()
        .filter(|_| parent != Parent::None)
        .and_then(|child| child.parent_field);
    if let (Parent::Id(id), Some(field)) = (&parent, field) {
        check_id(entity.as_child().and_then(|child| child.parent), *id)?;
        agree(field, *id, &record)?;
        record.set(field, (*id).into());
    }
    let record = body::for_create(entity, &record, field)?;
    let duplicates = if allow_duplicate == Some(true) {
        Duplicates::Allow
    } else {
        Duplicates::Refuse
    };
    Ok(Plan::Write(Write {
        change: Change::Create(record),
        entity,
        parent,
        duplicates,
        warnings: Vec::new(),
    }))
}

fn agree(field: &str, id: i64, record: &Record) -> Result<(), Error> {
    match record.get(field).and_then(serde_json::Value::as_i64) {
        Some(other) if other != id => {
            let message = format!("The parent is {id}, but {field} is {other}.");
            Err(Error::new(Code::BadArgument, message)
                .accepts(format!("{field} and parentId alike, or one of them")))
        }
        _ => Ok(()),
    }
}

/// An update at the entity's own place; the record holds the id.
pub fn update(entity: Entity, record: Record) -> Result<Plan, Error> {
    update_at(Address::root(entity), record)
}

/// An update, perhaps under a parent that the caller named. A parent's id that cannot change is no
/// change: it tells the address.
pub fn update_at(at: Address, mut record: Record) -> Result<Plan, Error> {
    let entity = at.entity;
    let id = record.take("id").and_then(|id| id.as_i64());
    let id = id.ok_or_else(|| {
        Error::new(Code::MissingField, "The id of the record is missing.").accepts("id")
    })?;
    check_id(Some(entity), id)?;
    let parent = parent_of(at, Verb::Update, &record)?;
    let fixed = entity
        .as_child()
        .and_then(|child| entity.field(child.parent_field?));
    if let Some(field) = fixed.filter(|field| parent != Parent::None && !field.read_only.is_no()) {
        record.take(field.name);
    }
    let change = Change::Update(id, body::for_update(entity, &record)?);
    Ok(Plan::Write(Write {
        change,
        entity,
        parent,
        duplicates: Duplicates::Allow,
        warnings: Vec::new(),
    }))
}

/// A delete, perhaps under a parent that the caller named.
pub fn delete_at(at: Address, id: i64) -> Result<Plan, Error> {
    check_id(Some(at.entity), id)?;
    let parent = parent_of(at, Verb::Delete, &Record::new())?;
    let change = Change::Delete(id);
    Ok(Plan::Write(Write {
        change,
        entity: at.entity,
        parent,
        duplicates: Duplicates::Allow,
        warnings: Vec::new(),
    }))
}
