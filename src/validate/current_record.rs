//! Checks an update against the current record: moves to another company, and changes that Autotask ignores.

use serde_json::{Map, Value, json};

use super::time_entry::TimeEntryDraft;
use crate::catalog::Entity;
use crate::error::{Code, Error};
use crate::plan::Change;
use crate::value::record::Record;

/// The fields of a record from Autotask.
type CurrentFields = Map<String, Value>;

/// Fields of a ticket that belong to its company; Autotask rejects a move to another company that keeps any of them.
const COMPANY_FIELDS: [&str; 4] =
    ["companyLocationID", "contactID", "contractID", "configurationItemID"];
/// Autotask computes these from start and end if both are set.
const COMPUTED_FIELDS: [&str; 2] = ["hoursWorked", "dateWorked"];
const START_AND_END: [&str; 2] = ["startDateTime", "endDateTime"];

/// Rejects an update that Autotask would reject or ignore.
///
/// # Errors
/// `missing-field` or `bad-argument`.
pub fn check(entity: Entity, change: &Change, current: &CurrentFields) -> Result<(), Error> {
    let Change::Update(key, record) = change else {
        return Ok(());
    };
    super::check_order(record, Some(current))?;
    match entity {
        Entity::Tickets => check_company_move(key.id().unwrap_or_default(), record, current),
        Entity::TimeEntries => {
            check_hours(record, current)?;
            let (given, current) = (record, Some(current));
            TimeEntryDraft { written: given, current }.check()
        }
        _ => Ok(()),
    }
}

/// Rejects moving a ticket to another company if it keeps a field of the old one.
fn check_company_move(id: i64, record: &Record, current: &CurrentFields) -> Result<(), Error> {
    let to = record.get("companyID").and_then(Value::as_i64);
    let from = current.get("companyID").and_then(Value::as_i64);
    if to.is_none() || to == from {
        return Ok(());
    }
    let is_set = |name: &&str| current.get(*name).is_some_and(|value| !value.is_null());
    if !COMPANY_FIELDS.iter().any(|name| is_set(name) && record.get(name).is_none()) {
        return Ok(());
    }
    // A repeated value still belongs to the old company.
    let is_kept =
        |name: &&str| record.get(name).is_none_or(|given| current.get(*name) == Some(given));
    let left: Vec<_> = COMPANY_FIELDS.into_iter().filter(is_set).filter(is_kept).collect();
    let named = |name: &&str| format!("{name} {}", current.get(*name).unwrap_or(&Value::Null));
    let named: Vec<_> = left.iter().map(named).collect();
    let message = format!(
        "Ticket {id} cannot move alone: {} belong to its current company.",
        named.join(", ")
    );
    let mut fields = record.clone().into_value();
    for name in &left {
        fields[*name] = Value::Null;
    }
    let call = json!({ "entity": "Tickets", "id": id, "fields": fields });
    Err(Error::new(Code::MissingField, message)
        .accepts(format!("{} too: of the new company, or null", left.join(", ")))
        .next(format!("update-entity {call} moves it without them.")))
}

fn check_hours(record: &Record, current: &CurrentFields) -> Result<(), Error> {
    let is_set = |name: &&str| current.get(*name).is_some_and(|value| !value.is_null());
    let has_times = START_AND_END.iter().any(|name| record.get(name).is_some());
    let computed = COMPUTED_FIELDS.into_iter().find(|name| record.get(name).is_some());
    let Some(name) = computed.filter(|_| !has_times && START_AND_END.iter().all(is_set)) else {
        return Ok(());
    };
    let message = format!(
        "{name} is computed from startDateTime and endDateTime: alone it would change nothing."
    );
    Err(Error::bad_argument(message).accepts("startDateTime and endDateTime"))
}
