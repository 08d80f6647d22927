//! What Autotask wants of a record whose single fields are all right.

use crate::error::{Code, Error};
use crate::record::Record;
use crate::schema::Entity;

const RESOURCE: &str = "assignedResourceID";
const ROLE: &str = "assignedResourceRoleID";
const THINGS: [&str; 3] = ["ticketID", "taskID", "internalBillingCodeID"];

/// What a new record lacks besides its required fields.
pub fn lacks(entity: Entity, record: &Record) -> Vec<&'static str> {
    let has = |field| record.get(field).is_some();
    let mut lacks: Vec<_> = lacks_half(entity, record).into_iter().collect();
    match entity {
        Entity::Tickets if !has("queueID") && !has(RESOURCE) => {
            lacks.push("queueID (or assignedResourceID with assignedResourceRoleID)");
        }
        Entity::TimeEntries if !THINGS.iter().any(|thing| has(thing)) => {
            lacks.push("one of ticketID, taskID and internalBillingCodeID");
        }
        _ => {}
    }
    lacks
}

/// "Must assign both": a resource works on a ticket or task in a role.
pub fn lacks_half(entity: Entity, record: &Record) -> Option<&'static str> {
    if !matches!(entity, Entity::Tickets | Entity::Tasks) {
        return None;
    }
    match (record.get(RESOURCE).is_some(), record.get(ROLE).is_some()) {
        (true, false) => Some(ROLE),
        (false, true) => Some(RESOURCE),
        _ => None,
    }
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
