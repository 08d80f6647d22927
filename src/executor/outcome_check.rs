//! A write of unknown outcome: the call that verifies it, made once here too.

mod report;

use std::time::Duration;

use jiff::{Timestamp, Unit};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::diff::holds;
use super::{Executor, RecordFields};
use crate::catalog::{DataType, Entity, Verb};
use crate::client::page::MAX_PAGE_SIZE;
use crate::error::{Code, Error};
use crate::plan::address::Address;
use crate::plan::request::Request;
use crate::plan::{Change, Write};
use crate::validate::rules;
use crate::value::coerce::join_first;
use crate::value::record::Record;

/// The caller already waited for a response that did not come.
const CHECK_TIMEOUT: Duration = Duration::from_secs(10);
/// Fewer values than this match too many records.
const MIN_CONDITIONS: usize = 2;

impl Executor {
    /// The error of a write; if its outcome is unknown, with what an immediate check found.
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
        match timeout(CHECK_TIMEOUT, self.inspect(write, at)).await {
            Ok(Some(report)) => error.also(&report),
            _ => error,
        }
    }

    /// Records created by other recent calls would match the search too.
    fn exclude_known(&self, error: Error, write: &Write) -> Error {
        let known = match &write.change {
            Change::Create(_) => self.recent_creates.created_ids(write.entity),
            Change::Update(..) | Change::UpdateMany(..) | Change::Delete(_) => Vec::new(),
        };
        let known: Vec<_> = known.iter().map(i64::to_string).collect();
        match known.is_empty() {
            true => error,
            false => {
                error.also(&format!("Created by other calls: {}.", join_first(&known, ", ", 10)))
            }
        }
    }

    /// What the tenant shows now; none if that would be expensive or inconclusive.
    async fn inspect(&self, write: &Write, at: Address) -> Option<String> {
        let name = write.entity.singular();
        match &write.change {
            Change::Create(record) => self.search_created(write, record).await,
            Change::UpdateMany(..) => None,
            Change::Update(key, record) => {
                let id = key.id()?;
                let current = self.fetch_record(at, id).await.ok()?;
                let state = if holds(record, &current) {
                    "has the new values"
                } else {
                    "does not have the new values yet; Autotask may still be processing"
                };
                Some(format!("Checked right after: {name} {id} {state}."))
            }
            Change::Delete(key) => {
                let id = key.id()?;
                match self.fetch_record(at, id).await {
                    Ok(_) => Some(format!(
                        "Checked right after: {name} {id} still exists; Autotask may still be processing."
                    )),
                    Err(error) if error.is_no_record() => {
                        Some(format!("Checked right after: {name} {id} no longer exists."))
                    }
                    Err(_) => None,
                }
            }
        }
    }

    async fn search_created(&self, write: &Write, record: &Record) -> Option<String> {
        let (entity, clauses) = (write.entity, matching_conditions(write, record));
        if clauses.len() < MIN_CONDITIONS || !entity.root_supports(Verb::Query) {
            return None;
        }
        let path = format!("{}/query", entity.name());
        let made = report::created_at_field(entity).map(|field| field.name);
        let columns: Vec<_> = ["id"].into_iter().chain(made).collect();
        let body =
            json!({ "filter": clauses, "MaxRecords": MAX_PAGE_SIZE, "IncludeFields": columns });
        let found = self.client.read_page(&Request::post(path, body)).await.ok()?;
        let is_all = found.next.is_none();
        // Records created by other calls are not this one.
        let known = self.recent_creates.created_ids(entity);
        let is_another = |one: &RecordFields| {
            let id = one.get("id").and_then(Value::as_i64);
            id.is_some_and(|id| known.contains(&id))
        };
        let items: Vec<_> = found.items.into_iter().filter(|one| !is_another(one)).collect();
        is_all.then(|| report::report(entity, &items))
    }
}

/// The error with the call that verifies the outcome.
pub(super) fn with_check_hint(error: Error, write: &Write, sent: Timestamp) -> Error {
    let entity = write.entity.name();
    let (call, hint) = match &write.change {
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
    error.next(format!(
        "{call} shows whether it happened{hint}; repeat the write only if it did not."
    ))
}

/// What tells a record of this write from older ones.
fn created_since_hint(entity: Entity, sent: Timestamp) -> String {
    let since = report::earliest_created(sent);
    let since = since.round(Unit::Second).unwrap_or(since);
    report::created_at_field(entity)
        .map_or_else(String::new, |field| format!(": its {} would be {since} or later", field.name))
}

/// Conditions that the created record would match: its first few short values, except those that Autotask may ignore.
fn matching_conditions(write: &Write, record: &Record) -> Vec<Value> {
    const MAX_HINT_FIELDS: usize = 5;
    const MAX_HINT_CHARS: usize = 100;
    let ignored: Vec<_> = rules::silently_ignored_fields(write.entity, &write.change).collect();
    let clause = |(name, value): (&String, &Value)| {
        let field = write.entity.field(name)?;
        let is_unreliable = ignored.iter().any(|(ignored, _)| ignored == name);
        if field.queryable.is_no() || is_unreliable {
            return None;
        }
        let is_specific = match value {
            Value::Number(_) => true,
            // An empty text is stored as null.
            Value::String(text) => {
                field.kind == DataType::Text
                    && !text.trim().is_empty()
                    && text.len() <= MAX_HINT_CHARS
            }
            _ => false,
        };
        is_specific.then(|| json!({ "op": "eq", "field": field.name, "value": value }))
    };
    record.iter().filter_map(clause).take(MAX_HINT_FIELDS).collect()
}
