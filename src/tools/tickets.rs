//! The ticket tools that their declaration does not describe completely.

use super::PlanContext;
use super::arguments::CallArguments;
use super::builders::{self, WriteBuilder};
use crate::catalog::Entity;
use crate::error::{Code, Error};
use crate::filter::{Condition, Op};
use crate::plan::address::{ParentRef, record_key};
use crate::plan::{Include, Plan, Read, RecordKey};

pub(super) fn search(call: &CallArguments, context: &PlanContext) -> Result<Plan, Error> {
    let is_assigned = call.value("assignedResourceID").is_some();
    if call.flag("unassigned") && is_assigned {
        let message = "unassigned and assignedResourceID cannot be combined.";
        return Err(Error::new(Code::BadArgument, message).accepts("one of the two"));
    }
    let mut conditions = call.conditions(context);
    let closed = call.integers("closedStatusIds");
    // A search that names closed statuses does not exclude them.
    let is_open_only = match call.value("openOnly") {
        Some(_) => call.flag("openOnly"),
        None => !closed.is_empty(),
    };
    if is_open_only {
        let closed = if closed.is_empty() { context.closed_status_ids } else { &closed };
        conditions = conditions.map(|(mut clauses, warnings)| {
            clauses.extend(exclude_closed(closed));
            (clauses, warnings)
        });
    }
    builders::search(call, context, conditions)
}

fn exclude_closed(closed: &[i64]) -> Option<Condition> {
    let status = Entity::Tickets.field("status").filter(|_| !closed.is_empty())?;
    Some(Condition::test(status, Op::NotIn, closed.into()))
}

pub(super) fn get(call: &CallArguments, context: &PlanContext) -> Result<Plan, Error> {
    let mut plan = builders::get(call, context)?;
    let names = call.names("include");
    if let Plan::Read(Read::Get(get)) = &mut plan {
        let is_included = |include: &Include| names.iter().any(|name| name == include.name());
        get.include = Include::ALL.into_iter().filter(is_included).collect();
    }
    Ok(plan)
}

pub(super) fn create_note(call: &CallArguments, context: &PlanContext) -> Result<Plan, Error> {
    let mut record = call.record();
    let ticket = record.take("ticketID").unwrap_or_default();
    let parent = match record_key(Entity::Tickets, &ticket)? {
        RecordKey::Id(id) => ParentRef::Id(id),
        RecordKey::Number(number) | RecordKey::Name(number) => ParentRef::TicketNumber(number),
    };
    WriteBuilder::for_entity(context, Entity::TicketNotes)?.create_under(
        parent,
        record,
        call.flag("allowDuplicate"),
    )
}
