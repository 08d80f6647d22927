//! Completion values, the most likely first: names that identify one record, or ids.

use std::cmp::Reverse;

use serde_json::Value;

use super::{CompletionTarget, MAX_PREFIX_CHARS};
use crate::catalog::Entity;
use crate::resolver::name_search;
use crate::text::sanitize;
use crate::value::record::RecordFields;

impl CompletionTarget {
    /// The values for these records, the most likely first.
    #[must_use]
    pub fn values(self, records: &[RecordFields], prefix: &str) -> Vec<CompletionValue> {
        match self {
            Self::Entity => entities(prefix),
            Self::Ticket => tickets(records),
            Self::Company => companies(records, prefix),
            Self::Contact => people(Entity::Contacts, records, prefix)
                .iter()
                .map(|candidate| candidate.value(None))
                .collect(),
            Self::Resource => resources(records, prefix),
        }
    }
}

/// A value to complete an argument with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletionValue {
    /// The name, if it identifies the record.
    text: Option<String>,
    id: Option<i64>,
}

impl CompletionValue {
    /// The name if it is allowed and round-trips, or the id.
    #[must_use]
    pub fn value(self, is_allowed: impl Fn(&str) -> bool) -> Option<String> {
        let text = self.text.filter(|text| round_trips(text) && is_allowed(text));
        text.or_else(|| self.id.map(|id| id.to_string()))
    }
}

/// Whether an argument with this name finds the same record: a number would be an id, and hidden characters are removed.
fn round_trips(name: &str) -> bool {
    let spaced = name.split_whitespace().collect::<Vec<_>>().join(" ");
    name.parse::<i64>().is_err()
        && name.chars().count() <= MAX_PREFIX_CHARS
        && sanitize::single_line(&spaced) == name
}

/// Entities whose names start with the prefix, then those that contain it, each with the shortest first.
fn entities(prefix: &str) -> Vec<CompletionValue> {
    let lower_prefix = prefix.to_lowercase();
    let mut names: Vec<_> = Entity::ALL.into_iter().map(Entity::name).collect();
    names.retain(|name| name.to_lowercase().contains(lower_prefix.trim()));
    if !lower_prefix.is_empty() {
        let begins = |name: &str| name.to_lowercase().starts_with(&lower_prefix);
        names.sort_by_key(|name| (!begins(name), name.len()));
    }
    let value = |name: &str| CompletionValue { text: Some(name.to_owned()), id: None };
    names.into_iter().map(value).collect()
}

/// Tickets, the newest first: ids ascend.
fn tickets(records: &[RecordFields]) -> Vec<CompletionValue> {
    let mut records: Vec<_> = records.iter().collect();
    records.sort_by_key(|record| Reverse(record.get("id").and_then(Value::as_i64)));
    let value = |record: &RecordFields| CompletionValue {
        text: text(record, "ticketNumber").map(str::to_owned),
        id: record.get("id").and_then(Value::as_i64),
    };
    records.into_iter().map(value).collect()
}

/// A record with a name.
struct NamedRecord<'a> {
    id: i64,
    name: String,
    is_inactive: bool,
    record: &'a RecordFields,
}

/// Sorts active records first, then those whose name has this prefix, then by name.
fn people<'a>(entity: Entity, records: &'a [RecordFields], prefix: &str) -> Vec<NamedRecord<'a>> {
    let lower_prefix = prefix.to_lowercase();
    let named = |record: &'a RecordFields| {
        Some(NamedRecord {
            id: record.get("id")?.as_i64()?,
            name: name_search::display_name(entity, record)?,
            is_inactive: name_search::candidate(entity, record)?.caveat.is_some(),
            record,
        })
    };
    let mut named: Vec<_> = records.iter().filter_map(named).collect();
    named.sort_by_cached_key(|one| {
        let name = one.name.to_lowercase();
        (one.is_inactive, !name.starts_with(&lower_prefix), name, one.id)
    });
    named
}

impl NamedRecord<'_> {
    fn value(&self, text: Option<&str>) -> CompletionValue {
        CompletionValue { text: text.map(str::to_owned), id: Some(self.id) }
    }
}

/// Companies by name if it is unique, or by id.
fn companies(records: &[RecordFields], prefix: &str) -> Vec<CompletionValue> {
    let all = people(Entity::Companies, records, prefix);
    let name = |candidate: &NamedRecord| Some(candidate.name.to_lowercase());
    let value = |candidate: &NamedRecord| {
        let stored = text(candidate.record, "companyName");
        candidate.value(stored.filter(|_| is_unique(candidate, &all, name)))
    };
    all.iter().map(value).collect()
}

/// Active people without API users, by name if it matches and is unique, or by e-mail address.
fn resources(records: &[RecordFields], prefix: &str) -> Vec<CompletionValue> {
    let lower_prefix = prefix.to_lowercase();
    let mut all = people(Entity::Resources, records, prefix);
    all.retain(|candidate| !candidate.is_inactive);
    let name = |candidate: &NamedRecord| Some(candidate.name.to_lowercase());
    let email = |candidate: &NamedRecord| Some(text(candidate.record, "email")?.to_lowercase());
    let value = |candidate: &NamedRecord| {
        let is_named = candidate.name.to_lowercase().contains(&lower_prefix)
            && is_unique(candidate, &all, name);
        let email = text(candidate.record, "email").filter(|_| is_unique(candidate, &all, email));
        candidate.value(if is_named { Some(&candidate.name) } else { email })
    };
    all.iter().map(value).collect()
}

/// Whether no other record has the same value.
fn is_unique(
    candidate: &NamedRecord,
    all: &[NamedRecord],
    key: impl Fn(&NamedRecord) -> Option<String>,
) -> bool {
    let own_key = key(candidate);
    all.iter().filter(|other| key(other) == own_key).count() == 1
}

fn text<'a>(record: &'a RecordFields, name: &str) -> Option<&'a str> {
    record.get(name)?.as_str().filter(|text| !text.is_empty())
}
