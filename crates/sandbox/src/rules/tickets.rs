//! Tickets: defaults, assignment, references to records of the company, completion and history.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::assignment;
use crate::auth::Caller;
use crate::clock;
use crate::error::ApiError;
use crate::pending_write::PendingRecord;
use crate::record::{Record, integer, is_true, text};
use crate::store::Store;

/// The status Complete, which has the same code in every tenant.
const COMPLETE: i64 = 5;
/// The Standard category, whose defaults supply a due date.
const STANDARD: i64 = 3;
/// The fields whose changes are recorded in the history, and their names there.
const HISTORY: [(&str, &str); 8] = [
    ("status", "Status"),
    ("priority", "Priority"),
    ("queueID", "Queue"),
    ("assignedResourceID", "Primary resource"),
    ("companyID", "Company"),
    ("contactID", "Contact"),
    ("dueDateTime", "Due date"),
    ("title", "Title"),
];
/// The fields that must reference records of the ticket's company.
const COMPANY_REFERENCES: [(&str, &str); 4] = [
    ("companyLocationID", "CompanyLocations"),
    ("contactID", "Contacts"),
    ("contractID", "Contracts"),
    ("configurationItemID", "ConfigurationItems"),
];

/// Rejects a ticket that breaks the rules, and sets its defaults.
pub(crate) fn check(store: &Store, record: &mut PendingRecord) -> Result<(), ApiError> {
    assignment::check(store, record)?;
    if !record.has("queueID") && !record.has("assignedResourceID") {
        return Err(ApiError::record(
            "Missing Required Field: queueID or assignedResourceID and assignedResourceRoleID",
        ));
    }
    if record.is_new() {
        fill_defaults(store, record)?;
    }
    check_company(store, record)?;
    check_not_secondary(store, record)?;
    set_completion(store, record);
    Ok(())
}

/// Rejects a secondary resource that is the ticket's primary resource, or does not have the given role.
pub(crate) fn check_secondary(store: &Store, record: &PendingRecord) -> Result<(), ApiError> {
    let ticket = integer(&record.after, "ticketID").and_then(|id| store.get("Tickets", id));
    let primary = ticket.and_then(|ticket| integer(ticket, "assignedResourceID"));
    if primary.is_some() && integer(&record.after, "resourceID") == primary {
        return Err(both_roles());
    }
    assignment::check_defined(store, &record.after, ("resourceID", "roleID"))
}

/// Adds the creation of a ticket, or each change of a tracked field, to its history.
pub(crate) fn add_history(store: &mut Store, id: i64, before: Option<&Record>, caller: Caller) {
    let Some(after) = store.get("Tickets", id) else {
        return;
    };
    let rows = match before {
        None => vec![("Created", "Ticket created.".to_owned())],
        Some(before) => HISTORY.iter().filter_map(|row| change(row, before, after)).collect(),
    };
    for (action, detail) in rows {
        let row = json!({
            "action": action, "date": store.now(), "detail": detail,
            "resourceID": caller.resource, "ticketID": id,
        });
        let next = store.next_id("TicketHistory");
        if let Value::Object(row) = row {
            store.put("TicketHistory", next, row);
        }
    }
}

/// The action and the detail of a field's change, if it changed.
fn change(
    (field, action): &(&str, &'static str),
    before: &Record,
    after: &Record,
) -> Option<(&'static str, String)> {
    let value = |record: &Record| match record.get(*field) {
        None | Some(Value::Null) => "nothing".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    let (before, after) = (value(before), value(after));
    (before != after).then(|| (*action, format!("{action} changed from {before} to {after}.")))
}

fn fill_defaults(store: &Store, record: &mut PendingRecord) -> Result<(), ApiError> {
    record.set_default("source", 1);
    record.set_default("ticketType", 1);
    record.set_default("ticketCategory", STANDARD);
    if integer(&record.after, "ticketCategory") == Some(STANDARD) {
        let due = store.clock.now() + SignedDuration::from_hours(24);
        record.set_default("dueDateTime", clock::format(due));
    }
    if !record.has("dueDateTime") {
        return Err(ApiError::missing_field("dueDateTime"));
    }
    let company = integer(&record.after, "companyID");
    if let Some(location) = primary_location(store, company) {
        record.set_default("companyLocationID", location);
    }
    record.set("ticketNumber", next_number(store));
    record.set("creatorType", 1);
    Ok(())
}

fn primary_location(store: &Store, company: Option<i64>) -> Option<i64> {
    let mut rows = store.all("CompanyLocations");
    let found =
        rows.find(|(_, row)| integer(row, "companyID") == company && is_true(row, "isPrimary"));
    found.map(|(id, _)| id)
}

/// The prefix of the day's ticket and task numbers, such as `T20260630.`.
pub(crate) fn number_prefix(store: &Store) -> String {
    store.clock.now().strftime("T%Y%m%d.").to_string()
}

/// The day's next number, such as `T20260630.0003`.
fn next_number(store: &Store) -> String {
    let prefix = number_prefix(store);
    let numbers = store.all("Tickets").filter_map(|(_, row)| {
        let number = text(row, "ticketNumber")?.strip_prefix(&prefix)?;
        number.parse::<u32>().ok()
    });
    let last = numbers.max().unwrap_or(0);
    format!("{prefix}{:04}", last + 1)
}

fn check_company(store: &Store, record: &PendingRecord) -> Result<(), ApiError> {
    let Some(company) = integer(&record.after, "companyID") else {
        return Ok(());
    };
    let parent = store.get("Companies", company);
    let parent = parent.and_then(|company| integer(company, "parentCompanyID"));
    for (field, entity) in COMPANY_REFERENCES {
        if !record.changes(field) && !record.changes("companyID") {
            continue;
        }
        let id = integer(&record.after, field);
        let referenced = id.and_then(|id| store.get(entity, id));
        let owner = referenced.and_then(|record| integer(record, "companyID"));
        if owner.is_some() && owner != Some(company) && owner != parent {
            return Err(wrong_company(field, id.unwrap_or(0)));
        }
    }
    Ok(())
}

fn wrong_company(field: &str, id: i64) -> ApiError {
    ApiError::record(format!(
        "The {field}[{id}] cannot be associated with the Ticket because it is not associated \
         to the companyID or its Parent Company."
    ))
}

fn check_not_secondary(store: &Store, record: &PendingRecord) -> Result<(), ApiError> {
    let (Some(resource), Some(id)) =
        (integer(&record.after, "assignedResourceID"), integer(&record.after, "id"))
    else {
        return Ok(());
    };
    let mut rows = store.all("TicketSecondaryResources");
    let has = |row: &Record, field, id| integer(row, field) == Some(id);
    let is_secondary =
        rows.any(|(_, row)| has(row, "ticketID", id) && has(row, "resourceID", resource));
    if is_secondary { Err(both_roles()) } else { Ok(()) }
}

fn both_roles() -> ApiError {
    ApiError::record(
        "Data violation: A resource cannot be both the primary and a secondary resource \
         of a Ticket.",
    )
}

/// Sets who completed the ticket and when; reopening clears both.
fn set_completion(store: &Store, record: &mut PendingRecord) {
    if !record.changes("status") {
        return;
    }
    if integer(&record.after, "status") == Some(COMPLETE) {
        record.set("completedDate", store.now());
        record.set("completedByResourceID", record.caller.resource);
        record.set("resolvedDateTime", store.now());
    } else {
        record.set("completedDate", Value::Null);
        record.set("completedByResourceID", Value::Null);
    }
}
