//! Notes, time and checklists: what they do to the record they belong to.

use serde_json::Value;

use crate::catalog::Entity;

use super::super::date::NOW;
use super::super::door::Caller;
use super::super::draft::Draft;
use super::super::store::{Store, whole};

/// Moves the last activity of the ticket, task or project that a note or time entry is on.
pub(super) fn touch_parent(store: &mut Store, at: (Entity, i64), caller: Caller) {
    let Some(record) = store.get(at.0, at.1) else {
        return;
    };
    let parents = [
        (Entity::Tickets, "ticketID", "lastActivityDate"),
        (Entity::Tasks, "taskID", "lastActivityDateTime"),
        (Entity::Projects, "projectID", "lastActivityDateTime"),
    ];
    let found = parents.map(|(entity, field, date)| (entity, whole(record, field), date));
    for (entity, id, date) in found {
        let parent = id.and_then(|id| store.get_mut(entity, id));
        if let Some(parent) = parent {
            parent.insert(date.into(), NOW.into());
            parent.insert("lastActivityResourceID".into(), caller.resource.into());
        }
    }
}

/// Ticking an item off sets by whom and when.
pub(super) fn check_item(draft: &mut Draft) {
    draft.default("isCompleted", false);
    draft.default("isImportant", false);
    if draft.changes("isCompleted") {
        let done = draft.after.get("isCompleted") == Some(&Value::Bool(true));
        let at = done.then_some(NOW).map_or(Value::Null, Value::from);
        let by = done.then_some(draft.caller.resource).map_or(Value::Null, Value::from);
        draft.set("completedDateTime", at);
        draft.set("completedByResourceID", by);
    }
}
