//! Attachments: the five fields they need, and their row in `AttachmentInfo`.

use serde_json::Value;

use crate::catalog::Entity;

use super::super::draft::Draft;
use super::super::reply::Refusal;
use super::super::store::{Record, Store, has, text, whole};

pub(super) fn check(draft: &mut Draft) -> Result<(), Refusal> {
    for field in ["attachmentType", "title", "fullPath", "publish", "data"] {
        if !has(&draft.after, field) {
            return Err(Refusal::missing(field));
        }
    }
    let path = text(&draft.after, "fullPath").unwrap_or_default();
    let kind = content_type(path);
    let size = text(&draft.after, "data").map_or(0, decoded_length);
    draft.set("contentType", kind);
    draft.set("fileSize", size);
    draft.set("creatorType", 1);
    if let Some(ticket) = whole(&draft.after, "parentID").filter(|_| is_on_ticket(draft)) {
        draft.set("ticketID", ticket);
    }
    Ok(())
}

/// Lists an attachment among those of all kinds.
pub(super) fn listed(store: &mut Store, entity: Entity, id: i64) {
    let Some(record) = store.get(entity, id) else {
        return;
    };
    let known = Entity::AttachmentInfo.fields().iter();
    let shared = known.filter_map(|field| {
        let value = record.get(field.name)?;
        Some((field.name.to_owned(), value.clone()))
    });
    let mut row: Record = shared.collect();
    row.insert("parentType".into(), parent_type(entity));
    store.put(Entity::AttachmentInfo, id, row);
}

fn is_on_ticket(draft: &Draft) -> bool {
    draft.entity == Entity::TicketAttachments
}

fn parent_type(entity: Entity) -> Value {
    match entity {
        Entity::TicketAttachments | Entity::TaskAttachments => 4.into(),
        Entity::TimeEntryAttachments => 18.into(),
        Entity::TicketNoteAttachments | Entity::TaskNoteAttachments => 23.into(),
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
