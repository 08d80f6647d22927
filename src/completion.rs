//! Completion of the arguments of prompts and templates: who may complete what, and the filters for a prefix.

mod search;
mod values;

use serde_json::Value;

use crate::catalog::Entity;
use crate::filter::{Condition, Op};
use crate::resolver::name_search;
use crate::tools::Tool;
pub use search::{CompletionSearch, PrefixMatches};
pub use values::CompletionValue;

/// The kind of values that complete an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompletionTarget {
    /// An entity's name, from the schema.
    Entity,
    /// A company's name.
    Company,
    /// A contact's id, found by name.
    Contact,
    /// The name of a person who can work, or the e-mail address if that is clearer.
    Resource,
    /// The number of an open ticket, also found by its title.
    Ticket,
}

/// Characters before a word in a company's name.
const WORD_SEPARATORS: [&str; 4] = [" ", "-", "(", "/"];
/// If too many tickets match, those created in this many last days are searched too.
const RECENT_DAYS: [i64; 2] = [7, 1];

/// No completion value has more characters.
pub const MAX_PREFIX_CHARS: usize = 200;

impl CompletionTarget {
    /// The tool that returns the same data; callers who may not use it get no completion.
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

    /// The entity whose records are searched; none if the schema lists all values.
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

    /// The filter for a prefix; none if every record matches.
    #[must_use]
    pub fn prefix_filter(self, prefix: &str) -> Option<Condition> {
        let any: Vec<_> = match self {
            _ if prefix.is_empty() => return None,
            Self::Entity => return None,
            Self::Contact | Self::Resource => {
                return Some(name_search::name_filter(self.entity()?, prefix));
            }
            Self::Company => {
                let words = WORD_SEPARATORS.map(|separator| format!("{separator}{prefix}"));
                let words = words.map(|word| self.test("companyName", Op::Contains, word));
                let first = self.test("companyName", Op::BeginsWith, prefix);
                [first].into_iter().chain(words).collect()
            }
            Self::Ticket => vec![
                self.test("ticketNumber", Op::BeginsWith, prefix),
                self.test("title", Op::Contains, prefix),
            ],
        };
        Some(Condition::Or(any.into_iter().flatten().collect()))
    }

    /// Filters that narrow the search one after another if too many records match.
    #[must_use]
    pub fn narrowing_filters(
        self,
        prefix: &str,
        date_days_ago: impl Fn(i64) -> Option<String>,
    ) -> Vec<Condition> {
        let since = |days| self.test("createDate", Op::Gte, date_days_ago(days)?);
        let filters = match self {
            Self::Ticket if is_ticket_number_prefix(prefix) => {
                vec![self.test("ticketNumber", Op::BeginsWith, prefix)]
            }
            Self::Ticket => RECENT_DAYS.map(since).into(),
            _ if prefix.is_empty() => Vec::new(),
            Self::Company => vec![self.test("companyName", Op::BeginsWith, prefix)],
            Self::Contact | Self::Resource => {
                let exactly = |entity| name_search::exact_name_filter(entity, prefix);
                vec![self.entity().map(exactly)]
            }
            Self::Entity => Vec::new(),
        };
        filters.into_iter().flatten().collect()
    }

    /// The filter for active or open records, unless the prefix is a specific record's.
    #[must_use]
    pub fn active_filter(self, prefix: &str, closed: &[i64]) -> Option<Condition> {
        match self {
            Self::Entity => None,
            Self::Company | Self::Contact if !prefix.is_empty() => None,
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

    /// The fields needed to match and sort the records.
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

/// Whether a prefix is longer than the prefix that all ticket numbers share.
fn is_ticket_number_prefix(prefix: &str) -> bool {
    let day = prefix.strip_prefix(['T', 't']).unwrap_or_default();
    day.len() >= 8 && day.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests;
