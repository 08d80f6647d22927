//! Creates, changes and deletes records, with Autotask's checks in the same order.

mod checks;
mod values;

use serde_json::Value;

use crate::catalog::Entity;
use crate::error::ApiError;
use crate::pending_write::{PendingRecord, WriteRequest};
use crate::query::is_below;
use crate::record::{Record, UDFS, integer};
use crate::request::member;
use crate::rules::{self, is_settable};
use crate::store::Store;

/// Creates a record and returns its id.
pub(crate) fn create(store: &mut Store, request: &WriteRequest) -> Result<i64, ApiError> {
    if request.entity.name == "TimeOffRequestsReject" {
        return rules::time_off::reject(store, request);
    }
    checks::check_parent(store, request)?;
    let mut record = PendingRecord::new(request, None);
    set_fields(&mut record, request.body)?;
    set_parent(&mut record, request)?;
    checks::check_required(&record, request.parent_field())?;
    save(store, record)
}

/// Changes the fields in the body.
pub(crate) fn patch(store: &mut Store, request: &WriteRequest) -> Result<i64, ApiError> {
    let mut record = PendingRecord::new(request, Some(current(store, request)?));
    set_fields(&mut record, request.body)?;
    checks::check_not_cleared(&record)?;
    save(store, record)
}

/// Changes the fields in the body and clears all other writable fields.
pub(crate) fn replace(store: &mut Store, request: &WriteRequest) -> Result<i64, ApiError> {
    let mut record = PendingRecord::new(request, Some(current(store, request)?));
    let parent_field = request.parent_field();
    for field in request.entity.fields() {
        if is_settable(&record, field) && Some(field.name.as_str()) != parent_field {
            record.set(&field.name, Value::Null);
        }
    }
    record.after.remove(UDFS);
    set_fields(&mut record, request.body)?;
    checks::check_required(&record, parent_field)?;
    save(store, record)
}

/// Deletes a record and returns its id.
pub(crate) fn delete(
    store: &mut Store,
    (entity, parent): (&'static Entity, Option<i64>),
    id: i64,
) -> Result<i64, ApiError> {
    let name = entity.name;
    let record = store.get(name, id).filter(|record| is_below(entity, parent, record));
    rules::check_delete(store, name, record.ok_or_else(ApiError::no_match)?)?;
    store.remove(name, id);
    rules::after_delete(store, name, id);
    Ok(id)
}

fn current(store: &Store, request: &WriteRequest) -> Result<Record, ApiError> {
    let id = member(request.body, "id").and_then(Value::as_i64);
    let id = id.ok_or_else(|| ApiError::missing_field("id"))?;
    let record = store.get(request.entity.name, id);
    let record = record.filter(|record| is_below(request.entity, request.parent, record));
    record.cloned().ok_or_else(ApiError::no_match)
}

/// Sets the fields in the body; unknown members are silently ignored.
fn set_fields(record: &mut PendingRecord, body: &Value) -> Result<(), ApiError> {
    for (name, value) in body.as_object().into_iter().flatten() {
        if name.eq_ignore_ascii_case(UDFS) {
            values::set_udfs(record, value)?;
            continue;
        }
        let Some(field) = record.entity.field(name).filter(|field| field.name != "id") else {
            continue;
        };
        let value = values::parse(field, value)?;
        let value = values::without_time(record.entity, field, value);
        if is_settable(record, field) {
            record.sent.push(&field.name);
            record.set(&field.name, value);
        }
    }
    Ok(())
}

/// Sets the field of the parent's id.
fn set_parent(record: &mut PendingRecord, request: &WriteRequest) -> Result<(), ApiError> {
    let (Some(parent), Some(field)) = (request.parent, request.parent_field()) else {
        return Ok(());
    };
    if integer(&record.after, field).is_some_and(|sent| sent != parent) {
        let message = format!("The {field} does not match the parent in the address.");
        return Err(ApiError::record(message));
    }
    record.set(field, parent);
    record.sent.push(field);
    Ok(())
}

fn save(store: &mut Store, mut record: PendingRecord) -> Result<i64, ApiError> {
    checks::check_values(store, &record)?;
    rules::check(store, &mut record)?;
    rules::stamps::stamp(&mut record, &store.now());
    let entity = record.entity.name;
    let id = match integer(&record.after, "id") {
        Some(id) => id,
        None => store.next_id(entity),
    };
    store.put(entity, id, record.after);
    rules::after_store(store, (entity, id), record.before.as_ref(), record.caller);
    Ok(id)
}
