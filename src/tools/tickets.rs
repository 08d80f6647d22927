//! The ticket tools whose plan no field list can say.

use super::generated::{CreateTicketNote, GetTicket, GetTicketIncludeItem, SearchTickets};
use super::plans::{self, Draft, Paging, shown_or};
use super::{Planned, Situation};
use crate::address::{Address, Parent, check_id};
use crate::error::{Code, Error};
use crate::filter::{Clause, Op};
use crate::plan::{Get, Include, Key, Labeling, Plan, Read};
use crate::schema::Entity;

impl Planned for SearchTickets {
    fn plan(self, situation: &Situation) -> Result<Plan, Error> {
        if self.unassigned == Some(true) && self.assigned_resource_id.is_some() {
            let message = "A ticket with an assignedResourceID is not unassigned.";
            return Err(Error::new(Code::BadArgument, message).accepts("one of the two"));
        }
        let mut clauses = self.clauses()?;
        // Who names closed statuses means to leave them out.
        if self.open_only.unwrap_or(!self.closed_status_ids.is_empty()) {
            clauses.extend(open(&self.closed_status_ids, situation));
        }
        let page = Paging { max: self.max_records, fields: &self.fields, cursor: &self.cursor };
        plans::search(situation, Self::ENTITY, clauses, &page, &Self::SHOWS)
    }
}

/// Which statuses are closed differs from tenant to tenant: the call says it, else the settings.
fn open(closed: &[i64], situation: &Situation) -> Option<Clause> {
    let closed = if closed.is_empty() { situation.closed_status_ids } else { closed };
    let status = Entity::Tickets.field("status").filter(|_| !closed.is_empty())?;
    Some(Clause::test(status, Op::NotIn, closed.into()))
}

impl Planned for GetTicket {
    fn plan(self, situation: &Situation) -> Result<Plan, Error> {
        let shown = shown_or(situation, Self::ENTITY, &self.fields, &Self::SHOWS)?;
        let include = self.include.into_iter().map(included).collect();
        let at = Address::root(Self::ENTITY);
        Ok(Plan::Read(Read::Get(Get {
            at,
            key: key(&self.id)?,
            shown,
            include,
            labels: Labeling::Labels,
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
fn key(text: &str) -> Result<Key, Error> {
    match text.parse() {
        Ok(id) => check_id(Some(Entity::Tickets), id).map(|()| Key::Id(id)),
        Err(_) => Ok(Key::Number(text.to_owned())),
    }
}

impl Planned for CreateTicketNote {
    fn plan(self, situation: &Situation) -> Result<Plan, Error> {
        let mut record = self.record();
        record.take("ticketID");
        let parent = match key(&self.ticket_id)? {
            Key::Id(id) => Parent::Id(id),
            Key::Number(number) | Key::Name(number) => Parent::Ticket(number),
        };
        Draft::of(situation, Self::ENTITY)?.create_under(parent, record, self.allow_duplicate)
    }
}
