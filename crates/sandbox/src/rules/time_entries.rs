//! Time entries: exactly one work item, a role, and hours computed from start and end.

use serde_json::Value;

use super::assignment;
use crate::auth::API_USER;
use crate::date;
use crate::error::ApiError;
use crate::pending_write::PendingRecord;
use crate::record::{Record, has, integer, is_true, text};
use crate::store::Store;

/// Rejects an entry that breaks the rules, and sets type, date and hours.
pub(crate) fn check(store: &Store, record: &mut PendingRecord) -> Result<(), ApiError> {
    check_not_posted(record)?;
    let work = work_kind(&record.after)?;
    record.set("timeEntryType", work.code());
    check_work_type(store, record)?;
    match work {
        WorkKind::Ticket => require(record, "summaryNotes")?,
        WorkKind::Task => check_on_task(store, &record.after)?,
        WorkKind::Internal => record.set("roleID", Value::Null),
    }
    if work != WorkKind::Internal {
        check_role(store, record)?;
    }
    set_hours(record)?;
    check_start_and_stop(store, record)
}

/// Rejects the deletion of posted entries, and of entries that the API user did not create.
pub(crate) fn check_delete(record: &Record) -> Result<(), ApiError> {
    if has(record, "billingApprovalDateTime") {
        return Err(ApiError::no_match());
    }
    match integer(record, "creatorUserID") {
        Some(API_USER) => Ok(()),
        _ => Err(ApiError::permission_denied("delete")),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WorkKind {
    Ticket,
    Task,
    Internal,
}

impl WorkKind {
    /// The code of `timeEntryType`.
    fn code(self) -> i64 {
        match self {
            Self::Ticket => 2,
            Self::Task => 6,
            Self::Internal => 1,
        }
    }
}

fn work_kind(entry: &Record) -> Result<WorkKind, ApiError> {
    let has = |field| has(entry, field);
    match (has("ticketID"), has("taskID"), has("internalBillingCodeID")) {
        (true, false, false) => Ok(WorkKind::Ticket),
        (false, true, false) => Ok(WorkKind::Task),
        (false, false, true) => Ok(WorkKind::Internal),
        _ => Err(ApiError::record(
            "Data violation: TimeEntries must have exactly one of ticketID, taskID \
             or internalBillingCodeID.",
        )),
    }
}

fn check_not_posted(record: &PendingRecord) -> Result<(), ApiError> {
    match record.before.as_ref().filter(|entry| has(entry, "billingApprovalDateTime")) {
        Some(_) => Err(ApiError::record("Data violation: A posted time entry cannot be changed.")),
        None => Ok(()),
    }
}

fn require(record: &PendingRecord, field: &str) -> Result<(), ApiError> {
    if record.has(field) { Ok(()) } else { Err(ApiError::missing_field(field)) }
}

fn check_role(store: &Store, record: &PendingRecord) -> Result<(), ApiError> {
    if !record.has("roleID") {
        let message = "TimeEntries for tickets and tasks must have a roleID.";
        return Err(ApiError::record(message));
    }
    if !record.changes("roleID") && !record.changes("resourceID") {
        return Ok(());
    }
    assignment::check_defined(store, &record.after, ("resourceID", "roleID"))
}

fn check_on_task(store: &Store, entry: &Record) -> Result<(), ApiError> {
    let (task, resource) = (integer(entry, "taskID"), integer(entry, "resourceID"));
    let primary = task.and_then(|id| store.get("Tasks", id));
    let primary = primary.and_then(|task| integer(task, "assignedResourceID"));
    let mut rows = store.all("TaskSecondaryResources");
    let secondary = rows
        .any(|(_, row)| integer(row, "taskID") == task && integer(row, "resourceID") == resource);
    if secondary || primary == resource {
        return Ok(());
    }
    Err(ApiError::record("Data violation: The resource has no role for this task."))
}

fn check_work_type(store: &Store, record: &PendingRecord) -> Result<(), ApiError> {
    let is_valid = |field: &str, use_type: i64| {
        let code = integer(&record.after, field).filter(|_| record.changes(field));
        let row = code.and_then(|code| store.get("BillingCodes", code));
        row.is_none_or(|row| is_true(row, "isActive") && integer(row, "useType") == Some(use_type))
    };
    for (field, use_type) in [("billingCodeID", 1), ("internalBillingCodeID", 3)] {
        if !is_valid(field, use_type) {
            return Err(ApiError::invalid_reference(field, "BillingCode"));
        }
    }
    Ok(())
}

/// Computes the hours from start and end; without them, the hours in the request are used.
fn set_hours(record: &mut PendingRecord) -> Result<(), ApiError> {
    let window = text(&record.after, "startDateTime").zip(text(&record.after, "endDateTime"));
    let span = window.and_then(|(start, end)| date::hours_between(start, end));
    if let Some(span) = span {
        if span > 0.0 {
            record.set("hoursWorked", round(span));
        } else {
            return Err(ApiError::record(
                "Data violation: endDateTime must be after startDateTime.",
            ));
        }
    }
    let day = text(&record.after, "startDateTime").or_else(|| text(&record.after, "dateWorked"));
    match day.and_then(date::midnight) {
        Some(day) => record.set("dateWorked", day),
        None => return Err(ApiError::missing_field("dateWorked")),
    }
    let Some(hours) = record.after.get("hoursWorked").and_then(Value::as_f64) else {
        return Err(ApiError::missing_field("hoursWorked"));
    };
    if hours > 0.0 && hours <= 24.0 {
        record.set("hoursToBill", (hours * 4.0).ceil() / 4.0);
        return Ok(());
    }
    Err(ApiError::record(
        "Data violation: hoursWorked must be greater than 0 and less than or equal to 24.",
    ))
}

/// Rejects an entry without start and end if the contract requires start and stop times.
fn check_start_and_stop(store: &Store, record: &PendingRecord) -> Result<(), ApiError> {
    let entry = &record.after;
    let is_checked = ["contractID", "hoursWorked", "startDateTime", "endDateTime"]
        .iter()
        .any(|field| record.changes(field));
    let ticket = integer(entry, "ticketID").and_then(|id| store.get("Tickets", id));
    let contract =
        [Some(entry), ticket].into_iter().find_map(|record| integer(record?, "contractID"));
    let contract = contract.and_then(|id| store.get("Contracts", id));
    let required = contract
        .is_some_and(|row| integer(row, "timeReportingRequiresStartAndStopTimes") == Some(1));
    if is_checked && required && !(has(entry, "startDateTime") && has(entry, "endDateTime")) {
        return Err(ApiError::record(
            "Data violation: The contract requires start and stop times: \
             startDateTime and endDateTime must both be set.",
        ));
    }
    Ok(())
}

fn round(hours: f64) -> f64 {
    (hours * 10_000.0).round() / 10_000.0
}
