//! What Autotask does in addition to what a write says, and a user should know before.

use serde_json::Value;

use super::RecordFields;
use super::author::author_notice;
use super::search::doubles_associations;
use crate::catalog::Entity;
use crate::plan::{Change, Write};
use crate::validate::{attachments, rules};
use crate::value::record::Record;

/// The system's code of a completed ticket or project.
const COMPLETE_STATUS: i64 = 5;
/// The system's code for a note or an attachment that everybody sees.
const PUBLISH_ALL_USERS: i64 = 1;

/// Sentences for a preview; only those that apply.
pub(super) fn side_effects(
    write: &Write,
    current: Option<&RecordFields>,
    closed_status_ids: &[i64],
) -> Vec<String> {
    let mut effects: Vec<_> = match &write.change {
        Change::Create(record) if write.entity == Entity::Tickets => {
            vec![closing_ticket(record, closed_status_ids), WORKFLOW_NOTICE]
        }
        Change::Update(_, record) | Change::UpdateMany(_, record)
            if write.entity == Entity::Tickets =>
        {
            on_ticket_update(record, closed_status_ids)
        }
        Change::Create(record) | Change::Update(_, record) | Change::UpdateMany(_, record) => {
            on_any_write(write.entity, record, current)
        }
        Change::Delete(_) if doubles_associations(write.entity) => {
            vec![
                "The association's record of the other side is deleted too; neither can be restored.",
            ]
        }
        Change::Delete(_) => vec!["A deleted record cannot be restored."],
    };
    effects.retain(|sentence| !sentence.is_empty());
    let mut effects: Vec<_> = effects.into_iter().map(str::to_owned).collect();
    effects.extend(
        rules::silently_ignored_fields(write.entity, &write.change).map(ignored_field_notice),
    );
    effects.extend(html_tags_notice(&write.change));
    effects.extend(author_notice(write));
    effects
}

fn on_ticket_update(record: &Record, closed_status_ids: &[i64]) -> Vec<&'static str> {
    let has = |field| record.get(field).is_some();
    let when = |applies: bool, sentence| if applies { sentence } else { "" };
    vec![
        closing_ticket(record, closed_status_ids),
        when(is_set(record, "assignedResourceID"), ASSIGNMENT_NOTICE),
        when(has("status") || has("queueID"), WORKFLOW_NOTICE),
    ]
}

fn on_any_write(
    entity: Entity,
    record: &Record,
    current: Option<&RecordFields>,
) -> Vec<&'static str> {
    match entity {
        Entity::TicketNotes | Entity::TaskNotes | Entity::ProjectNotes => {
            vec![note_visibility(record)]
        }
        Entity::TimeEntries => {
            let is_on = |field: &str| {
                let current = current.and_then(|current| current.get(field));
                is_set(record, field) || current.is_some_and(|value| !value.is_null())
            };
            // Only colleagues read internal time.
            let is_visible = is_on("ticketID") || is_on("taskID");
            let effects = [
                (is_set(record, "summaryNotes") && is_visible, SUMMARY_NOTICE),
                (is_set(record, "taskID"), TASK_RESOURCE_NOTICE),
            ];
            effects.into_iter().filter(|(applies, _)| *applies).map(|(_, text)| text).collect()
        }
        Entity::Projects if integer(record, "status") == Some(COMPLETE_STATUS) => {
            vec![PROJECT_NOTICE]
        }
        entity if attachments::is_attachment(entity) => vec![attachment_visibility(record)],
        _ => Vec::new(),
    }
}

fn is_set(record: &Record, field: &str) -> bool {
    record.get(field).is_some_and(|value| !value.is_null())
}

const WORKFLOW_NOTICE: &str =
    "The tenant's workflow rules may run and may e-mail the customer or change the ticket.";
const ASSIGNMENT_NOTICE: &str =
    "Autotask rejects the assignment if the person is a secondary resource of the ticket.";
const SUMMARY_NOTICE: &str = "The customer may read summaryNotes; internalNotes stay internal.";
const PROJECT_NOTICE: &str = "Completing a project completes its open tasks too.";
const TASK_RESOURCE_NOTICE: &str =
    "Autotask rejects the entry unless the person is a resource of the task.";

fn closing_ticket(record: &Record, closed_status_ids: &[i64]) -> &'static str {
    match integer(record, "status") {
        Some(COMPLETE_STATUS) => {
            "Status 5 completes the ticket: e-mails about it quote its resolution, open checklist items are not checked, and service calls stay open."
        }
        Some(status) if closed_status_ids.contains(&status) => "This status closes the ticket.",
        _ => "",
    }
}

fn note_visibility(record: &Record) -> &'static str {
    match integer(record, "publish") {
        Some(PUBLISH_ALL_USERS) => {
            "Sends no e-mail. publish 1 is visible to the customer in the client portal, 2 is internal."
        }
        _ => "",
    }
}

fn attachment_visibility(record: &Record) -> &'static str {
    match integer(record, "publish") {
        Some(PUBLISH_ALL_USERS) => {
            "publish 1 is visible to the customer in the client portal, 2 is internal."
        }
        _ => "",
    }
}

fn ignored_field_notice((field, _): (&str, &Value)) -> String {
    format!("Autotask sometimes ignores {field} on this write; it will be read back to verify.")
}

/// Autotask stores plain text and displays tags as they are.
fn html_tags_notice(change: &Change) -> Vec<String> {
    let Some(record) = change.record() else {
        return Vec::new();
    };
    let has_tags = |value: &Value| {
        let text = value.as_str().unwrap_or_default().to_ascii_lowercase();
        ["</", "<br", "/>"].iter().any(|tag| text.contains(tag))
    };
    let fields = record.iter().filter(|(_, value)| has_tags(value));
    fields
        .map(|(name, _)| {
            format!("Autotask stores plain text, so the tags in {name} are displayed as they are.")
        })
        .collect()
}

fn integer(record: &Record, field: &str) -> Option<i64> {
    record.get(field).and_then(Value::as_i64)
}
