//! Time entries: exactly one thing worked on, a role, and hours that follow the window.

use serde_json::Value;

use crate::catalog::Entity;

use super::super::date;
use super::super::door::API_USER;
use super::super::draft::{Draft, no_match, no_permission};
use super::super::reply::Refusal;
use super::super::store::{Record, Store, has, number, text, whole};
use super::assignment;

pub(super) fn check(store: &Store, draft: &mut Draft) -> Result<(), Refusal> {
    not_posted(draft)?;
    let work = worked_on(&draft.after)?;
    draft.set("timeEntryType", work.code());
    work_type(store, draft)?;
    match work {
        Work::Ticket => needs(draft, "summaryNotes")?,
        Work::Task => on_the_task(store, &draft.after)?,
        Work::Internal => draft.set("roleID", Value::Null),
    }
    if work != Work::Internal {
        role(store, draft)?;
    }
    hours(draft)
}

/// Entries that others made are theirs to delete.
pub(super) fn may_delete(record: &Record) -> Result<(), Refusal> {
    if has(record, "billingApprovalDateTime") {
        return Err(no_match());
    }
    match whole(record, "creatorUserID") {
        Some(API_USER) => Ok(()),
        _ => Err(no_permission("delete")),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Ticket,
    Task,
    Internal,
}

impl Work {
    /// The code of `timeEntryType`.
    fn code(self) -> i64 {
        match self {
            Self::Ticket => 2,
            Self::Task => 6,
            Self::Internal => 1,
        }
    }
}

fn worked_on(entry: &Record) -> Result<Work, Refusal> {
    let has = |field| has(entry, field);
    match (has("ticketID"), has("taskID"), has("internalBillingCodeID")) {
        (true, false, false) => Ok(Work::Ticket),
        (false, true, false) => Ok(Work::Task),
        (false, false, true) => Ok(Work::Internal),
        _ => Err(Refusal::of_record(
            "Data violation: TimeEntries must have exactly one of ticketID, taskID \
             or internalBillingCodeID.",
        )),
    }
}

fn not_posted(draft: &Draft) -> Result<(), Refusal> {
    let posted = |entry: &Record| has(entry, "billingApprovalDateTime");
    match draft.before.as_ref().filter(|entry| posted(entry)) {
        Some(_) => {
            Err(Refusal::of_record("Data violation: A posted time entry cannot be changed."))
        }
        None => Ok(()),
    }
}

fn needs(draft: &Draft, field: &str) -> Result<(), Refusal> {
    if has(&draft.after, field) { Ok(()) } else { Err(Refusal::missing(field)) }
}

fn role(store: &Store, draft: &Draft) -> Result<(), Refusal> {
    if !has(&draft.after, "roleID") {
        let words = "TimeEntries for tickets and tasks must have a roleID.";
        return Err(Refusal::of_record(words));
    }
    if !draft.changes("roleID") && !draft.changes("resourceID") {
        return Ok(());
    }
    assignment::defined(store, &draft.after, ("resourceID", "roleID"))
}

fn on_the_task(store: &Store, entry: &Record) -> Result<(), Refusal> {
    let (task, resource) = (whole(entry, "taskID"), whole(entry, "resourceID"));
    let primary = task.and_then(|id| store.get(Entity::Tasks, id));
    let primary = primary.and_then(|task| whole(task, "assignedResourceID"));
    let mut rows = store.all(Entity::TaskSecondaryResources);
    let secondary =
        rows.any(|(_, row)| whole(row, "taskID") == task && whole(row, "resourceID") == resource);
    if secondary || primary == resource {
        return Ok(());
    }
    Err(Refusal::of_record("Data violation: The resource has no role for this task."))
}

fn work_type(store: &Store, draft: &Draft) -> Result<(), Refusal> {
    let fits = |field: &str, use_type: i64| {
        let code = whole(&draft.after, field).filter(|_| draft.changes(field));
        let row = code.and_then(|code| store.get(Entity::BillingCodes, code));
        row.is_none_or(|row| {
            let active = row.get("isActive") == Some(&Value::Bool(true));
            active && whole(row, "useType") == Some(use_type)
        })
    };
    for (field, use_type) in [("billingCodeID", 1), ("internalBillingCodeID", 3)] {
        if !fits(field, use_type) {
            return Err(Refusal::reference(field, "BillingCode"));
        }
    }
    Ok(())
}

/// Hours follow the window where there is one; hours sent alone then change nothing.
fn hours(draft: &mut Draft) -> Result<(), Refusal> {
    let window = text(&draft.after, "startDateTime").zip(text(&draft.after, "endDateTime"));
    let span = window.and_then(|(start, end)| date::hours_between(start, end));
    if let Some(span) = span {
        if span > 0.0 {
            draft.set("hoursWorked", round(span));
        } else {
            return Err(Refusal::of_record(
                "Data violation: endDateTime must be after startDateTime.",
            ));
        }
    }
    let day = text(&draft.after, "startDateTime").or_else(|| text(&draft.after, "dateWorked"));
    match day.and_then(date::midnight) {
        Some(day) => draft.set("dateWorked", day),
        None => return Err(Refusal::missing("dateWorked")),
    }
    let Some(hours) = number(&draft.after, "hoursWorked") else {
        return Err(Refusal::missing("hoursWorked"));
    };
    if hours > 0.0 && hours <= 24.0 {
        draft.set("hoursToBill", (hours * 4.0).ceil() / 4.0);
        return Ok(());
    }
    Err(Refusal::of_record(
        "Data violation: hoursWorked must be greater than 0 and less than or equal to 24.",
    ))
}

fn round(hours: f64) -> f64 {
    (hours * 10_000.0).round() / 10_000.0
}
