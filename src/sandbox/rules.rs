//! Rules of single entities: what may be written, and what a write brings with it.

mod assignment;
mod attachments;
mod notes;
pub(super) mod stamps;
mod tasks;
mod tickets;
mod time_entries;
pub(super) mod time_off;

use crate::catalog::Entity;

use super::door::Caller;
use super::draft::{Draft, no_permission};
use super::reply::Refusal;
use super::store::{Record, Store, is_attachment, whole};

/// Refuses what the entity's rules forbid, and fills in what they supply.
pub(super) fn check(store: &Store, draft: &mut Draft) -> Result<(), Refusal> {
    match draft.entity {
        Entity::Tickets => tickets::check(store, draft),
        Entity::TicketSecondaryResources => tickets::check_secondary(store, draft),
        Entity::Tasks => tasks::check(store, draft),
        Entity::TimeEntries => time_entries::check(store, draft),
        Entity::Companies => {
            draft.default("isActive", true);
            Ok(())
        }
        Entity::TicketChecklistItems => {
            notes::check_item(draft);
            Ok(())
        }
        entity if is_attachment(entity) => attachments::check(draft),
        _ => Ok(()),
    }
}

/// Whether a write answers success and leaves a field as it was.
pub(super) fn ignores(draft: &Draft, field: &str) -> bool {
    let new = draft.is_new();
    match draft.entity {
        Entity::Projects => field == "status" && !new,
        Entity::TimeEntries => matches!(field, "ticketID" | "taskID") && !new,
        Entity::TicketNotes => field == "createdByContactID",
        Entity::Tickets => field == "ticketNumber",
        _ => false,
    }
}

/// What follows once a record is kept.
pub(super) fn kept(store: &mut Store, at: (Entity, i64), before: Option<&Record>, caller: Caller) {
    let (entity, id) = at;
    match entity {
        Entity::Tickets => tickets::kept(store, id, before, caller),
        Entity::TicketNotes | Entity::TaskNotes | Entity::ProjectNotes | Entity::TimeEntries => {
            notes::touch_parent(store, at, caller);
        }
        entity if is_attachment(entity) => attachments::listed(store, entity, id),
        _ => {}
    }
}

/// Refuses a deletion that the entity's rules forbid.
pub(super) fn may_delete(store: &Store, entity: Entity, record: &Record) -> Result<(), Refusal> {
    match entity {
        Entity::TimeEntries => time_entries::may_delete(record),
        Entity::Contacts if is_on_tickets(store, record) => Err(Refusal::of_record(
            "The Contact cannot be deleted because it is associated to one or more Tickets.",
        )),
        Entity::Companies => Err(no_permission("delete")),
        _ => Ok(()),
    }
}

/// What follows a deletion.
pub(super) fn deleted(store: &mut Store, entity: Entity, id: i64) {
    if is_attachment(entity) {
        store.remove(Entity::AttachmentInfo, id);
    }
}

/// Lists an attachment among those of all kinds.
pub(super) fn list_attachment(store: &mut Store, entity: Entity, id: i64) {
    attachments::listed(store, entity, id);
}

fn is_on_tickets(store: &Store, contact: &Record) -> bool {
    let id = whole(contact, "id");
    let mut tickets = store.all(Entity::Tickets);
    tickets.any(|(_, ticket)| whole(ticket, "contactID") == id)
}
