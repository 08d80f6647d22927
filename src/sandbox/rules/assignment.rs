//! A resource is assigned together with a role that it holds.

use crate::catalog::Entity;

use super::super::draft::Draft;
use super::super::reply::Refusal;
use super::super::store::{Record, Store, has, whole};

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
        return Err(Refusal::reference(resource, "Resource"));
    }
    defined(store, &draft.after, (resource, role))
}

/// Refuses a resource and a role, told by their fields, that do not go together.
pub(super) fn defined(
    store: &Store,
    record: &Record,
    (resource, role): (&str, &str),
) -> Result<(), Refusal> {
    let pair = whole(record, resource).zip(whole(record, role));
    if pair.is_some_and(|(holder, held)| holds(store, holder, held)) {
        return Ok(());
    }
    Err(Refusal::of_record(format!(
        "Data violation: The {resource} and {role} combination is not currently defined."
    )))
}

fn holds(store: &Store, resource: i64, role: i64) -> bool {
    let mut rows = store.all(Entity::ResourceRoles);
    rows.any(|(_, row)| {
        whole(row, "resourceID") == Some(resource) && whole(row, "roleID") == Some(role)
    })
}

fn is_api_user(store: &Store, resource: i64) -> bool {
    let resource = store.get(Entity::Resources, resource);
    resource.is_some_and(|resource| whole(resource, "licenseType") == Some(7))
}
