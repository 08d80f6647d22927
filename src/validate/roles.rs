//! The role of an assigned resource: set automatically if only one is possible, otherwise required.

use serde_json::Value;

use crate::catalog::Entity;
use crate::error::{Code, Error};
use crate::plan::Change;

/// A resource, and the field with the role it works in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleRequirement {
    pub resource: i64,
    pub role: Option<i64>,
    /// The queue of the work, if it is given.
    pub queue: Option<i64>,
    pub field: &'static str,
    /// The field that names the resource.
    pub resource_field: &'static str,
}

/// The role that a write needs, if it names a resource.
#[must_use]
pub fn required_role(entity: Entity, change: &Change) -> Option<RoleRequirement> {
    let (record, is_new) = match change {
        Change::Create(record) => (record, true),
        Change::Update(_, record) | Change::UpdateMany(_, record) => (record, false),
        Change::Delete(_) => return None,
    };
    let id = |name: &str| record.get(name).and_then(Value::as_i64);
    let (resource, field) = match entity {
        Entity::Tickets | Entity::Tasks => ("assignedResourceID", "assignedResourceRoleID"),
        // Internal time uses the resource's own role; sources disagree on whether another one is accepted.
        Entity::TimeEntries
            if is_new && id("internalBillingCodeID").is_none() && id("roleID").is_none() =>
        {
            ("resourceID", "roleID")
        }
        _ => return None,
    };
    Some(RoleRequirement {
        resource: id(resource)?,
        resource_field: resource,
        role: id(field),
        queue: id("queueID"),
        field,
    })
}

/// A role of a resource, perhaps for one queue only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldRole {
    pub role: i64,
    pub queue: Option<i64>,
}

/// The decision about the role of a write.
#[derive(Debug, PartialEq, Eq)]
pub enum RoleChoice {
    /// Change nothing.
    Valid,
    /// Use the only possible role.
    Only(i64),
    /// Several roles are possible, or the caller's role is not.
    Several(Vec<i64>),
    /// The resource has no role.
    None,
}

/// The role to use: roles for the queue come first; if the resource has none, the caller's role is accepted.
#[must_use]
pub fn choose_role(requirement: &RoleRequirement, held: &[HeldRole]) -> RoleChoice {
    let roles_for = |queue: Option<i64>| {
        let held = held.iter().filter(|held| queue.is_none() || held.queue == queue);
        let mut roles: Vec<_> = held.map(|held| held.role).collect();
        roles.sort_unstable();
        roles.dedup();
        roles
    };
    let all = roles_for(None);
    let roles = match roles_for(requirement.queue) {
        roles if roles.is_empty() => all.clone(),
        roles => roles,
    };
    match (requirement.role, roles.as_slice()) {
        (Some(_), []) => RoleChoice::Valid,
        (Some(role), _) if all.contains(&role) => RoleChoice::Valid,
        (None, []) => RoleChoice::None,
        (None, [only]) => RoleChoice::Only(*only),
        _ => RoleChoice::Several(roles),
    }
}

/// The error with the possible roles.
#[must_use]
pub fn role_error(
    requirement: &RoleRequirement,
    who: &str,
    (role, roles): (Option<&str>, &[String]),
) -> Error {
    let field = requirement.field;
    let message = match (role, roles) {
        (Some(role), _) => format!("{who} does not work in role {role}."),
        (None, []) => format!("{field} is missing, and {who} holds no active role."),
        (None, _) => format!("{field} is missing: {who} works in {} roles.", roles.len()),
    };
    let code = match role {
        Some(_) => Code::BadArgument,
        None => Code::MissingField,
    };
    let error = Error::new(code, message);
    match roles {
        [] => error.accepts(format!("{field}, or another resource")),
        _ => error.accepts(format!("{field}: {}", roles.join(" or "))),
    }
}

/// The error if the API user may not read the roles.
#[must_use]
pub fn unreadable(requirement: &RoleRequirement) -> Error {
    let field = requirement.field;
    let message = format!("{field} is missing, and the API user may not read ResourceRoles.");
    Error::new(Code::MissingField, message).accepts(format!("{field}: the number of a role"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_role_is_filled_in() {
        let held = |rows: &[(i64, Option<i64>)]| {
            let held = rows.iter().map(|&(role, queue)| HeldRole { role, queue });
            held.collect::<Vec<_>>()
        };
        let app = Some(7);
        for (role, queue, rows, choice) in [
            (None, None, held(&[(1, None), (1, app)]), RoleChoice::Only(1)),
            (None, None, held(&[(1, None), (2, None)]), RoleChoice::Several(vec![1, 2])),
            (None, app, held(&[(1, Some(8)), (2, app)]), RoleChoice::Only(2)),
            (None, Some(9), held(&[(1, Some(8)), (2, app)]), RoleChoice::Several(vec![1, 2])),
            (None, app, held(&[]), RoleChoice::None),
            (Some(3), app, held(&[]), RoleChoice::Valid),
            (Some(1), app, held(&[(1, Some(8)), (2, app)]), RoleChoice::Valid),
            (Some(3), app, held(&[(1, Some(8)), (2, app)]), RoleChoice::Several(vec![2])),
        ] {
            let requirement = RoleRequirement {
                resource: 5,
                role,
                queue,
                field: "roleID",
                resource_field: "resourceID",
            };
            assert_eq!(choose_role(&requirement, &rows), choice, "{role:?} {queue:?} {rows:?}");
        }
    }
}
