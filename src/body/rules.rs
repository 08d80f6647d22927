//! What Autotask wants of a record whose single fields are all right.

use serde_json::Value;

use crate::error::{Code, Error};
use crate::plan::Change;
use crate::record::Record;
use crate::schema::Entity;

const RESOURCE: &str = "assignedResourceID";
const ROLE: &str = "assignedResourceRoleID";
const THINGS: [&str; 3] = ["ticketID", "taskID", "internalBillingCodeID"];

/// What Autotask is known to ignore without a word: entity, field, and whether on create; each seen in a live tenant.
const IGNORED: [(Entity, &str, bool); 7] = [
    (Entity::Projects, "status", false),
    (Entity::Projects, "completedPercentage", false),
    (Entity::Tasks, "completedPercentage", false),
    (Entity::Tasks, "parentTaskID", true),
    (Entity::TaskNotes, "creatorResourceID", false),
    (Entity::TicketNotes, "createdByContactID", true),
    (Entity::TimeEntries, "ticketID", false),
];
/// The code of `publish` that lets the customer see it, fixed in every tenant.
const FOR_ALL: i64 = 1;
/// The category whose defaults supply a due date.
const STANDARD: i64 = 3;

/// What a new record lacks besides its required fields.
#[must_use]
pub fn lacks(entity: Entity, record: &Record) -> Vec<&'static str> {
    let has = |field| record.get(field).is_some();
    let mut lacks: Vec<_> = lacks_resource(entity, record).into_iter().collect();
    match entity {
        Entity::Tickets if !has("queueID") && !has(RESOURCE) => {
            lacks.push("queueID (or assignedResourceID with assignedResourceRoleID)");
        }
        Entity::TimeEntries => lacks.extend(lacks_time(record)),
        _ => {}
    }
    lacks
}

fn lacks_time(record: &Record) -> Vec<&'static str> {
    let has = |field: &str| record.get(field).is_some();
    let has_window = has("startDateTime") && has("endDateTime");
    let lacks = [
        (
            !THINGS.into_iter().any(has),
            "one of ticketID, taskID and internalBillingCodeID",
        ),
        (has("ticketID") && !has("summaryNotes"), "summaryNotes"),
        (
            !has_window && !has("hoursWorked"),
            "hoursWorked (or startDateTime with endDateTime)",
        ),
        (!has("startDateTime") && !has("dateWorked"), "dateWorked"),
    ];
    let missing = lacks.into_iter().filter(|(is_missing, _)| *is_missing);
    missing.map(|(_, name)| name).collect()
}

/// A role without a resource means nothing; a resource without a role may have only one.
#[must_use]
pub fn lacks_resource(entity: Entity, record: &Record) -> Option<&'static str> {
    let is_assigned = matches!(entity, Entity::Tickets | Entity::Tasks);
    let is_half = record.get(ROLE).is_some() && record.get(RESOURCE).is_none();
    (is_assigned && is_half).then_some(RESOURCE)
}

/// Who takes the resource away takes its role away too: Autotask wants both or none.
pub fn clear_both(entity: Entity, record: &mut Record) {
    let is_assigned = matches!(entity, Entity::Tickets | Entity::Tasks);
    let is_cleared = record.get(RESOURCE).is_some_and(Value::is_null);
    if is_assigned && is_cleared && record.get(ROLE).is_none() {
        record.set(ROLE, Value::Null);
    }
}

/// What is to be told of a write that is all right.
#[must_use]
pub fn remarks(entity: Entity, change: &Change) -> Vec<String> {
    let (record, is_new) = match change {
        Change::Create(record) => (record, true),
        Change::Update(_, record) => (record, false),
        Change::Delete(_) => return Vec::new(),
    };
    let ignored = IGNORED.iter().filter(|(of, field, on_create)| {
        *of == entity && *on_create == is_new && record.get(field).is_some()
    });
    let ignored = ignored.map(|(_, field, _)| {
        format!("Autotask is known to ignore {field} here without a word: read the record back.")
    });
    let code = |field: &str| record.get(field).and_then(Value::as_i64);
    let mut remarks: Vec<_> = ignored.collect();
    if code("publish") == Some(FOR_ALL) {
        remarks.push("publish 1 lets the customer see it.".to_owned());
    }
    let category = code("ticketCategory").filter(|category| *category != STANDARD);
    if is_new
        && entity == Entity::Tickets
        && category.is_some()
        && record.get("dueDateTime").is_none()
    {
        remarks.push(
            "Autotask refuses a ticket without dueDateTime unless its category supplies one."
                .to_owned(),
        );
    }
    remarks
}

/// What contradicts itself in a new record.
///
/// # Errors
/// `bad-argument`.
pub fn agree(entity: Entity, record: &Record) -> Result<(), Error> {
    let given = THINGS
        .iter()
        .filter(|thing| record.get(thing).is_some())
        .count();
    if entity != Entity::TimeEntries || given < 2 {
        return Ok(());
    }
    let message = format!("A TimeEntry belongs to exactly one thing; {given} are given.");
    Err(Error::new(Code::BadArgument, message)
        .accepts("one of ticketID, taskID, internalBillingCodeID"))
}
