//! The address of records (an entity, perhaps under a parent) and the route that an action uses.

use serde_json::Value;

use crate::catalog::{Child, Entity, Field, SCHEMA_DATE, Verb, nearest, terms};
use crate::error::{Code, Error};
use crate::filter::{Condition, Op};
use crate::plan::RecordKey;
use crate::value::coerce::{abbreviated, as_integer, number_or_name};
use crate::value::record::Record;

/// A longer list of suggestions would not help.
const MAX_SUGGESTED_ENTITIES: usize = 5;

/// An entity, perhaps under one record of its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    pub entity: Entity,
    pub parent: Option<i64>,
}

/// How to search the records at an address.
#[derive(Debug, Clone, PartialEq)]
pub enum Route {
    /// `POST {path}`, with these clauses added.
    Query(String, Vec<Condition>),
    /// `GET {path}`; this program filters the records.
    List(String),
}

/// Where the id of a written record's parent comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParentRef {
    /// None is needed: the entity is written at its own root.
    None,
    Id(i64),
    /// The parent has this name in this field of the record.
    ByName(&'static Field, String),
    /// This field of the current record contains it.
    FromRecord(&'static str),
    /// The parent is the ticket with this number.
    TicketNumber(String),
}

impl Address {
    /// An entity at its own root.
    #[must_use]
    pub fn root(entity: Entity) -> Self {
        Self { entity, parent: None }
    }

    /// The address of an entity, or of a child by its short name under a parent.
    ///
    /// # Errors
    /// `unknown-entity` with the closest entities, or `bad-argument` if only one part of the parent is given.
    pub fn parse(entity: &str, parent: Option<&str>, id: Option<i64>) -> Result<Self, Error> {
        match (parent, id) {
            (None, None) => Ok(Self::root(find_entity(entity)?)),
            (Some(parent), Some(id)) => {
                let child = child_of(entity, parent)?;
                check_id(child.parent, id)?;
                Ok(Self { entity: child.entity, parent: Some(id) })
            }
            _ => Err(Error::new(Code::BadArgument, "parentEntity and parentId go together.")
                .accepts("both, such as Tickets and 8107, or neither")),
        }
    }

    /// How to search here.
    ///
    /// # Errors
    /// `not-allowed`, with an alternative.
    pub fn search(self) -> Result<Route, Error> {
        let name = self.entity.name();
        match (self.child_and_parent(), self.entity.root_supports(Verb::Query)) {
            (None, true) => Ok(Route::Query(name.into(), Vec::new())),
            (Some((child, id)), true) if field_of(child).is_some() => {
                let clause = field_of(child).map(|field| Condition::test(field, Op::Eq, id.into()));
                Ok(Route::Query(name.into(), clause.into_iter().collect()))
            }
            (Some((child, id)), _) if child.supports(Verb::List) => {
                Ok(Route::List(child_path(child, id)))
            }
            _ => Err(self.unsupported_error("searched")),
        }
    }

    /// The address of one record.
    ///
    /// # Errors
    /// `not-allowed`, with an alternative.
    pub fn get(self, id: i64) -> Result<String, Error> {
        match self.child_and_parent() {
            Some((child, parent)) if child.supports(Verb::Get) => {
                Ok(format!("{}/{id}", child_path(child, parent)))
            }
            _ if self.entity.root_supports(Verb::Get) => Ok(format!("{}/{id}", self.entity.name())),
            _ => Err(self.unsupported_error("read by id")),
        }
    }

    fn child_and_parent(self) -> Option<(&'static Child, i64)> {
        Some((self.entity.as_child()?, self.parent?))
    }

    fn unsupported_error(self, how: &str) -> Error {
        let name = self.entity.name();
        let error = Error::new(Code::NotAllowed, format!("{name} cannot be {how}."));
        match self.entity.as_child() {
            Some(child) if self.parent.is_none() && child.supports(Verb::List) => {
                error.next(format!("Give parentEntity {} and parentId.", child.parent_name()))
            }
            _ => error.next(format!("list-known-entities {{\"search\":\"{name}\",\"detail\":true}} shows what it supports.")),
        }
    }
}

/// A ticket number in Autotask's spelling, such as `T20260305.0011`: a `T`, a date, a dot and a count.
#[must_use]
pub fn ticket_number(text: &str) -> Option<String> {
    let number = text.trim();
    let (date, count) = number.strip_prefix(['T', 't'])?.split_once('.')?;
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_number = date.len() == 8 && is_digits(date) && is_digits(count);
    is_number.then(|| number.to_uppercase())
}

/// The record that an id, a ticket number or a name identifies.
///
/// # Errors
/// `bad-argument` for an id that no record of the entity can have, or a value that is not a key.
pub fn record_key(entity: Entity, value: &Value) -> Result<RecordKey, Error> {
    if let Some(id) = as_integer(value) {
        return check_id(Some(entity), id).map(|()| RecordKey::Id(id));
    }
    let is_ticket = entity == Entity::Tickets;
    let number = value.as_str().filter(|_| is_ticket).and_then(ticket_number);
    let name = || number_or_name(value)?.as_str().map(str::to_owned);
    match number.map(RecordKey::Number).or_else(|| name().map(RecordKey::Name)) {
        Some(key) => Ok(key),
        None => {
            Err(Error::new(Code::BadArgument, format!("The id cannot be {}.", abbreviated(value)))
                .accepts("an id, a name or a ticket number"))
        }
    }
}

impl ParentRef {
    /// The parent of a child by its name or ticket number.
    ///
    /// # Errors
    /// `bad-argument` if only an id can identify the parent.
    pub fn named(child: &Child, name: &str) -> Result<Self, Error> {
        match (child.parent, ticket_number(name), field_of(child)) {
            (Some(Entity::Tickets), Some(number), _) => Ok(Self::TicketNumber(number)),
            (_, _, Some(field)) if field.has_names() => Ok(Self::ByName(field, name.to_owned())),
            _ => Err(Error::new(
                Code::BadArgument,
                format!("The parent of {} is identified by its id only.", child.entity.name()),
            )
            .accepts("parentId: a whole number, such as 8107")),
        }
    }
}

/// The path of the collection that a record is written to: at its own root, or under its parent.
///
/// # Errors
/// `missing-field`, naming the field of the parent's id.
pub fn collection_path(entity: Entity, parent: Option<i64>) -> Result<String, Error> {
    match (entity.as_child(), parent) {
        (Some(child), Some(id)) => Ok(child_path(child, id)),
        (_, None) => Ok(entity.name().to_owned()),
        (None, Some(_)) => Err(Error::internal(format!("{} has no parent.", entity.name()))),
    }
}

/// Where the id of a write's parent comes from: the caller, the record, or a look-up.
///
/// # Errors
/// `not-allowed` if the schema denies the verb, `missing-field` if the parent is unknown.
pub fn parent_ref(at: Address, verb: Verb, record: &Record) -> Result<ParentRef, Error> {
    let Some(child) = at.entity.as_child().filter(|child| child.supports(verb)) else {
        return if at.entity.root_supports(verb) {
            Ok(ParentRef::None)
        } else {
            Err(verb_denied_error(at.entity, verb))
        };
    };
    if let Some(id) = at.parent {
        return Ok(ParentRef::Id(id));
    }
    let parent_value = child.parent_field.and_then(|field| record.get(field));
    let number = parent_value.and_then(Value::as_str).and_then(ticket_number);
    if let (Some(Entity::Tickets), Some(number)) = (child.parent, number) {
        return Ok(ParentRef::TicketNumber(number));
    }
    if let (Some(field), Some(name)) = (field_of(child), parent_value.and_then(Value::as_str)) {
        return Ok(ParentRef::ByName(field, name.to_owned()));
    }
    match (parent_value.and_then(Value::as_i64), child.parent_field) {
        (Some(id), _) => Ok(ParentRef::Id(id)),
        (None, _) if at.entity.root_supports(verb) => Ok(ParentRef::None),
        (None, Some(field)) if verb != Verb::Create && at.entity.root_supports(Verb::Get) => {
            Ok(ParentRef::FromRecord(field))
        }
        (None, field) => Err(missing_parent_error(child, field)),
    }
}

fn missing_parent_error(child: &Child, field: Option<&str>) -> Error {
    let (name, parent) = (child.entity.name(), child.parent_name());
    let message = match field {
        Some(field) => format!("{name} are written under their {parent}: {field} is missing."),
        None => format!(
            "{name} are written under their {parent}: parentEntity and parentId are missing."
        ),
    };
    let field = field.map(|field| format!("{field} among the fields, or ")).unwrap_or_default();
    Error::new(Code::MissingField, message)
        .accepts(format!("{field}parentEntity {parent} with parentId"))
}

fn verb_denied_error(entity: Entity, verb: Verb) -> Error {
    let (name, done) = match verb {
        Verb::Create => (entity.name(), "created"),
        Verb::Update => (entity.name(), "changed"),
        Verb::Delete => (entity.name(), "deleted"),
        Verb::Query | Verb::List | Verb::Get => (entity.name(), "read"),
    };
    Error::new(Code::NotAllowed, format!("{name} cannot be {done} through the Autotask API."))
        .next("It is possible in the Autotask UI only.")
}

/// Whether an entity supports a verb at its root or under its parent.
#[must_use]
pub fn supports(entity: Entity, verb: Verb) -> bool {
    entity.root_supports(verb) || entity.as_child().is_some_and(|child| child.supports(verb))
}

fn child_path(child: &Child, parent: i64) -> String {
    format!("{}/{parent}/{}", child.segment, child.name)
}

fn field_of(child: &Child) -> Option<&'static Field> {
    child.entity.field(child.parent_field?)
}

