//! The ticket tools whose plan no field list can say.

use super::builders::{self, PageOptions, WriteBuilder, projection_or_default};
use super::generated::{CreateTicketNote, GetTicket, GetTicketIncludeItem, SearchTickets};
use super::{IntoPlan, PlanContext};
use crate::catalog::Entity;
use crate::error::{Code, Error};
use crate::filter::{Condition, Op};
use crate::plan::address::{Address, ParentRef, check_id};
use crate::plan::{Get, Include, LabelMode, Plan, Read, RecordKey};

impl IntoPlan for SearchTickets {
    fn plan(self, situation: &PlanContext) -> Result<Plan, Error> {
        if self.unassigned == Some(true) && self.assigned_resource_id.is_some() {
            let message = "A ticket with an assignedResourceID is not unassigned.";
            return Err(Error::new(Code::BadArgument, message).accepts("one of the two"));
        }
        let mut clauses = self.clauses()?;
        // Who names closed statuses means to leave them out.
        if self.open_only.unwrap_or(!self.closed_status_ids.is_empty()) {
            clauses.extend(exclude_closed(&self.closed_status_ids, situation));
        }
        let page =
            PageOptions { max: self.max_records, fields: &self.fields, cursor: &self.cursor };
        builders::search(situation, Self::ENTITY, clauses, &page, &Self::SHOWS)
    }
}

/// Which statuses are closed differs from tenant to tenant: the call says it, else the settings.
fn exclude_closed(closed: &[i64], situation: &PlanContext) -> Option<Condition> {
    let closed = if closed.is_empty() { situation.closed_status_ids } else { closed };
    let status = Entity::Tickets.field("status").filter(|_| !closed.is_empty())?;
    Some(Condition::test(status, Op::NotIn, closed.into()))
}

impl IntoPlan for GetTicket {
    fn plan(self, situation: &PlanContext) -> Result<Plan, Error> {
        let shown = projection_or_default(situation, Self::ENTITY, &self.fields, &Self::SHOWS)?;
        let include = self.include.into_iter().map(included).collect();
        let at = Address::root(Self::ENTITY);
        Ok(Plan::Read(Read::Get(Get {
            at,
            key: ticket_key(&self.id)?,
            shown,
            include,
            labels: LabelMode::Labels,
            warnings: Vec::new(),
        })))
    }
}

fn included(item: GetTicketIncludeItem) -> Include {
    match item {
        GetTicketIncludeItem::Notes => Include::Notes,
        GetTicketIncludeItem::TimeEntries => Include::TimeEntries,
        GetTicketIncludeItem::Attachments => Include::Attachments,
    }
}

/// An id, or else a number such as `T20260305.0011`.
fn ticket_key(text: &str) -> Result<RecordKey, Error> {
    match text.parse() {
        Ok(id) => check_id(Some(Entity::Tickets), id).map(|()| RecordKey::Id(id)),
        Err(_) => Ok(RecordKey::Number(text.to_owned())),
    }
}

impl IntoPlan for CreateTicketNote {
    fn plan(self, situation: &PlanContext) -> Result<Plan, Error> {
        let mut record = self.record();
        record.take("ticketID");
        let parent = match ticket_key(&self.ticket_id)? {
            RecordKey::Id(id) => ParentRef::Id(id),
            RecordKey::Number(number) | RecordKey::Name(number) => ParentRef::TicketNumber(number),
        };
        WriteBuilder::for_entity(situation, Self::ENTITY)?.create_under(
            parent,
            record,
            self.allow_duplicate,
        )
    }
}
