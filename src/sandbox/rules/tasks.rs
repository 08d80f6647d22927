//! Tasks: numbered on creation, and assigned with role, department and work type.

use crate::catalog::Entity;

use super::super::date::NOW;
use super::super::draft::Draft;
use super::super::reply::Refusal;
use super::super::store::{Store, has, whole};
use super::assignment;

pub(super) fn check(store: &Store, draft: &mut Draft) -> Result<(), Refusal> {
    assignment::check(store, draft)?;
    if draft.is_new() {
        for field in ["departmentID", "billingCodeID"] {
            if has(&draft.after, "assignedResourceID") && !has(&draft.after, field) {
                return Err(Refusal::missing(field));
            }
        }
        let count = store.all(Entity::Tasks).count() + 1;
        draft.set("taskNumber", format!("T20260630.{count:04}"));
        draft.set("creatorType", 1);
    }
    if draft.changes("status") && whole(&draft.after, "status") == Some(5) {
        draft.set("completedDateTime", NOW);
        draft.set("completedByResourceID", draft.caller.resource);
    }
    Ok(())
}
