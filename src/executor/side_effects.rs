//! What Autotask does besides what a write says, and a person should know before.

use serde_json::Value;

use crate::catalog::Entity;
use crate::plan::{Change, Write};
use crate::validate::rules;
use crate::value::record::Record;

/// The system's code of a completed ticket.
const COMPLETE_STATUS: i64 = 5;
/// The system's code for a note or an attachment that everybody sees.
const PUBLISH_ALL_USERS: i64 = 1;

/// Sentences for a preview.
pub(super) fn side_effects(write: &Write, impersonation: Option<i64>) -> Vec<String> {
    let mut told: Vec<_> = match &write.change {
        Change::Create(record) => on_create(write.entity, record),
        Change::Update(_, record) | Change::UpdateMany(_, record) => {
            on_update(write.entity, record)
        }
        Change::Delete(_) => vec!["A deleted record cannot be brought back."],
    };
    told.retain(|sentence| !sentence.is_empty());
    let mut told: Vec<_> = told.into_iter().map(str::to_owned).collect();
    told.extend(
        rules::silently_ignored_fields(write.entity, &write.change).map(ignored_field_notice),
    );
    told.extend(html_tags_notice(&write.change));
    told.extend(impersonation_notice(write, impersonation));
    told
}

fn on_create(entity: Entity, record: &Record) -> Vec<&'static str> {
    match entity {
        Entity::Tickets => vec![completing_ticket(record), WORKFLOW_NOTICE],
        entity => on_any_write(entity, record),
    }
}

fn on_update(entity: Entity, record: &Record) -> Vec<&'static str> {
    let has = |field| record.get(field).is_some();
    let when = |applies: bool, sentence| if applies { sentence } else { "" };
    match entity {
        Entity::Tickets => vec![
            completing_ticket(record),
            when(has("companyID"), COMPANY_CHANGE_NOTICE),
            when(is_set(record, "assignedResourceID"), ASSIGNMENT_NOTICE),
            when(has("status") || has("queueID"), WORKFLOW_NOTICE),
        ],
        entity => on_any_write(entity, record),
    }
}

fn on_any_write(entity: Entity, record: &Record) -> Vec<&'static str> {
    match entity {
        Entity::TicketNotes | Entity::TaskNotes | Entity::ProjectNotes => {
            vec![note_visibility(record)]
        }
        Entity::TimeEntries => {
            let told = [("summaryNotes", SUMMARY_NOTICE), ("taskID", TASK_RESOURCE_NOTICE)];
            let told = told.into_iter().filter(|(field, _)| is_set(record, field));
            told.map(|(_, sentence)| sentence).collect()
        }
        entity if rules::is_attachment(entity) => vec![attachment_visibility(record)],
        _ => Vec::new(),
    }
}

fn is_set(record: &Record, field: &str) -> bool {
    record.get(field).is_some_and(|value| !value.is_null())
}

const WORKFLOW_NOTICE: &str =
    "Workflow rules of the tenant may follow, which may mail the customer or change the ticket.";
const COMPANY_CHANGE_NOTICE: &str = "A ticket moves to another company only if its contact, location, contract and configuration item are cleared or replaced in the same update.";
const ASSIGNMENT_NOTICE: &str =
    "The person must hold the role, and must not be a secondary resource of the ticket.";
const SUMMARY_NOTICE: &str = "The customer may read summaryNotes; internalNotes stay internal.";
const TASK_RESOURCE_NOTICE: &str =
    "The person must be the primary or a secondary resource of the task.";

fn completing_ticket(record: &Record) -> &'static str {
    match whole(record, "status") {
        Some(COMPLETE_STATUS) => {
            "Status 5 completes the ticket: mails about it quote its resolution, open checklist items are not asked for, and service calls stay open."
        }
        _ => "",
    }
}

fn note_visibility(record: &Record) -> &'static str {
    match whole(record, "publish") {
        Some(PUBLISH_ALL_USERS) => {
            "publish 1 shows the note to the customer in the client portal, and mails nobody; 2 keeps it internal."
        }
        _ => "",
    }
}

fn attachment_visibility(record: &Record) -> &'static str {
    match whole(record, "publish") {
        Some(PUBLISH_ALL_USERS) => {
            "publish 1 shows the attachment to the customer in the client portal; 2 keeps it internal."
        }
        _ => "",
    }
}

fn ignored_field_notice((field, _): (&str, &Value)) -> String {
    format!("Autotask is known to ignore {field} here without a word: it is read back then.")
}

/// Autotask stores plain text, and shows a tag as it is written.
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
            format!("Autotask shows the tags in {name} as they are written: it keeps plain text.")
        })
        .collect()
}

fn impersonation_notice(write: &Write, impersonation: Option<i64>) -> Option<String> {
    let told = |id| format!("It is written in the name of resource {id}.");
    task_creator_notice(write, impersonation).or_else(|| impersonation.map(told))
}

/// Tasks take the header and ignore it.
pub(super) fn task_creator_notice(write: &Write, impersonation: Option<i64>) -> Option<String> {
    let is_new_task = write.entity == Entity::Tasks && matches!(write.change, Change::Create(_));
    let id = impersonation.filter(|_| is_new_task)?;
    Some(format!("Autotask names the API user as creator of a task, not resource {id}."))
}

fn whole(record: &Record, field: &str) -> Option<i64> {
    record.get(field).and_then(Value::as_i64)
}
