//! When nobody knows whether a write happened: the call that would show it, made once here too.

mod seen;

use std::time::Duration;

use jiff::{Timestamp, Unit};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::difference::differences;
use super::{Fields, Performer};
use crate::address::Address;
use crate::body::rules;
use crate::error::{Code, Error};
use crate::plan::{Change, Write};
use crate::record::Record;
use crate::request::Request;
use crate::scalar::few;
use crate::schema::{Entity, Kind, Verb};

/// Whoever waited for an answer that did not come should not wait as long again.
const PATIENCE: Duration = Duration::from_secs(10);
/// Fewer values than this fit too many records.
const TELLING: usize = 2;
/// As many as a page can hold: the oldest come first, and the new one last.
const PAGE: usize = 500;

impl Performer {
    /// The error of a write; where its outcome is unknown, with what a look right after showed.
    pub(super) async fn in_doubt(
        &self,
        error: Error,
        write: &Write,
        (at, sent): (Address, Timestamp),
    ) -> Error {
        if error.code() != Code::OutcomeUnknown {
            return error;
        }
        let error = with_search(error, write, sent);
        let error = self.but_not(error, write);
        match timeout(PATIENCE, self.look(write, at, sent)).await {
            Ok(Some(seen)) => error.also(&seen),
            _ => error,
        }
    }

    /// Records that other creates of a moment ago made would pass the search too.
    fn but_not(&self, error: Error, write: &Write) -> Error {
        let known = match &write.change {
            Change::Create(_) => self.recent.made(write.entity),
            Change::Update(..) | Change::Delete(_) => Vec::new(),
        };
        let known: Vec<_> = known.iter().map(i64::to_string).collect();
        match known.is_empty() {
            true => error,
            false => error.also(&format!("Made by other calls: {}.", few(&known, ", ", 10))),
        }
    }

    /// What the tenant shows now; nothing where that would not be cheap or not telling.
    async fn look(&self, write: &Write, at: Address, sent: Timestamp) -> Option<String> {
        let name = write.entity.singular();
        match &write.change {
            Change::Create(record) => self.look_for(write, record, sent).await,
            Change::Update(id, record) => {
                let present = self.record(at, *id).await.ok()?;
                let holds = differences(record, &present).is_empty();
                let seen = if holds {
                    "has the new values"
                } else {
                    "does not have the new values; Autotask may still be at work"
                };
                Some(format!("Read right after, {name} {id} {seen}."))
            }
            Change::Delete(id) => match self.record(at, *id).await {
                Ok(_) => Some(format!(
                    "Read right after, {name} {id} is still there; Autotask may still be at work."
                )),
                Err(error) if error.is_no_record() => {
                    Some(format!("Read right after, {name} {id} is gone."))
                }
                Err(_) => None,
            },
        }
    }

    async fn look_for(&self, write: &Write, record: &Record, sent: Timestamp) -> Option<String> {
        let (entity, clauses) = (write.entity, alike(write, record));
        if clauses.len() < TELLING || !entity.at_root(Verb::Query) {
            return None;
        }
        let path = format!("{}/query", entity.name());
        let made = seen::made_field(entity).map(|field| field.name);
        let columns: Vec<_> = ["id"].into_iter().chain(made).collect();
        let body = json!({ "filter": clauses, "MaxRecords": PAGE, "IncludeFields": columns });
        let found = self.page(&Request::post(path, body)).await.ok()?;
        let is_all = found.next.is_none();
        // What is known to be another create's is not this one's.
        let known = self.recent.made(entity);
        let is_another = |one: &Fields| {
            let id = one.get("id").and_then(Value::as_i64);
            id.is_some_and(|id| known.contains(&id))
        };
        let items: Vec<_> = found.items.into_iter().filter(|one| !is_another(one)).collect();
        is_all.then(|| seen::told(entity, &items, sent))
    }
}

/// The error with the call that would show it.
pub(super) fn with_search(error: Error, write: &Write, sent: Timestamp) -> Error {
    let entity = write.entity.name();
    let (call, signs) = match &write.change {
        Change::Create(record) => (
            format!("query-entity {}", json!({ "entity": entity, "query": alike(write, record) })),
            signs(write.entity, sent),
        ),
        Change::Update(id, _) | Change::Delete(id) => {
            (format!("get-entity {}", json!({ "entity": entity, "id": id })), String::new())
        }
    };
    error.next(format!("{call} shows whether it happened{signs}; write again only if it did not."))
}

/// What tells a record of this write from an older one.
fn signs(entity: Entity, sent: Timestamp) -> String {
    let since = seen::since(sent);
    let since = since.round(Unit::Second).unwrap_or(since);
    seen::made_field(entity)
        .map_or_else(String::new, |field| format!(": its {} would be {since} or later", field.name))
}

/// Clauses that a record just created would pass: its first few short values, but none that Autotask may have left aside.
fn alike(write: &Write, record: &Record) -> Vec<Value> {
    const MOST: usize = 5;
    const SHORT: usize = 100;
    let ignored: Vec<_> = rules::ignored(write.entity, &write.change).collect();
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
                field.kind == Kind::Text && !text.trim().is_empty() && text.len() <= SHORT
            }
            _ => false,
        };
        is_telling.then(|| json!({ "op": "eq", "field": field.name, "value": value }))
    };
    record.iter().filter_map(clause).take(MOST).collect()
}
