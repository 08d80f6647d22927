//! What may stand in a blank of a prompt or a template: who may be told, what finds it by its beginning, in which order.

use std::cmp::Reverse;

use serde_json::{Map, Value};

use crate::clean;
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

/// What stands before the words of a company's name, but for the first.
const BEFORE_WORDS: [&str; 4] = [" ", "-", "(", "/"];
/// Where more tickets fit than one look reads, those of so many days are looked for too.
const RECENT_DAYS: [i64; 2] = [7, 1];

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
            Self::Company => {
                let within = BEFORE_WORDS.map(|before| format!("{before}{beginning}"));
                let within = within.map(|within| test("companyName", Op::Contains, &within));
                let begun = test("companyName", Op::BeginsWith, beginning);
                [begun].into_iter().chain(within).collect()
            }
            Self::Ticket => vec![
                test("ticketNumber", Op::BeginsWith, beginning),
                test("title", Op::Contains, beginning),
            ],
        };
        let any: Vec<_> = any;
        Some(Clause::Any(any.into_iter().flatten().collect()))
    }

    /// What more of them must hold, one condition after the other, where more are meant than one look reads.
    #[must_use]
    pub fn nearer(self, beginning: &str, days: impl Fn(i64) -> Option<String>) -> Vec<Clause> {
        let test = |name: &str, op: Op, text: &str| {
            let field = self.entity()?.field(name)?;
            Some(Clause::test(field, op, text.into()))
        };
        let since = |back| test("createDate", Op::Gte, &days(back)?);
        let nearer = match self {
            Self::Ticket if is_number_begun(beginning) => {
                vec![test("ticketNumber", Op::BeginsWith, beginning)]
            }
            Self::Ticket => RECENT_DAYS.map(since).into(),
            _ if beginning.is_empty() => Vec::new(),
            Self::Company => vec![test("companyName", Op::BeginsWith, beginning)],
            Self::Contact | Self::Resource => {
                let exactly = |entity| look_up::exactly(entity, beginning);
                vec![self.entity().map(exactly)]
            }
            Self::Entity => Vec::new(),
        };
        nearer.into_iter().flatten().collect()
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
    pub fn fillings(self, records: &[Fields], beginning: &str) -> Vec<Filling> {
        match self {
            Self::Entity => entities(beginning),
            Self::Ticket => tickets(records),
            Self::Company => companies(records, beginning),
            Self::Contact => people(Entity::Contacts, records, beginning)
                .iter()
                .map(|one| one.filling(None))
                .collect(),
            Self::Resource => resources(records, beginning),
        }
    }
}

/// What may fill a blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filling {
    /// What it is called, where that leads back to it alone.
    text: Option<String>,
    id: Option<i64>,
}

impl Filling {
    /// What it is called, if that may be told and reads back as it is written; else the id.
    #[must_use]
    pub fn value(self, may_be_told: impl Fn(&str) -> bool) -> Option<String> {
        let text = self
            .text
            .filter(|text| reads_back(text) && may_be_told(text));
        text.or_else(|| self.id.map(|id| id.to_string()))
    }
}

/// Whether a name is found again by what is shown of it: a number would be an id, and hidden characters are taken out.
fn reads_back(name: &str) -> bool {
    let spaced = name.split_whitespace().collect::<Vec<_>>().join(" ");
    name.parse::<i64>().is_err() && name.chars().count() <= LONGEST && clean::line(&spaced) == name
}

/// Whether this is more than the beginning of every ticket's number.
fn is_number_begun(beginning: &str) -> bool {
    let day = beginning.strip_prefix(['T', 't']).unwrap_or_default();
    day.len() >= 8 && day.starts_with(|c: char| c.is_ascii_digit())
}

/// Names that begin so, then those that hold it, the shortest first: less of them was not typed.
fn entities(beginning: &str) -> Vec<Filling> {
    let wanted = beginning.trim().to_lowercase();
    let mut names: Vec<_> = Entity::holding(&wanted).map(Entity::name).collect();
    if !wanted.is_empty() {
        let begins = |name: &str| name.to_lowercase().starts_with(&wanted);
        names.sort_by_key(|name| (!begins(name), name.len()));
    }
    let filling = |name: &str| Filling {
        text: Some(name.to_owned()),
        id: None,
    };
    names.into_iter().map(filling).collect()
}

/// The newest first: ids are given in turn.
fn tickets(records: &[Fields]) -> Vec<Filling> {
    let mut records: Vec<_> = records.iter().collect();
    records.sort_by_key(|record| Reverse(record.get("id").and_then(Value::as_i64)));
    let filling = |record: &Fields| Filling {
        text: text(record, "ticketNumber").map(str::to_owned),
        id: record.get("id").and_then(Value::as_i64),
    };
    records.into_iter().map(filling).collect()
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

impl Named<'_> {
    fn filling(&self, text: Option<&str>) -> Filling {
        Filling {
            text: text.map(str::to_owned),
            id: Some(self.id),
        }
    }
}

/// By name, where nobody else has it.
fn companies(records: &[Fields], beginning: &str) -> Vec<Filling> {
    let all = people(Entity::Companies, records, beginning);
    let name = |one: &Named| Some(one.name.to_lowercase());
    let filling = |one: &Named| {
        let stored = text(one.record, "companyName");
        one.filling(stored.filter(|_| is_alone(one, &all, name)))
    };
    all.iter().map(filling).collect()
}

/// Nobody who left and no API user. By name, where it was begun and nobody else has it; else by e-mail.
fn resources(records: &[Fields], beginning: &str) -> Vec<Filling> {
    let wanted = beginning.to_lowercase();
    let mut all = people(Entity::Resources, records, beginning);
    all.retain(|one| !one.is_aside);
    let name = |one: &Named| Some(one.name.to_lowercase());
    let email = |one: &Named| Some(text(one.record, "email")?.to_lowercase());
    let filling = |one: &Named| {
        let is_named = one.name.to_lowercase().contains(&wanted) && is_alone(one, &all, name);
        let email = text(one.record, "email").filter(|_| is_alone(one, &all, email));
        one.filling(if is_named { Some(&one.name) } else { email })
    };
    all.iter().map(filling).collect()
}

/// Whether nobody else has the same.
fn is_alone(one: &Named, all: &[Named], of: impl Fn(&Named) -> Option<String>) -> bool {
    let own = of(one);
    all.iter().filter(|other| of(other) == own).count() == 1
}

fn text<'a>(record: &'a Fields, name: &str) -> Option<&'a str> {
    record.get(name)?.as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