/// Only Companies have a record 0: the tenant itself.
///
/// # Errors
/// `bad-argument` for any other entity.
pub fn check_id(entity: Option<Entity>, id: i64) -> Result<(), Error> {
    if id > 0 || entity == Some(Entity::Companies) {
        return Ok(());
    }
    let name = entity.map_or("these records", Entity::name);
    Err(Error::new(Code::BadArgument, format!("No record of {name} has the id {id}."))
        .accepts("a whole number from 1; only Companies have a record 0"))
}

/// The entity of a name.
///
/// # Errors
/// `unknown-entity`, with the closest entities, or with the parents of a short name.
pub fn find_entity(name: &str) -> Result<Entity, Error> {
    Entity::find(name).ok_or_else(|| unknown_entity_error(name))
}

/// The error for an entity that does not exist, with the closest ones, or with the parents of a short name.
#[must_use]
pub fn unknown_entity_error(name: &str) -> Error {
    let excerpt: String = name.chars().take(60).collect();
    let error = Error::new(Code::UnknownEntity, format!("Autotask has no entity {excerpt:?}."));
    let parents: Vec<_> =
        Child::all().iter().filter(|c| is_called(c, name)).map(Child::parent_name).collect();
    if !parents.is_empty() {
        let parents = parents.join(", ");
        return error
            .accepts(format!("{excerpt} with parentEntity and parentId; parents are {parents}"));
    }
    if let Some(unavailable) = terms::find_unavailable(name) {
        return error.also(unavailable.message).next(unavailable.instead);
    }
    let mut meaning = terms::exact_meaning(name);
    for close in nearest(name, Entity::ALL.into_iter().map(Entity::name)) {
        let close = Entity::find(close).filter(|entity| !meaning.entities.contains(entity));
        meaning.entities.extend(close);
    }
    if meaning.entities.is_empty() && meaning.fields.is_empty() {
        meaning = terms::meaning(name);
        meaning.entities.truncate(MAX_SUGGESTED_ENTITIES);
    }
    let error = match meaning.fields_sentence(name) {
        Some(sentence) => error.also(&sentence),
        None => error,
    };
    let names: Vec<_> = meaning.entities.iter().map(|entity| entity.name()).collect();
    let field = meaning.fields.first().and_then(|field| field.split_once('.'));
    match (names.as_slice(), field) {
        ([], Some((entity, field))) => error.accepts(meaning.fields.join(", ")).next(format!(
            "describe-entity-fields {{\"entity\":\"{entity}\",\"field\":\"{field}\"}}"
        )),
        ([], None) => error.also(&format!("The built-in schema is of {SCHEMA_DATE}.")).next(
            "list-known-entities {} lists all; an update of this server may know newer ones.",
        ),
        (names, _) => error.accepts(names.join(", ")).next("list-known-entities {} lists all."),
    }
}

