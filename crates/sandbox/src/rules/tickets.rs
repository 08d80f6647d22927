//! Tickets: queue or resource, records of their company, completion and history.

use serde_json::{Value, json};

use super::assignment;
use crate::auth::Caller;
use crate::date::NOW;
use crate::error::ApiError;
use crate::pending_write::PendingRecord;
use crate::store::{Record, Store, integer, is_true, text};

/// Complete, in every tenant.
const COMPLETE: i64 = 5;
/// The Standard category, whose defaults supply a due date.
const STANDARD: i64 = 3;
/// References of a ticket that must belong to its company.
const COMPANY_REFERENCES: [(&str, &str); 4] = [
    ("companyLocationID", "CompanyLocations"),
    ("contactID", "Contacts"),
    ("contractID", "Contracts"),
    ("configurationItemID", "ConfigurationItems"),
];

/// Rejects what the rules forbid, and fills in what a ticket has by default.
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
    complete(record);
    Ok(())
}

/// Rejects a secondary resource that is the ticket's primary one.
pub(crate) fn check_secondary(store: &Store, record: &PendingRecord) -> Result<(), ApiError> {
    let ticket = integer(&record.after, "ticketID").and_then(|id| store.get("Tickets", id));
    let primary = ticket.and_then(|ticket| integer(ticket, "assignedResourceID"));
    if primary.is_some() && integer(&record.after, "resourceID") == primary {
        return Err(both_roles());
    }
    assignment::check_defined(store, &record.after, ("resourceID", "roleID"))
}

/// Adds a change of status to the history of a ticket.
pub(crate) fn add_history(store: &mut Store, id: i64, before: Option<&Record>, caller: Caller) {
    let Some(after) = store.get("Tickets", id) else {
        return;
    };
    let status = |record: &Record| integer(record, "status").unwrap_or(0);
    let (action, detail) = match before {
        None => ("Created", "Ticket created.".to_owned()),
        Some(before) if status(before) == status(after) => return,
        Some(before) => {
            ("Status", format!("Status changed from {} to {}.", status(before), status(after)))
        }
    };
    let row = json!({
        "action": action, "date": NOW, "detail": detail,
        "resourceID": caller.resource, "ticketID": id,
    });
    let next = store.next_id("TicketHistory");
    if let Value::Object(row) = row {
        store.put("TicketHistory", next, row);
    }
}

fn fill_defaults(store: &Store, record: &mut PendingRecord) -> Result<(), ApiError> {
    record.set_default("source", 1);
    record.set_default("ticketType", 1);
    record.set_default("ticketCategory", STANDARD);
    if integer(&record.after, "ticketCategory") == Some(STANDARD) {
        record.set_default("dueDateTime", "2026-07-01T15:00:00Z");
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

/// The day's next number, such as `T20260630.0003`.
fn next_number(store: &Store) -> String {
    let day = NOW.get(..10).unwrap_or_default().replace('-', "");
    let prefix = format!("T{day}.");
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
    let is = |row: &Record, field, id| integer(row, field) == Some(id);
    let is_secondary =
        rows.any(|(_, row)| is(row, "ticketID", id) && is(row, "resourceID", resource));
    if is_secondary { Err(both_roles()) } else { Ok(()) }
}

fn both_roles() -> ApiError {
    ApiError::record(
        "Data violation: A resource cannot be both the primary and a secondary resource \
         of a Ticket.",
    )
}

/// Completing sets by whom and when; reopening clears both.
fn complete(record: &mut PendingRecord) {
    if !record.changes("status") {
        return;
    }
    if integer(&record.after, "status") == Some(COMPLETE) {
        record.set("completedDate", NOW);
        record.set("completedByResourceID", record.caller.resource);
        record.set("resolvedDateTime", NOW);
    } else {
        record.set("completedDate", Value::Null);
        record.set("completedByResourceID", Value::Null);
    }
}
