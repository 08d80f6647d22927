//! Notes, time entries and checklist items: activity on their parent, and completion.

use serde_json::Value;

use crate::auth::Caller;
use crate::pending_write::PendingRecord;
use crate::record::{integer, is_true};
use crate::store::Store;

/// Updates the last activity of the ticket, task or project of a note or time entry.
pub(crate) fn touch_parent(store: &mut Store, (entity, id): (&str, i64), caller: Caller) {
    let Some(record) = store.get(entity, id) else {
        return;
    };
    let parents = [
        ("Tickets", "ticketID", "lastActivityDate"),
        ("Tasks", "taskID", "lastActivityDateTime"),
        ("Projects", "projectID", "lastActivityDateTime"),
    ];
    let now = store.now();
    let found = parents.map(|(entity, field, date)| (entity, integer(record, field), date));
    for (entity, id, date) in found {
        let parent = id.and_then(|id| store.get_mut(entity, id));
        if let Some(parent) = parent {
            parent.insert(date.into(), now.clone().into());
            parent.insert("lastActivityResourceID".into(), caller.resource.into());
        }
    }
}

/// Sets the defaults of an item, and who completed it and when.
pub(crate) fn fill_checklist_item(store: &Store, record: &mut PendingRecord) {
    record.set_default("isCompleted", false);
    record.set_default("isImportant", false);
    if record.changes("isCompleted") {
        let done = is_true(&record.after, "isCompleted");
        let at = done.then(|| store.now()).map_or(Value::Null, Value::from);
        let by = done.then_some(record.caller.resource).map_or(Value::Null, Value::from);
        record.set("completedDateTime", at);
        record.set("completedByResourceID", by);
    }
}