/// The child that a full or short name means under a parent.
///
/// # Errors
/// `unknown-entity`, with the existing children.
pub fn child_of(name: &str, parent: &str) -> Result<&'static Child, Error> {
    let is_parent = |child: &&Child| match child.parent {
        Some(entity) => {
            Entity::find(parent) == Some(entity) || parent.eq_ignore_ascii_case(child.segment)
        }
        None => parent.eq_ignore_ascii_case(child.segment),
    };
    let children: Vec<_> = Child::all().iter().filter(is_parent).collect();
    if children.is_empty() {
        find_entity(parent)?;
    }
    let named =
        |child: &&&Child| Entity::find(name) == Some(child.entity) || is_called(child, name);
    children.iter().find(named).copied().ok_or_else(|| {
        let names: Vec<_> = children.iter().map(|child| child.name).collect();
        let accepted = if names.is_empty() {
            "nothing: it has no children".to_owned()
        } else {
            names.join(", ")
        };
        let excerpt: String = name.chars().take(60).collect();
        Error::new(Code::UnknownEntity, format!("{parent} has no child {excerpt:?}."))
            .accepts(accepted)
    })
}

/// Short names are accepted in the singular too.
fn is_called(child: &Child, name: &str) -> bool {
    let singular = child.name.strip_suffix('s').unwrap_or(child.name);
    name.eq_ignore_ascii_case(child.name) || name.eq_ignore_ascii_case(singular)
}
