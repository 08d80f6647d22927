//! Checks the assignment of a resource: it requires a role that the resource has.

use crate::auth::API_USER_LICENSE;
use crate::error::ApiError;
use crate::pending_write::PendingRecord;
use crate::record::{Record, integer};
use crate::store::Store;

/// Rejects a resource without a role, a role without a resource, and an undefined combination.
pub(crate) fn check(store: &Store, record: &PendingRecord) -> Result<(), ApiError> {
    let (resource, role) = ("assignedResourceID", "assignedResourceRoleID");
    if record.has(resource) != record.has(role) {
        return Err(ApiError::record(
            "Data violation: When assigning a Resource, you must assign both \
             a assignedResourceID and assignedResourceRoleID.",
        ));
    }
    let Some(assigned) = integer(&record.after, resource) else {
        return Ok(());
    };
    if !record.changes(resource) && !record.changes(role) {
        return Ok(());
    }
    if is_api_user(store, assigned) {
        return Err(ApiError::invalid_reference(resource, "Resource"));
    }
    check_defined(store, &record.after, (resource, role))
}

/// Rejects a resource in one field and a role in another that the resource does not have.
pub(crate) fn check_defined(
    store: &Store,
    record: &Record,
    (resource, role): (&str, &str),
) -> Result<(), ApiError> {
    let pair = integer(record, resource).zip(integer(record, role));
    if pair.is_some_and(|(resource, role)| has_role(store, resource, role)) {
        return Ok(());
    }
    Err(ApiError::record(format!(
        "Data violation: The {resource} and {role} combination is not currently defined."
    )))
}

fn has_role(store: &Store, resource: i64, role: i64) -> bool {
    let mut rows = store.all("ResourceRoles");
    rows.any(|(_, row)| {
        integer(row, "resourceID") == Some(resource) && integer(row, "roleID") == Some(role)
    })
}

fn is_api_user(store: &Store, resource: i64) -> bool {
    let resource = store.get("Resources", resource);
    resource.is_some_and(|resource| integer(resource, "licenseType") == Some(API_USER_LICENSE))
}
