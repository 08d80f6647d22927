//! When nobody knows whether a write happened: the call that would show it, made once here too.

mod report;

use std::time::Duration;

use jiff::{Timestamp, Unit};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::diff::differences;
use super::{Executor, RecordFields};
use crate::catalog::{DataType, Entity, Verb};
use crate::client::request::Request;
use crate::error::{Code, Error};
use crate::plan::address::Address;
use crate::plan::{Change, Write};
use crate::validate::rules;
use crate::value::coerce::join_first;
use crate::value::record::Record;

/// Whoever waited for an answer that did not come should not wait as long again.
const CHECK_TIMEOUT: Duration = Duration::from_secs(10);
/// Fewer values than this fit too many records.
const MIN_CONDITIONS: usize = 2;
/// As many as a page can hold: the oldest come first, and the new one last.
const MAX_PAGE_SIZE: usize = 500;

impl Executor {
    /// The error of a write; where its outcome is unknown, with what a look right after showed.
    pub(super) async fn check_outcome(
        &self,
        error: Error,
        write: &Write,
        (at, sent): (Address, Timestamp),
    ) -> Error {
        if error.code() != Code::OutcomeUnknown {
            return error;
        }
        let error = with_check_hint(error, write, sent);
        let error = self.exclude_known(error, write);
        match timeout(CHECK_TIMEOUT, self.inspect(write, at, sent)).await {
            Ok(Some(seen)) => error.also(&seen),
            _ => error,
        }
    }

    /// Records that other creates of a moment ago made would pass the search too.
    fn exclude_known(&self, error: Error, write: &Write) -> Error {
        let known = match &write.change {
            Change::Create(_) => self.recent.created_ids(write.entity),
            Change::Update(..) | Change::UpdateMany(..) | Change::Delete(_) => Vec::new(),
        };
        let known: Vec<_> = known.iter().map(i64::to_string).collect();
        match known.is_empty() {
            true => error,
            false => error.also(&format!("Made by other calls: {}.", join_first(&known, ", ", 10))),
        }
    }

    /// What the tenant shows now; nothing where that would not be cheap or not telling.
    async fn inspect(&self, write: &Write, at: Address, sent: Timestamp) -> Option<String> {
        let name = write.entity.singular();
        match &write.change {
            Change::Create(record) => self.search_created(write, record, sent).await,
            Change::UpdateMany(..) => None,
            Change::Update(key, record) => {
                let id = key.id()?;
                let present = self.fetch_record(at, id).await.ok()?;
                let holds = differences(record, &present).is_empty();
                let seen = if holds {
                    "has the new values"
                } else {
                    "does not have the new values; Autotask may still be at work"
                };
                Some(format!("Read right after, {name} {id} {seen}."))
            }
            Change::Delete(key) => {
                let id = key.id()?;
                match self.fetch_record(at, id).await {
                    Ok(_) => Some(format!(
                        "Read right after, {name} {id} is still there; Autotask may still be at work."
                    )),
                    Err(error) if error.is_no_record() => {
                        Some(format!("Read right after, {name} {id} is gone."))
                    }
                    Err(_) => None,
                }
            }
        }
    }

    async fn search_created(
        &self,
        write: &Write,
        record: &Record,
        sent: Timestamp,
    ) -> Option<String> {
        let (entity, clauses) = (write.entity, matching_conditions(write, record));
        if clauses.len() < MIN_CONDITIONS || !entity.root_supports(Verb::Query) {
            return None;
        }
        let path = format!("{}/query", entity.name());
        let made = report::created_at_field(entity).map(|field| field.name);
        let columns: Vec<_> = ["id"].into_iter().chain(made).collect();
        let body =
            json!({ "filter": clauses, "MaxRecords": MAX_PAGE_SIZE, "IncludeFields": columns });
        let found = self.fetch_page(&Request::post(path, body)).await.ok()?;
        let is_all = found.next.is_none();
        // What is known to be another create's is not this one's.
        let known = self.recent.created_ids(entity);
        let is_another = |one: &RecordFields| {
            let id = one.get("id").and_then(Value::as_i64);
            id.is_some_and(|id| known.contains(&id))
        };
        let items: Vec<_> = found.items.into_iter().filter(|one| !is_another(one)).collect();
        is_all.then(|| report::report(entity, &items, sent))
    }
}

/// The error with the call that would show it.
pub(super) fn with_check_hint(error: Error, write: &Write, sent: Timestamp) -> Error {
    let entity = write.entity.name();
    let (call, signs) = match &write.change {
        Change::Create(record) => (
            format!(
                "query-entity {}",
                json!({ "entity": entity, "query": matching_conditions(write, record) })
            ),
            created_since_hint(write.entity, sent),
        ),
        Change::Update(..) | Change::UpdateMany(..) | Change::Delete(_) => {
            (format!("get-entity {}", json!({ "entity": entity, "id": write.id() })), String::new())
        }
    };
    error.next(format!("{call} shows whether it happened{signs}; write again only if it did not."))
}

/// What tells a record of this write from an older one.
fn created_since_hint(entity: Entity, sent: Timestamp) -> String {
    let since = report::earliest_created(sent);
    let since = since.round(Unit::Second).unwrap_or(since);
    report::created_at_field(entity)
        .map_or_else(String::new, |field| format!(": its {} would be {since} or later", field.name))
}

/// Clauses that a record just created would pass: its first few short values, but none that Autotask may have left aside.
fn matching_conditions(write: &Write, record: &Record) -> Vec<Value> {
    const MAX_HINT_FIELDS: usize = 5;
    const MAX_HINT_CHARS: usize = 100;
    let ignored: Vec<_> = rules::silently_ignored_fields(write.entity, &write.change).collect();
    let clause = |(name, value): (&String, &Value)| {
        let field = write.entity.field(name)?;
        let is_doubtful = ignored.iter().any(|(ignored, _)| ignored == name);
        if field.queryable.is_no() || is_doubtful {
            return None;
        }
        let is_telling = match value {
            Value::Number(_) => true,
            // An empty text is stored as none.
            Value::String(text) => {
                field.kind == DataType::Text
                    && !text.trim().is_empty()
                    && text.len() <= MAX_HINT_CHARS
            }
            _ => false,
        };
        is_telling.then(|| json!({ "op": "eq", "field": field.name, "value": value }))
    };
    record.iter().filter_map(clause).take(MAX_HINT_FIELDS).collect()
}
