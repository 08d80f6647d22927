//! A change held against the record as it is: what would leave things behind, or be ignored.

use serde_json::{Map, Value, json};

use super::time_entry::TimeEntryDraft;
use crate::catalog::Entity;
use crate::error::{Code, Error};
use crate::plan::Change;
use crate::value::record::Record;

/// A record as Autotask sends it.
type CurrentFields = Map<String, Value>;

/// What a ticket has that belongs to its company. Autotask refuses a move that leaves any of it behind.
const COMPANY_FIELDS: [&str; 4] =
    ["companyLocationID", "contactID", "contractID", "configurationItemID"];
/// Autotask takes hours from the window where there is one.
const START_AND_END: [&str; 2] = ["startDateTime", "endDateTime"];

/// Refuses what Autotask would refuse, or ignore.
///
/// # Errors
/// `missing-field` or `bad-argument`.
pub fn check(entity: Entity, change: &Change, present: &CurrentFields) -> Result<(), Error> {
    let Change::Update(key, record) = change else {
        return Ok(());
    };
    match entity {
        Entity::Tickets => check_company_move(key.id().unwrap_or_default(), record, present),
        Entity::TimeEntries => {
            check_hours(record, present)?;
            let (given, present) = (record, Some(present));
            TimeEntryDraft { given, present }.check()
        }
        _ => Ok(()),
    }
}

/// A ticket that moves to another company takes nothing of the old one along.
fn check_company_move(id: i64, record: &Record, present: &CurrentFields) -> Result<(), Error> {
    let to = record.get("companyID").and_then(Value::as_i64);
    let from = present.get("companyID").and_then(Value::as_i64);
    if to.is_none() || to == from {
        return Ok(());
    }
    let has = |name: &&str| present.get(*name).is_some_and(|value| !value.is_null());
    if !COMPANY_FIELDS.iter().any(|name| has(name) && record.get(name).is_none()) {
        return Ok(());
    }
    // What is given again stays behind all the same.
    let is_kept =
        |name: &&str| record.get(name).is_none_or(|given| present.get(*name) == Some(given));
    let left: Vec<_> = COMPANY_FIELDS.into_iter().filter(has).filter(is_kept).collect();
    let told = |name: &&str| format!("{name} {}", present.get(*name).unwrap_or(&Value::Null));
    let told: Vec<_> = left.iter().map(told).collect();
    let message = format!(
        "Ticket {id} cannot move alone: {} belong to its present company.",
        told.join(", ")
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

fn check_hours(record: &Record, present: &CurrentFields) -> Result<(), Error> {
    let has = |name: &&str| present.get(*name).is_some_and(|value| !value.is_null());
    let is_alone = record.get("hoursWorked").is_some()
        && !START_AND_END.iter().any(|name| record.get(name).is_some());
    if !is_alone || !START_AND_END.iter().all(has) {
        return Ok(());
    }
    let message =
        "hoursWorked follows startDateTime and endDateTime: alone it would change nothing.";
    Err(Error::new(Code::BadArgument, message).accepts("startDateTime and endDateTime"))
}
