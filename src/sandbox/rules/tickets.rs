//! Tickets: where they are queued, whom they belong to, what completing them sets.

use serde_json::{Value, json};

use crate::catalog::Entity;

use super::super::date::{self, NOW};
use super::super::door::Caller;
use super::super::draft::Draft;
use super::super::reply::Refusal;
use super::super::store::{Record, Store, has, text, whole};
use super::assignment;

/// Complete, in every tenant.
const COMPLETE: i64 = 5;
/// The Standard category, whose defaults supply a due date.
const STANDARD: i64 = 3;
/// What a ticket has that must be its company's own.
const OWNED: [(&str, Entity); 4] = [
    ("companyLocationID", Entity::CompanyLocations),
    ("contactID", Entity::Contacts),
    ("contractID", Entity::Contracts),
    ("configurationItemID", Entity::ConfigurationItems),
];

pub(super) fn check(store: &Store, draft: &mut Draft) -> Result<(), Refusal> {
    assignment::check(store, draft)?;
    if !has(&draft.after, "queueID") && !has(&draft.after, "assignedResourceID") {
        return Err(Refusal::of_record(
            "Missing Required Field: queueID or assignedResourceID and assignedResourceRoleID",
        ));
    }
    if draft.is_new() {
        fill_in(store, draft)?;
    }
    check_owned(store, draft)?;
    not_secondary_too(store, draft)?;
    complete(draft);
    Ok(())
}

/// Refuses a secondary resource who is the ticket's primary.
pub(super) fn check_secondary(store: &Store, draft: &Draft) -> Result<(), Refusal> {
    let ticket = whole(&draft.after, "ticketID").and_then(|id| store.get(Entity::Tickets, id));
    let primary = ticket.and_then(|ticket| whole(ticket, "assignedResourceID"));
    if primary.is_some() && whole(&draft.after, "resourceID") == primary {
        return Err(both());
    }
    assignment::defined(store, &draft.after, ("resourceID", "roleID"))
}

/// Keeps the history of a ticket.
pub(super) fn kept(store: &mut Store, id: i64, before: Option<&Record>, caller: Caller) {
    let Some(after) = store.get(Entity::Tickets, id) else {
        return;
    };
    let status = |record: &Record| whole(record, "status").unwrap_or(0);
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
    let next = store.next_id(Entity::TicketHistory);
    if let Value::Object(row) = row {
        store.put(Entity::TicketHistory, next, row);
    }
}

fn fill_in(store: &Store, draft: &mut Draft) -> Result<(), Refusal> {
    draft.default("source", 1);
    draft.default("ticketType", 1);
    draft.default("ticketCategory", STANDARD);
    if whole(&draft.after, "ticketCategory") == Some(STANDARD) {
        draft.default("dueDateTime", "2026-07-01T15:00:00Z");
    }
    if !has(&draft.after, "dueDateTime") {
        return Err(Refusal::missing("dueDateTime"));
    }
    let company = whole(&draft.after, "companyID");
    if let Some(location) = primary_location(store, company) {
        draft.default("companyLocationID", location);
    }
    draft.set("ticketNumber", next_number(store));
    draft.set("creatorType", 1);
    Ok(())
}

fn primary_location(store: &Store, company: Option<i64>) -> Option<i64> {
    let mut rows = store.all(Entity::CompanyLocations);
    let found = rows.find(|(_, row)| {
        whole(row, "companyID") == company && row.get("isPrimary") == Some(&Value::Bool(true))
    });
    found.map(|(id, _)| id)
}

/// The day's next number, such as `T20260630.0003`.
fn next_number(store: &Store) -> String {
    let day = NOW.get(..10).unwrap_or_default().replace('-', "");
    let prefix = format!("T{day}.");
    let numbers = store.all(Entity::Tickets).filter_map(|(_, row)| {
        let number = text(row, "ticketNumber")?.strip_prefix(&prefix)?;
        number.parse::<u32>().ok()
    });
    let last = numbers.max().unwrap_or(0);
    format!("{prefix}{:04}", last + 1)
}

fn check_owned(store: &Store, draft: &Draft) -> Result<(), Refusal> {
    let Some(company) = whole(&draft.after, "companyID") else {
        return Ok(());
    };
    let parent = store.get(Entity::Companies, company);
    let parent = parent.and_then(|company| whole(company, "parentCompanyID"));
    for (field, entity) in OWNED {
        if !draft.changes(field) && !draft.changes("companyID") {
            continue;
        }
        let id = whole(&draft.after, field);
        let owned = id.and_then(|id| store.get(entity, id));
        let owner = owned.and_then(|record| whole(record, "companyID"));
        if owner.is_some() && owner != Some(company) && owner != parent {
            return Err(foreign(field, id.unwrap_or(0)));
        }
    }
    Ok(())
}

fn foreign(field: &str, id: i64) -> Refusal {
    Refusal::of_record(format!(
        "The {field}[{id}] cannot be associated with the Ticket because it is not associated \
         to the companyID or its Parent Company."
    ))
}

fn not_secondary_too(store: &Store, draft: &Draft) -> Result<(), Refusal> {
    let (Some(resource), Some(id)) =
        (whole(&draft.after, "assignedResourceID"), whole(&draft.after, "id"))
    else {
        return Ok(());
    };
    let mut rows = store.all(Entity::TicketSecondaryResources);
    let is = |row: &Record, field, id| whole(row, field) == Some(id);
    let too = rows.any(|(_, row)| is(row, "ticketID", id) && is(row, "resourceID", resource));
    if too { Err(both()) } else { Ok(()) }
}

fn both() -> Refusal {
    Refusal::of_record(
        "Data violation: A resource cannot be both the primary and a secondary resource \
         of a Ticket.",
    )
}

/// Completing sets by whom and when; reopening empties both.
fn complete(draft: &mut Draft) {
    if !draft.changes("status") {
        return;
    }
    if whole(&draft.after, "status") == Some(COMPLETE) {
        draft.set("completedDate", date::NOW);
        draft.set("completedByResourceID", draft.caller.resource);
        draft.set("resolvedDateTime", date::NOW);
    } else {
        draft.set("completedDate", Value::Null);
        draft.set("completedByResourceID", Value::Null);
    }
}
