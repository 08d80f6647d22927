//! A resource is assigned together with a role that it holds.

use crate::schema::Entity;

use super::super::reply::Refusal;
use super::super::store::{Store, has, whole};
use super::super::write::Draft;

/// Refuses a resource without a role, a role without a resource, and a pair that is not defined.
pub(super) fn check(store: &Store, draft: &Draft) -> Result<(), Refusal> {
    let (resource, role) = ("assignedResourceID", "assignedResourceRoleID");
    if has(&draft.after, resource) != has(&draft.after, role) {
        return Err(Refusal::of_record(
            "Data violation: When assigning a Resource, you must assign both \
             a assignedResourceID and assignedResourceRoleID.",
        ));
    }
    let Some(holder) = whole(&draft.after, resource) else {
        return Ok(());
    };
    if !draft.changes(resource) && !draft.changes(role) {
        return Ok(());
    }
    if is_api_user(store, holder) {
        return Err(Refusal::of_record(
            "Reference value on field: assignedResourceID of type: Resource does not exist or is invalid.",
        ));
    }
    let role = whole(&draft.after, role).unwrap_or(0);
    if holds(store, holder, role) {
        Ok(())
    } else {
        Err(not_defined())
    }
}

/// Whether a resource holds a role.
pub(super) fn holds(store: &Store, resource: i64, role: i64) -> bool {
    let mut rows = store.all(Entity::ResourceRoles);
    rows.any(|(_, row)| {
        whole(row, "resourceID") == Some(resource) && whole(row, "roleID") == Some(role)
    })
}

fn is_api_user(store: &Store, resource: i64) -> bool {
    let resource = store.get(Entity::Resources, resource);
    resource.is_some_and(|resource| whole(resource, "licenseType") == Some(7))
}

fn not_defined() -> Refusal {
    Refusal::of_record(
        "Data violation: The assignedResourceID and assignedResourceRoleID combination is not currently defined.",
    )
}
