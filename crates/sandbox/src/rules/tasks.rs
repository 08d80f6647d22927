//! Tasks: number, completion, and the fields that an assignment requires.

use super::{assignment, tickets};
use crate::error::ApiError;
use crate::pending_write::PendingRecord;
use crate::record::integer;
use crate::store::Store;

/// Rejects an incomplete assignment, and sets number and completion.
pub(crate) fn check(store: &Store, record: &mut PendingRecord) -> Result<(), ApiError> {
    assignment::check(store, record)?;
    if record.is_new() {
        for field in ["departmentID", "billingCodeID"] {
            if record.has("assignedResourceID") && !record.has(field) {
                return Err(ApiError::missing_field(field));
            }
        }
        let count = store.all("Tasks").count() + 1;
        record.set("taskNumber", format!("{}{count:04}", tickets::number_prefix(store)));
        record.set("creatorType", 1);
    }
    if record.changes("status") && integer(&record.after, "status") == Some(5) {
        record.set("completedDateTime", store.now());
        record.set("completedByResourceID", record.caller.resource);
    }
    Ok(())
}
