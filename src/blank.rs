//! What may stand in a blank of a prompt or a template: who may be told, what finds it by its beginning, in which order.

use std::cmp::Reverse;

use serde_json::{Map, Value};

use crate::filter::{Clause, Op};
use crate::names::look_up;
use crate::schema::Entity;
use crate::tools::Tool;

/// What fills a blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blank {
    /// An entity's name, which the schema knows.
    Entity,
    /// A company's name.
    Company,
    /// A contact's id, found by name.
    Contact,
    /// The name of somebody who can work, or their e-mail where that tells more.
    Resource,
    /// The number of an open ticket, found by its title too.
    Ticket,
}

/// A record as Autotask sends it.
type Fields = Map<String, Value>;

/// Nothing that fills a blank is longer.
pub const LONGEST: usize = 200;

impl Blank {
    /// The tool that tells the same; whoever may not call it is told nothing here.
    #[must_use]
    pub fn tool(self) -> Tool {
        match self {
            Self::Entity => Tool::DescribeEntityFields,
            Self::Company => Tool::SearchCompanies,
            Self::Contact => Tool::SearchContacts,
            Self::Resource => Tool::QueryEntity,
            Self::Ticket => Tool::SearchTickets,
        }
    }

    /// The entity whose records fill it; none where the schema knows all.
    #[must_use]
    pub fn entity(self) -> Option<Entity> {
        match self {
            Self::Entity => None,
            Self::Company => Some(Entity::Companies),
            Self::Contact => Some(Entity::Contacts),
            Self::Resource => Some(Entity::Resources),
            Self::Ticket => Some(Entity::Tickets),
        }
    }

    /// What a record must hold to be meant by a beginning; none where every record is.
    #[must_use]
    pub fn meant(self, beginning: &str) -> Option<Clause> {
        let test = |name: &str, op: Op, text: &str| {
            let field = self.entity()?.field(name)?;
            Some(Clause::test(field, op, text.into()))
        };
        let any = match self {
            _ if beginning.is_empty() => return None,
            Self::Entity => return None,
            Self::Contact | Self::Resource => {
                return Some(look_up::clauses(self.entity()?, beginning));
            }
            Self::Company => [
                test("companyName", Op::BeginsWith, beginning),
                test("companyName", Op::Contains, &format!(" {beginning}")),
            ],
            Self::Ticket => [
                test("ticketNumber", Op::BeginsWith, beginning),
                test("title", Op::Contains, beginning),
            ],
        };
        Some(Clause::Any(any.into_iter().flatten().collect()))
    }

    /// What else must hold: who does not say whom they mean, means those who are active.
    #[must_use]
    pub fn current(self, beginning: &str, closed: &[i64]) -> Option<Clause> {
        let test = |name: &str, op: Op, value: Value| {
            let field = self.entity()?.field(name)?;
            Some(Clause::test(field, op, value))
        };
        match self {
            Self::Entity => None,
            Self::Company | Self::Contact if !beginning.is_empty() => None,
            Self::Company | Self::Resource => test("isActive", Op::Eq, true.into()),
            Self::Contact => test("isActive", Op::Eq, 1.into()),
            Self::Ticket if closed.is_empty() => None,
            Self::Ticket => test("status", Op::NotIn, closed.into()),
        }
    }

    /// The fields that it takes to find and to order them.
    #[must_use]
    pub fn columns(self) -> Vec<&'static str> {
        match self {
            Self::Entity => Vec::new(),
            Self::Company => vec!["id", "companyName", "isActive"],
            Self::Contact => vec!["id", "firstName", "lastName", "emailAddress", "isActive"],
            Self::Resource => vec![
                "id",
                "firstName",
                "lastName",
                "email",
                "userName",
                "isActive",
                "licenseType",
            ],
            Self::Ticket => vec!["id", "ticketNumber", "title"],
        }
    }

    /// What to put into the blank, the likeliest first.
    #[must_use]
    pub fn values(self, records: &[Fields], beginning: &str) -> Vec<String> {
        let mut values = match self {
            Self::Entity => entities(beginning),
            Self::Ticket => tickets(records),
            Self::Company => people(Entity::Companies, records, beginning)
                .into_iter()
                .map(|one| one.name)
                .collect(),
            Self::Contact => people(Entity::Contacts, records, beginning)
                .into_iter()
                .map(|one| one.id.to_string())
                .collect(),
            Self::Resource => resources(records, beginning),
        };
        let mut seen = std::collections::HashSet::new();
        values.retain(|value| value.chars().count() <= LONGEST && seen.insert(value.clone()));
        values
    }
}

/// Names that begin so, then those that hold it, the shortest first: less of them was not typed.
fn entities(beginning: &str) -> Vec<String> {
    let wanted = beginning.trim().to_lowercase();
    let mut names: Vec<_> = Entity::holding(&wanted).map(Entity::name).collect();
    if !wanted.is_empty() {
        let begins = |name: &str| name.to_lowercase().starts_with(&wanted);
        names.sort_by_key(|name| (!begins(name), name.len()));
    }
    names.into_iter().map(str::to_owned).collect()
}

/// The newest first: ids are given in turn.
fn tickets(records: &[Fields]) -> Vec<String> {
    let mut records: Vec<_> = records.iter().collect();
    records.sort_by_key(|record| Reverse(record.get("id").and_then(Value::as_i64)));
    let numbers = records
        .into_iter()
        .filter_map(|record| text(record, "ticketNumber"));
    numbers.map(str::to_owned).collect()
}

/// Whoever has a name.
struct Named<'a> {
    id: i64,
    name: String,
    is_aside: bool,
    record: &'a Fields,
}

/// The active first, then those whose name begins so, each in the order of names.
fn people<'a>(entity: Entity, records: &'a [Fields], beginning: &str) -> Vec<Named<'a>> {
    let wanted = beginning.to_lowercase();
    let named = |record: &'a Fields| {
        Some(Named {
            id: record.get("id")?.as_i64()?,
            name: look_up::called(entity, record)?,
            is_aside: look_up::candidate(entity, record)?.aside.is_some(),
            record,
        })
    };
    let mut named: Vec<_> = records.iter().filter_map(named).collect();
    named.sort_by_cached_key(|one| {
        let name = one.name.to_lowercase();
        (one.is_aside, !name.starts_with(&wanted), name, one.id)
    });
    named
}

/// Nobody who left and no API user; the e-mail where a name is none alone, or where that was begun.
fn resources(records: &[Fields], beginning: &str) -> Vec<String> {
    let wanted = beginning.to_lowercase();
    let mut all = people(Entity::Resources, records, beginning);
    all.retain(|one| !one.is_aside);
    let value = |one: &Named| {
        let is_shared = all.iter().filter(|other| other.name == one.name).count() > 1;
        let email = text(one.record, "email");
        let begins = |email: &&str| email.to_lowercase().starts_with(&wanted);
        let is_named = one.name.to_lowercase().contains(&wanted);
        let told = email.filter(|email| is_shared || (!is_named && begins(email)));
        told.map_or_else(|| one.name.clone(), str::to_owned)
    };
    all.iter().map(value).collect()
}

fn text<'a>(record: &'a Fields, name: &str) -> Option<&'a str> {
    record.get(name)?.as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
