//! When nobody knows whether a write happened: the call that would show it, made once here too.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::difference::differences;
use super::{Fields, Performer};
use crate::address::Address;
use crate::error::{Code, Error};
use crate::plan::{Change, Write};
use crate::record::Record;
use crate::request::Request;
use crate::schema::{Entity, Kind, Verb};

/// Whoever waited for an answer that did not come should not wait as long again.
const PATIENCE: Duration = Duration::from_secs(10);
/// Fewer values than this fit too many records.
const TELLING: usize = 2;

impl Performer {
    /// The error of a write; where its outcome is unknown, with what a look right after showed.
    pub(super) async fn in_doubt(&self, error: Error, write: &Write, at: Address) -> Error {
        if error.code() != Code::OutcomeUnknown {
            return error;
        }
        let error = with_search(error, write);
        match timeout(PATIENCE, self.look(write, at)).await {
            Ok(Some(seen)) => error.also(&seen),
            _ => error,
        }
    }

    /// What the tenant shows now; nothing where that would not be cheap or not telling.
    async fn look(&self, write: &Write, at: Address) -> Option<String> {
        match &write.change {
            Change::Create(record) => self.look_for(write.entity, record).await,
            Change::Update(id, record) => {
                let present = self.record(at, *id).await.ok()?;
                let holds = differences(record, &present).is_empty();
                let seen = if holds {
                    "has the new values"
                } else {
                    "does not have the new values"
                };
                Some(format!("Read right after, the record {seen}."))
            }
            Change::Delete(id) => match self.record(at, *id).await {
                Ok(_) => Some("Read right after, the record is still there.".into()),
                Err(error) if error.code() == Code::NotFound => {
                    Some("Read right after, the record is gone.".into())
                }
                Err(_) => None,
            },
        }
    }

    async fn look_for(&self, entity: Entity, record: &Record) -> Option<String> {
        let clauses = alike(entity, record);
        if clauses.len() < TELLING || !entity.at_root(Verb::Query) {
            return None;
        }
        let path = format!("{}/query", entity.name());
        let request = Request::post(path, json!({ "filter": clauses, "MaxRecords": 3 }));
        let found = self.page(&request).await.ok()?.items;
        Some(seen(entity, &found))
    }
}

/// It may have been there before; only its date tells.
fn seen(entity: Entity, found: &[Fields]) -> String {
    let name = entity.singular();
    match found {
        [] => format!("A search right after found no such {name}."),
        [one] => {
            let value = |field: &str| one.get(field).filter(|value| !value.is_null());
            let made = value("createDate").or_else(|| value("createDateTime"));
            let made = made
                .and_then(Value::as_str)
                .map(|made| format!(", made {made}"));
            let id = value("id").and_then(Value::as_i64).unwrap_or_default();
            let made = made.unwrap_or_default();
            format!("A search right after found one that fits: {name} {id}{made}.")
        }
        _ => format!("A search right after found several that fit a {name} like this."),
    }
}

/// The error with the call that would show it.
pub(super) fn with_search(error: Error, write: &Write) -> Error {
    let entity = write.entity.name();
    let call = match &write.change {
        Change::Create(record) => {
            format!(
                "query-entity {}",
                json!({ "entity": entity, "query": alike(write.entity, record) })
            )
        }
        Change::Update(id, _) | Change::Delete(id) => {
            format!("get-entity {}", json!({ "entity": entity, "id": id }))
        }
    };
    error.next(format!(
        "{call} shows whether it happened; write again only if it did not."
    ))
}

/// Clauses that a record just created would pass: its first few short values.
fn alike(entity: Entity, record: &Record) -> Vec<Value> {
    const MOST: usize = 5;
    const SHORT: usize = 100;
    let clause = |(name, value): (&String, &Value)| {
        let field = entity
            .field(name)
            .filter(|field| !field.queryable.is_no())?;
        let is_telling = match value {
            Value::Number(_) => true,
            Value::String(text) => field.kind == Kind::Text && text.len() <= SHORT,
            _ => false,
        };
        is_telling.then(|| json!({ "op": "eq", "field": field.name, "value": value }))
    };
    record.iter().filter_map(clause).take(MOST).collect()
}
