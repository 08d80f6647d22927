//! What Autotask wants of a record whose single fields are all right.

use serde_json::{Map, Value};

use crate::error::{Code, Error};
use crate::plan::Change;
use crate::record::Record;
use crate::schema::Entity;

const RESOURCE: &str = "assignedResourceID";
const ROLE: &str = "assignedResourceRoleID";
const THINGS: [&str; 3] = ["ticketID", "taskID", "internalBillingCodeID"];

/// What Autotask is known to ignore without a word: entity, field, and whether on create; each seen in live tenants, and
/// documented by nobody. A ticket's status is not among them: a workflow rule reverts it later, not at once.
const IGNORED: [(Entity, &str, bool); 9] = [
    (Entity::Projects, "status", false),
    (Entity::Projects, "completedPercentage", false),
    (Entity::Tasks, "completedPercentage", false),
    (Entity::Tasks, "parentTaskID", true),
    (Entity::TaskNotes, "creatorResourceID", false),
    (Entity::TicketNotes, "createdByContactID", true),
    (Entity::TimeEntries, "ticketID", false),
    (Entity::TimeEntries, "taskID", false),
    (Entity::TimeEntries, "hoursWorked", false),
];
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

/// The fields of a write that Autotask is known to ignore, with the values they should have.
pub fn ignored(entity: Entity, change: &Change) -> impl Iterator<Item = (&'static str, &Value)> {
    let (record, is_new) = match change {
        Change::Create(record) => (Some(record), true),
        Change::Update(_, record) => (Some(record), false),
        Change::Delete(_) => (None, false),
    };
    IGNORED.iter().filter_map(move |(of, field, on_create)| {
        let is_meant = *of == entity && *on_create == is_new;
        Some((*field, record.filter(|_| is_meant)?.get(field)?))
    })
}

/// An update of a note says again what kind of note it is and who sees it: some tenants refuse it otherwise.
pub fn repeat(entity: Entity, change: &mut Change, present: &Map<String, Value>) {
    let (Entity::TicketNotes, Change::Update(_, record)) = (entity, change) else {
        return;
    };
    for field in ["noteType", "publish"] {
        if let Some(kept) = present.get(field).filter(|_| record.get(field).is_none()) {
            record.set(field, kept.clone());
        }
    }
}

/// What is to be told of a write that is all right.
#[must_use]
pub fn remark(entity: Entity, change: &Change) -> Option<String> {
    let Change::Create(record) = change else {
        return None;
    };
    let category = record.get("ticketCategory").and_then(Value::as_i64)?;
    let is_bare = entity == Entity::Tickets && record.get("dueDateTime").is_none();
    (is_bare && category != STANDARD).then(|| {
        "Autotask refuses a ticket without dueDateTime unless its category supplies one.".to_owned()
    })
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
