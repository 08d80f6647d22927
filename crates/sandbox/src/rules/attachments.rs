//! Attachments: their required fields, and their row in `AttachmentInfo`.

use serde_json::Value;

use crate::catalog::{self, Entity};
use crate::error::ApiError;
use crate::pending_write::PendingRecord;
use crate::record::{Record, integer, text};
use crate::store::Store;

/// Rejects an attachment with a missing field, and sets its type and size.
pub(crate) fn check(record: &mut PendingRecord) -> Result<(), ApiError> {
    for field in ["attachmentType", "title", "fullPath", "publish", "data"] {
        if !record.has(field) {
            return Err(ApiError::missing_field(field));
        }
    }
    let path = text(&record.after, "fullPath").unwrap_or_default();
    let content_type = content_type(path);
    let size = text(&record.after, "data").map_or(0, decoded_length);
    record.set("contentType", content_type);
    record.set("fileSize", size);
    record.set("creatorType", 1);
    if let Some(ticket) = integer(&record.after, "parentID").filter(|_| is_on_ticket(record)) {
        record.set("ticketID", ticket);
    }
    Ok(())
}

/// Adds an attachment to the list of all attachments.
pub(crate) fn add_info(store: &mut Store, entity: &str, id: i64) {
    let Some(record) = store.get(entity, id) else {
        return;
    };
    let info = catalog::find_entity("AttachmentInfo");
    let fields = info.into_iter().flat_map(Entity::fields);
    let mut row: Record = fields
        .filter_map(|field| Some((field.name.clone(), record.get(&field.name)?.clone())))
        .collect();
    row.insert("parentType".into(), parent_type(entity));
    store.put("AttachmentInfo", id, row);
}

fn is_on_ticket(record: &PendingRecord) -> bool {
    record.entity.name == "TicketAttachments"
}

fn parent_type(entity: &str) -> Value {
    match entity {
        "TicketAttachments" | "TaskAttachments" => 4.into(),
        "TimeEntryAttachments" => 18.into(),
        "TicketNoteAttachments" | "TaskNoteAttachments" => 23.into(),
        _ => Value::Null,
    }
}

fn content_type(path: &str) -> &'static str {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "txt" | "log" => "text/plain",
        "pdf" => "application/pdf",
        "csv" => "text/csv",
        _ => "application/octet-stream",
    }
}

fn decoded_length(data: &str) -> usize {
    data.trim_end_matches('=').len() * 3 / 4
}
