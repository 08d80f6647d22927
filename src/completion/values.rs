//! What is put into a blank: names where they lead back to one record, ids where they do not, the likeliest first.

use std::cmp::Reverse;

use serde_json::Value;

use super::{CompletionTarget, MAX_PREFIX_CHARS, MatchedFields};
use crate::catalog::Entity;
use crate::resolver::name_search;
use crate::text::sanitize;

impl CompletionTarget {
    /// What to put into the blank, the likeliest first.
    #[must_use]
    pub fn values(self, records: &[MatchedFields], beginning: &str) -> Vec<CompletionValue> {
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
pub struct CompletionValue {
    /// What it is called, where that leads back to it alone.
    text: Option<String>,
    id: Option<i64>,
}

impl CompletionValue {
    /// What it is called, if that may be told and reads back as it is written; else the id.
    #[must_use]
    pub fn value(self, may_be_told: impl Fn(&str) -> bool) -> Option<String> {
        let text = self.text.filter(|text| round_trips(text) && may_be_told(text));
        text.or_else(|| self.id.map(|id| id.to_string()))
    }
}

/// Whether a name is found again by what is shown of it: a number would be an id, and hidden characters are taken out.
fn round_trips(name: &str) -> bool {
    let spaced = name.split_whitespace().collect::<Vec<_>>().join(" ");
    name.parse::<i64>().is_err()
        && name.chars().count() <= MAX_PREFIX_CHARS
        && sanitize::single_line(&spaced) == name
}

/// Names that begin so, then those that hold it, the shortest first: less of them was not typed.
fn entities(beginning: &str) -> Vec<CompletionValue> {
    let wanted = beginning.to_lowercase();
    let mut names: Vec<_> = Entity::containing(beginning).map(Entity::name).collect();
    if !wanted.is_empty() {
        let begins = |name: &str| name.to_lowercase().starts_with(&wanted);
        names.sort_by_key(|name| (!begins(name), name.len()));
    }
    let filling = |name: &str| CompletionValue { text: Some(name.to_owned()), id: None };
    names.into_iter().map(filling).collect()
}

/// The newest first: ids are given in turn.
fn tickets(records: &[MatchedFields]) -> Vec<CompletionValue> {
    let mut records: Vec<_> = records.iter().collect();
    records.sort_by_key(|record| Reverse(record.get("id").and_then(Value::as_i64)));
    let filling = |record: &MatchedFields| CompletionValue {
        text: text(record, "ticketNumber").map(str::to_owned),
        id: record.get("id").and_then(Value::as_i64),
    };
    records.into_iter().map(filling).collect()
}

/// Whoever has a name.
struct NamedRecord<'a> {
    id: i64,
    name: String,
    is_aside: bool,
    record: &'a MatchedFields,
}

/// The active first, then those whose name begins so, each in the order of names.
fn people<'a>(
    entity: Entity,
    records: &'a [MatchedFields],
    beginning: &str,
) -> Vec<NamedRecord<'a>> {
    let wanted = beginning.to_lowercase();
    let named = |record: &'a MatchedFields| {
        Some(NamedRecord {
            id: record.get("id")?.as_i64()?,
            name: name_search::display_name(entity, record)?,
            is_aside: name_search::candidate(entity, record)?.aside.is_some(),
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

impl NamedRecord<'_> {
    fn filling(&self, text: Option<&str>) -> CompletionValue {
        CompletionValue { text: text.map(str::to_owned), id: Some(self.id) }
    }
}

/// By name, where nobody else has it.
fn companies(records: &[MatchedFields], beginning: &str) -> Vec<CompletionValue> {
    let all = people(Entity::Companies, records, beginning);
    let name = |one: &NamedRecord| Some(one.name.to_lowercase());
    let filling = |one: &NamedRecord| {
        let stored = text(one.record, "companyName");
        one.filling(stored.filter(|_| is_unique(one, &all, name)))
    };
    all.iter().map(filling).collect()
}

/// Nobody who left and no API user. By name, where it was begun and nobody else has it; else by e-mail.
fn resources(records: &[MatchedFields], beginning: &str) -> Vec<CompletionValue> {
    let wanted = beginning.to_lowercase();
    let mut all = people(Entity::Resources, records, beginning);
    all.retain(|one| !one.is_aside);
    let name = |one: &NamedRecord| Some(one.name.to_lowercase());
    let email = |one: &NamedRecord| Some(text(one.record, "email")?.to_lowercase());
    let filling = |one: &NamedRecord| {
        let is_named = one.name.to_lowercase().contains(&wanted) && is_unique(one, &all, name);
        let email = text(one.record, "email").filter(|_| is_unique(one, &all, email));
        one.filling(if is_named { Some(&one.name) } else { email })
    };
    all.iter().map(filling).collect()
}

/// Whether nobody else has the same.
fn is_unique(
    one: &NamedRecord,
    all: &[NamedRecord],
    of: impl Fn(&NamedRecord) -> Option<String>,
) -> bool {
    let own = of(one);
    all.iter().filter(|other| of(other) == own).count() == 1
}

fn text<'a>(record: &'a MatchedFields, name: &str) -> Option<&'a str> {
    record.get(name)?.as_str().filter(|text| !text.is_empty())
}
