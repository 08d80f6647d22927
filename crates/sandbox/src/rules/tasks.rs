//! Tasks: numbered on creation, and assigned with role, department and work type.

use super::assignment;
use crate::date::NOW;
use crate::error::ApiError;
use crate::pending_write::PendingRecord;
use crate::store::{Store, integer};

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
        record.set("taskNumber", format!("T20260630.{count:04}"));
        record.set("creatorType", 1);
    }
    if record.changes("status") && integer(&record.after, "status") == Some(5) {
        record.set("completedDateTime", NOW);
        record.set("completedByResourceID", record.caller.resource);
    }
    Ok(())
}
