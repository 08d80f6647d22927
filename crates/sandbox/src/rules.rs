//! Rules of single entities: which writes are allowed, and what they change in addition.

mod assignment;
mod attachments;
mod notes;
pub(crate) mod stamps;
mod tasks;
mod tickets;
mod time_entries;
pub(crate) mod time_off;

use autotask_schema::schema::Field;

use crate::auth::Caller;
use crate::error::ApiError;
use crate::pending_write::PendingRecord;
use crate::record::{Record, integer};
use crate::store::Store;

/// Rejects a write that the entity's rules forbid, and sets the defaults.
pub(crate) fn check(store: &Store, record: &mut PendingRecord) -> Result<(), ApiError> {
    match record.entity.name {
        "Tickets" => tickets::check(store, record),
        "TicketSecondaryResources" => tickets::check_secondary(store, record),
        "Tasks" => tasks::check(store, record),
        "TimeEntries" => time_entries::check(store, record),
        "Companies" => {
            record.set_default("isActive", true);
            Ok(())
        }
        "TicketChecklistItems" => {
            notes::fill_checklist_item(store, record);
            Ok(())
        }
        _ if record.entity.is_attachment() => attachments::check(record),
        _ => Ok(()),
    }
}

/// Whether a write may set a field; other fields are silently ignored.
pub(crate) fn is_settable(record: &PendingRecord, field: &Field) -> bool {
    if field.name == "id" || is_ignored(record, &field.name) {
        return false;
    }
    match (record.is_new(), field.is_read_only == Some(true)) {
        (_, false) => true,
        (true, true) => {
            field.is_required == Some(true) || is_set_on_create(record.entity.name, &field.name)
        }
        (false, true) => false,
    }
}

/// Whether a write silently ignores a field.
fn is_ignored(record: &PendingRecord, field: &str) -> bool {
    match record.entity.name {
        "Projects" => field == "status" && !record.is_new(),
        "TimeEntries" => matches!(field, "ticketID" | "taskID") && !record.is_new(),
        "TicketNotes" => field == "createdByContactID",
        "Tickets" => field == "ticketNumber",
        _ => false,
    }
}

/// Whether a field that is flagged read-only can be set when a record is created.
fn is_set_on_create(entity: &str, field: &str) -> bool {
    match entity {
        "ServiceBundleServices" => true,
        "Contracts" => matches!(field, "contractPeriodType" | "exclusionContractID"),
        _ => false,
    }
}

/// Updates other records after a record was stored.
pub(crate) fn after_store(
    store: &mut Store,
    (entity, id): (&'static str, i64),
    before: Option<&Record>,
    caller: Caller,
) {
    match entity {
        "Tickets" => tickets::add_history(store, id, before, caller),
        "TicketNotes" | "TaskNotes" | "ProjectNotes" | "TimeEntries" => {
            notes::touch_parent(store, (entity, id), caller);
        }
        _ if entity.ends_with("Attachments") => attachments::add_info(store, entity, id),
        _ => {}
    }
}

/// Rejects a deletion that the entity's rules forbid.
pub(crate) fn check_delete(store: &Store, entity: &str, record: &Record) -> Result<(), ApiError> {
    match entity {
        "TimeEntries" => time_entries::check_delete(record),
        "Contacts" if is_on_tickets(store, record) => Err(ApiError::record(
            "The Contact cannot be deleted because it is associated to one or more Tickets.",
        )),
        "Companies" => Err(ApiError::permission_denied("delete")),
        _ => Ok(()),
    }
}

/// Updates other records after a record was deleted.
pub(crate) fn after_delete(store: &mut Store, entity: &str, id: i64) {
    if entity.ends_with("Attachments") {
        store.remove("AttachmentInfo", id);
    }
}

fn is_on_tickets(store: &Store, contact: &Record) -> bool {
    let id = integer(contact, "id");
    store.all("Tickets").any(|(_, ticket)| integer(ticket, "contactID") == id)
}
