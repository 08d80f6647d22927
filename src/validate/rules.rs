//! Rules between the fields of a record.

use serde_json::{Map, Value};

use super::attachments::is_attachment;
use super::time_entry::TimeEntryDraft;
use crate::catalog::Entity;
use crate::error::Error;
use crate::plan::Change;
use crate::value::record::Record;

const RESOURCE: &str = "assignedResourceID";
const ROLE: &str = "assignedResourceRoleID";
const HOURS: &str = "hoursWorked";
/// The code of an attachment that is a file; its label differs in letter case and spaces.
const FILE: &str = "FILE_ATTACHMENT";

/// Fields that Autotask silently ignores: entity, field, and whether on create. The first two are documented, the others
/// were observed in live tenants. A ticket's status is not one of them: a workflow rule reverts it only later.
const SILENTLY_IGNORED: [(Entity, &str, bool); 13] = [
    (Entity::ConfigurationItems, "companyID", false),
    (Entity::ResourceRoleDepartments, "resourceID", false),
    (Entity::Projects, "status", false),
    (Entity::Projects, "completedPercentage", false),
    (Entity::Tasks, "completedPercentage", false),
    (Entity::Tasks, "parentTaskID", true),
    (Entity::TaskNotes, "creatorResourceID", false),
    (Entity::Tickets, "createdByContactID", true),
    (Entity::TicketNotes, "createdByContactID", true),
    (Entity::TimeEntries, "ticketID", false),
    (Entity::TimeEntries, "taskID", false),
    (Entity::TimeEntries, "hoursWorked", false),
    (Entity::TimeEntries, "hoursWorked", true),
];
/// The category whose defaults supply a due date.
const STANDARD_TASK: i64 = 3;

/// The fields that a new record lacks in addition to its required fields.
#[must_use]
pub fn missing_fields(entity: Entity, record: &Record) -> Vec<&'static str> {
    let is_set = |field| record.get(field).is_some();
    let mut missing: Vec<_> = missing_resource(entity, record).into_iter().collect();
    match entity {
        Entity::Tickets if !is_set("queueID") && !is_set(RESOURCE) => {
            missing.push("queueID (or assignedResourceID with assignedResourceRoleID)");
        }
        Entity::TimeEntries => missing.extend(entry(record, None).missing_fields()),
        Entity::Tasks => missing.extend(missing_work_fields(record)),
        entity if is_attachment(entity) && is_missing_data(record) => missing.push("data"),
        _ => {}
    }
    missing
}

/// An assigned task needs a department and a work type (observed in several tenants).
fn missing_work_fields(record: &Record) -> Vec<&'static str> {
    let missing = |field: &&str| record.get(RESOURCE).is_some() && record.get(field).is_none();
    let missing = ["departmentID", "billingCodeID"].into_iter().filter(missing);
    missing.collect()
}

/// Whether a file attachment has no content; a link needs none.
fn is_missing_data(record: &Record) -> bool {
    let kind = record.get("attachmentType").and_then(Value::as_str);
    let is_file = |kind: &str| kind.replace(' ', "_").eq_ignore_ascii_case(FILE);
    kind.is_none_or(is_file) && record.is_blank("data")
}

/// A role needs its resource; a resource needs no role here, because its only role is filled in later.
#[must_use]
pub fn missing_resource(entity: Entity, record: &Record) -> Option<&'static str> {
    let is_assigned = matches!(entity, Entity::Tickets | Entity::Tasks);
    let is_half = record.get(ROLE).is_some() && record.get(RESOURCE).is_none();
    (is_assigned && is_half).then_some(RESOURCE)
}

/// Clears the role with its resource: Autotask requires both or none.
pub fn clear_role_with_resource(entity: Entity, record: &mut Record) {
    let is_assigned = matches!(entity, Entity::Tickets | Entity::Tasks);
    let is_cleared = record.get(RESOURCE).is_some_and(Value::is_null);
    if is_assigned && is_cleared && record.get(ROLE).is_none() {
        record.set(ROLE, Value::Null);
    }
}

/// The fields of a write that Autotask is known to ignore, with the values they should have.
pub fn silently_ignored_fields(
    entity: Entity,
    change: &Change,
) -> impl Iterator<Item = (&'static str, &Value)> {
    let (record, is_new) = match change {
        Change::Create(record) => (Some(record), true),
        Change::Update(_, record) | Change::UpdateMany(_, record) => (Some(record), false),
        Change::Delete(_) => (None, false),
    };
    SILENTLY_IGNORED.iter().filter_map(move |(ignored_entity, field, on_create)| {
        let record = record.filter(|_| *ignored_entity == entity && *on_create == is_new)?;
        let value = record.get(field)?;
        // A new entry keeps its hours if it has no start and end, or if they agree with the hours.
        let is_kept =
            || is_new && *field == HOURS && entry(record, None).hours_mismatch().is_none();
        (!is_kept()).then_some((*field, value))
    })
}

/// Adds the current type and visibility to an update of a note, which some tenants reject otherwise.
pub fn resend_required_fields(entity: Entity, change: &mut Change, current: &Map<String, Value>) {
    let (Entity::TicketNotes, Change::Update(_, record)) = (entity, change) else {
        return;
    };
    for field in ["noteType", "publish"] {
        if let Some(current_value) = current.get(field).filter(|_| record.get(field).is_none()) {
            record.set(field, current_value.clone());
        }
    }
}

/// The warning for a valid write; `current` is the record before the write.
#[must_use]
pub fn warning(
    entity: Entity,
    change: &Change,
    current: Option<&Map<String, Value>>,
) -> Option<String> {
    match (entity, change) {
        (Entity::Tickets, Change::Create(record)) => missing_due_date(record),
        (Entity::TimeEntries, Change::Create(record) | Change::Update(_, record)) => {
            entry(record, current).hours_mismatch()
        }
        _ => None,
    }
}

fn missing_due_date(record: &Record) -> Option<String> {
    let category = record.get("ticketCategory").and_then(Value::as_i64)?;
    let is_bare = record.get("dueDateTime").is_none();
    (is_bare && category != STANDARD_TASK).then(|| {
        "Autotask rejects a ticket without dueDateTime unless its category supplies one.".to_owned()
    })
}

/// Rejects contradictions in a new record.
///
/// # Errors
/// `bad-argument` or `missing-field`.
pub fn check_consistency(entity: Entity, record: &Record) -> Result<(), Error> {
    match entity {
        Entity::TimeEntries => entry(record, None).check(),
        _ => Ok(()),
    }
}

fn entry<'a>(given: &'a Record, current: Option<&'a Map<String, Value>>) -> TimeEntryDraft<'a> {
    TimeEntryDraft { written: given, current }
}
