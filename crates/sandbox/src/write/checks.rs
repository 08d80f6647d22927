//! Checks of every record: required fields, picklists, references, lengths.

use autotask_schema::schema::{DataType, Field};
use serde_json::Value;

use crate::catalog;
use crate::error::ApiError;
use crate::pending_write::{PendingRecord, WriteRequest};
use crate::picklist;
use crate::record::{Record, integer};
use crate::rules::is_settable;
use crate::store::Store;

/// Rejects a parent that does not exist.
pub(crate) fn check_parent(store: &Store, request: &WriteRequest) -> Result<(), ApiError> {
    let Some((parent, id)) = request.entity.parent.as_ref().zip(request.parent) else {
        return Ok(());
    };
    let entity = parent.entity.as_deref().and_then(catalog::find_entity);
    let entity = entity.filter(|entity| store.has_records(entity.name));
    match entity.filter(|entity| store.get(entity.name, id).is_none()) {
        Some(entity) => {
            let field = parent.parent_id_field.as_deref().unwrap_or("parentID");
            Err(ApiError::invalid_reference(field, entity.singular()))
        }
        None => Ok(()),
    }
}

/// Rejects the first required field without a value, except the parent's id, which is in the path.
pub(crate) fn check_required(
    record: &PendingRecord,
    parent_field: Option<&str>,
) -> Result<(), ApiError> {
    let must_be_sent =
        |field: &Field| is_settable(record, field) && Some(field.name.as_str()) != parent_field;
    match first_empty(record, must_be_sent) {
        Some(name) => Err(ApiError::missing_field(name)),
        None => Ok(()),
    }
}

/// Rejects a required field that a change would clear.
pub(crate) fn check_not_cleared(record: &PendingRecord) -> Result<(), ApiError> {
    match first_empty(record, |field| record.sent.contains(&field.name.as_str())) {
        Some(name) => {
            Err(ApiError::record(format!("Value does not exist for the required field {name}.")))
        }
        None => Ok(()),
    }
}

/// The first required field without a value, among the checked fields.
fn first_empty(
    record: &PendingRecord,
    is_checked: impl Fn(&Field) -> bool,
) -> Option<&'static str> {
    let required = record.entity.fields().iter().filter(|field| field.is_required == Some(true));
    let mut empty = required.filter(|field| is_checked(field) && !record.has(&field.name));
    empty.next().map(|field| field.name.as_str())
}

/// Checks the value of each field that the request changes.
pub(crate) fn check_values(store: &Store, record: &PendingRecord) -> Result<(), ApiError> {
    for field in record.entity.fields() {
        let name = field.name.as_str();
        let is_changed = record.sent.contains(&name) && record.changes(name);
        if !is_changed && !parent_changes(record, field) {
            continue;
        }
        if let Some(value) = record.after.get(name).filter(|value| !value.is_null()) {
            check_length(field, value)?;
            check_picklist(record, field, value)?;
            check_reference(store, field, value)?;
        }
    }
    Ok(())
}

fn parent_changes(record: &PendingRecord, field: &Field) -> bool {
    let parent = field.picklist_parent_value_field.as_deref();
    parent.is_some_and(|parent| record.changes(parent))
}

fn check_length(field: &Field, value: &Value) -> Result<(), ApiError> {
    let max = field.length.filter(|max| *max > 0 && field.data_type == DataType::String);
    let length = value.as_str().map_or(0, |text| text.encode_utf16().count());
    match max {
        Some(max) if u32::try_from(length).unwrap_or(u32::MAX) > max => {
            let name = &field.name;
            let message = format!("The value for {name} exceeds the maximum length of {max}.");
            Err(ApiError::record(message))
        }
        _ => Ok(()),
    }
}

fn check_picklist(record: &PendingRecord, field: &Field, value: &Value) -> Result<(), ApiError> {
    let values = picklist::values(record.entity, field);
    if field.is_pick_list != Some(true) || values.is_empty() {
        return Ok(());
    }
    let (name, code) = (&field.name, plain_text(value));
    let Some(listed) = values.iter().find(|listed| listed.value == code) else {
        let message = format!("Picklist value [{code}] does not exist for {name}.");
        return Err(ApiError::record(message));
    };
    let Some(parent) = &field.picklist_parent_value_field else {
        return Ok(());
    };
    if listed.parent == record.after.get(parent).map(plain_text).unwrap_or_default() {
        return Ok(());
    }
    Err(ApiError::record(format!(
        "The child picklist value [{code}] of {name} is not associated to the value of {parent}."
    )))
}

fn plain_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn check_reference(store: &Store, field: &Field, value: &Value) -> Result<(), ApiError> {
    let Some((entity, id)) = catalog::referenced(field).zip(value.as_i64()) else {
        return Ok(());
    };
    let name = entity.name;
    let is_valid = store.get(name, id).is_some_and(|record| is_active(name, record));
    if is_valid || !store.has_records(name) {
        return Ok(());
    }
    Err(ApiError::invalid_reference(&field.name, entity.singular()))
}

fn is_active(entity: &str, record: &Record) -> bool {
    match entity {
        "Contacts" => integer(record, "isActive") != Some(0),
        "Companies" | "Resources" | "Roles" => {
            record.get("isActive").and_then(Value::as_bool) != Some(false)
        }
        _ => true,
    }
}
