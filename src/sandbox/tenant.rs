//! The tenant's first day: people and companies from data, half a year of work from word lists.

mod chance;
mod customers;
mod desk_work;
mod history;
mod words;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalog::Entity;

use super::rules;
use super::store::{Record, Store, has, is_attachment, whole};
pub(super) use chance::Chance;
use words::Words;

/// Hand-written records, by entity.
const RECORDS: &str = include_str!("tenant.json");
/// Word lists, and what is told apart among the records made from them.
const WORK: &str = include_str!("tenant/work.json");

/// All records of the tenant, the same in every run.
pub(super) fn seed() -> Store {
    let mut store = Store::default();
    let records: BTreeMap<String, Vec<Record>> = serde_json::from_str(RECORDS).unwrap_or_default();
    for (name, rows) in records {
        let Some(entity) = Entity::find(&name) else {
            continue;
        };
        for row in rows {
            store.put(entity, whole(&row, "id").unwrap_or(0), row);
        }
    }
    let work: Value = serde_json::from_str(WORK).unwrap_or_default();
    desk_work::fill(&mut store, &Words::read(&work));
    set_apart(&mut store, &work);
    history::fill(&mut store);
    list_attachments(&mut store);
    store
}

/// Rewrites the few records that stand for something special.
fn set_apart(store: &mut Store, work: &Value) {
    let entities = work.get("overrides").and_then(Value::as_object);
    for (name, rows) in entities.into_iter().flatten() {
        let rows = rows.as_object().into_iter().flatten();
        for (id, fields) in rows {
            let at = Entity::find(name).zip(id.parse().ok());
            let record = at.and_then(|(entity, id)| store.get_mut(entity, id));
            if let (Some(record), Some(fields)) = (record, fields.as_object()) {
                record.extend(fields.clone());
                drop_foreign(record, fields);
            }
        }
    }
}

/// A record moved to another company leaves what was the old one's.
fn drop_foreign(record: &mut Record, fields: &Record) {
    if has(fields, "companyID") {
        for field in ["contactID", "contractID", "configurationItemID"] {
            if !fields.contains_key(field) {
                record.remove(field);
            }
        }
    }
}

fn list_attachments(store: &mut Store) {
    for entity in Entity::ALL.into_iter().filter(|entity| is_attachment(*entity)) {
        let ids: Vec<i64> = store.all(entity).map(|(id, _)| id).collect();
        for id in ids {
            rules::list_attachment(store, entity, id);
        }
    }
}
