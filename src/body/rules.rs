//! What Autotask refuses in a record whose single fields are all right.

use crate::error::{Code, Error};
use crate::record::Record;
use crate::schema::Entity;

/// The rules of a new record.
pub fn on_create(entity: Entity, record: &Record) -> Result<(), Error> {
    pair(entity, record)?;
    match entity {
        Entity::Tickets => placed(record),
        Entity::TimeEntries => on_one_thing(record),
        _ => Ok(()),
    }
}

/// The rules of a change.
pub fn on_update(entity: Entity, record: &Record) -> Result<(), Error> {
    pair(entity, record)
}

/// "Must assign both": a resource works on a ticket or task in a role.
fn pair(entity: Entity, record: &Record) -> Result<(), Error> {
    const PAIR: [&str; 2] = ["assignedResourceID", "assignedResourceRoleID"];
    if !matches!(entity, Entity::Tickets | Entity::Tasks) {
        return Ok(());
    }
    let given = PAIR.map(|field| record.get(field).is_some());
    if given[0] == given[1] {
        return Ok(());
    }
    let message = format!(
        "A {} takes a resource only together with a role.",
        entity.singular()
    );
    Err(Error::new(Code::MissingField, message)
        .accepts("both assignedResourceID and assignedResourceRoleID")
        .next("query-entity ResourceRoles by resourceID tells which roles a resource has."))
}

fn placed(record: &Record) -> Result<(), Error> {
    let placed = record.get("queueID").is_some() || record.get("assignedResourceID").is_some();
    if placed {
        return Ok(());
    }
    Err(Error::new(
        Code::MissingField,
        "A Ticket needs a queue, or a resource with a role.",
    )
    .accepts("queueID, or assignedResourceID with assignedResourceRoleID")
    .next(
        "describe-entity-fields {\"entity\":\"Tickets\",\"field\":\"queueID\"} lists the queues.",
    ))
}

fn on_one_thing(record: &Record) -> Result<(), Error> {
    const THINGS: [&str; 3] = ["ticketID", "taskID", "internalBillingCodeID"];
    let given = THINGS
        .iter()
        .filter(|field| record.get(field).is_some())
        .count();
    let code = match given {
        1 => return Ok(()),
        0 => Code::MissingField,
        _ => Code::BadArgument,
    };
    let message = format!("A TimeEntry belongs to exactly one thing; {given} are given.");
    Err(Error::new(code, message).accepts("one of ticketID, taskID, internalBillingCodeID"))
}
