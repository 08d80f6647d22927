//! What may stand in a blank of a prompt or a template: who may be told, and what finds it by its beginning.

mod values;

use serde_json::{Map, Value};

use crate::catalog::Entity;
use crate::filter::{Condition, Op};
use crate::resolver::name_search;
use crate::tools::Tool;
pub use values::CompletionValue;

/// What fills a blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompletionTarget {
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
type MatchedFields = Map<String, Value>;

/// What stands before the words of a company's name, but for the first.
const WORD_SEPARATORS: [&str; 4] = [" ", "-", "(", "/"];
/// Where more tickets fit than one look reads, those of so many days are looked for too.
const RECENT_DAYS: [i64; 2] = [7, 1];

/// Nothing that fills a blank is longer.
pub const MAX_PREFIX_CHARS: usize = 200;

impl CompletionTarget {
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
    pub fn prefix_filter(self, beginning: &str) -> Option<Condition> {
        let any: Vec<_> = match self {
            _ if beginning.is_empty() => return None,
            Self::Entity => return None,
            Self::Contact | Self::Resource => {
                return Some(name_search::name_filter(self.entity()?, beginning));
            }
            Self::Company => {
                let within = WORD_SEPARATORS.map(|before| format!("{before}{beginning}"));
                let within = within.map(|within| self.test("companyName", Op::Contains, within));
                let begun = self.test("companyName", Op::BeginsWith, beginning);
                [begun].into_iter().chain(within).collect()
            }
            Self::Ticket => vec![
                self.test("ticketNumber", Op::BeginsWith, beginning),
                self.test("title", Op::Contains, beginning),
            ],
        };
        Some(Condition::Or(any.into_iter().flatten().collect()))
    }

    /// What more of them must hold, one condition after the other, where more are meant than one look reads.
    #[must_use]
    pub fn narrowing_filters(
        self,
        beginning: &str,
        days: impl Fn(i64) -> Option<String>,
    ) -> Vec<Condition> {
        let since = |back| self.test("createDate", Op::Gte, days(back)?);
        let nearer = match self {
            Self::Ticket if is_ticket_number_prefix(beginning) => {
                vec![self.test("ticketNumber", Op::BeginsWith, beginning)]
            }
            Self::Ticket => RECENT_DAYS.map(since).into(),
            _ if beginning.is_empty() => Vec::new(),
            Self::Company => vec![self.test("companyName", Op::BeginsWith, beginning)],
            Self::Contact | Self::Resource => {
                let exactly = |entity| name_search::exact_name_filter(entity, beginning);
                vec![self.entity().map(exactly)]
            }
            Self::Entity => Vec::new(),
        };
        nearer.into_iter().flatten().collect()
    }

    /// What else must hold: who does not say whom they mean, means those who are active.
    #[must_use]
    pub fn active_filter(self, beginning: &str, closed: &[i64]) -> Option<Condition> {
        match self {
            Self::Entity => None,
            Self::Company | Self::Contact if !beginning.is_empty() => None,
            Self::Company | Self::Resource => self.test("isActive", Op::Eq, true),
            Self::Contact => self.test("isActive", Op::Eq, 1),
            Self::Ticket if closed.is_empty() => None,
            Self::Ticket => self.test("status", Op::NotIn, closed),
        }
    }

    fn test(self, name: &str, op: Op, value: impl Into<Value>) -> Option<Condition> {
        let field = self.entity()?.field(name)?;
        Some(Condition::test(field, op, value.into()))
    }

    /// The fields that it takes to find and to order them.
    #[must_use]
    pub fn columns(self) -> Vec<&'static str> {
        match self {
            Self::Entity => Vec::new(),
            Self::Company => vec!["id", "companyName", "isActive"],
            Self::Contact => vec!["id", "firstName", "lastName", "emailAddress", "isActive"],
            Self::Resource => {
                vec!["id", "firstName", "lastName", "email", "userName", "isActive", "licenseType"]
            }
            Self::Ticket => vec!["id", "ticketNumber", "title"],
        }
    }
}

/// Whether this is more than the beginning of every ticket's number.
fn is_ticket_number_prefix(beginning: &str) -> bool {
    let day = beginning.strip_prefix(['T', 't']).unwrap_or_default();
    day.len() >= 8 && day.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests;
