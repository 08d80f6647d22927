//! When nobody knows whether a write happened: the call that would show it.

use serde_json::{Value, json};

use crate::error::{Code, Error};
use crate::plan::{Change, Write};
use crate::record::Record;
use crate::schema::{Entity, Kind};

/// The error of a write, with that call where the outcome is unknown.
pub(super) fn with_search(error: Error, write: &Write) -> Error {
    if error.code() != Code::OutcomeUnknown {
        return error;
    }
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
