//! Compares entities as a whole.

use std::collections::BTreeSet;

use super::{Change, code_or_none, field};
use crate::schema::{Entity, Parent};

/// The change for a new entity.
pub(super) fn added(new: &Entity) -> Change {
    let route = match &new.parent {
        Some(parent) => format!(" at `{}/{{parentId}}/{}`", parent.segment, parent.child),
        None => String::new(),
    };
    let description = format!("added{route}, with {} fields", new.fields.len());
    Change::whole_entity(new, description)
}

/// All changes of an entity that exists before and after.
pub(super) fn changes(old: &Entity, new: &Entity) -> Vec<Change> {
    let mut changes = names(old, new);
    changes.extend(parent_changes(old, new));
    changes.extend(routes(old, new));
    changes.extend(actions(old, new));
    changes.extend(rights(old, new));
    changes.extend(capabilities(old, new));
    changes.extend(field::changes(old, new));
    changes
}

fn names(old: &Entity, new: &Entity) -> Vec<Change> {
    let rows = [
        ("singular name", &old.singular, &new.singular, true),
        ("legacy name", &old.legacy, &new.legacy, false),
    ];
    let changed = rows.into_iter().filter(|(_, old, new, _)| old != new);
    changed
        .map(|(what, before, after, breaks)| {
            let description = format!(
                "{what} {} → {}",
                code_or_none(before.as_deref()),
                code_or_none(after.as_deref())
            );
            Change::new(&new.name, description).breaking(breaks && before.is_some())
        })
        .collect()
}

/// Changes of the route below a parent, and of that parent.
fn parent_changes(old: &Entity, new: &Entity) -> Vec<Change> {
    let rows = [
        ("address", address(old), address(new), true),
        ("parent", parent(old).entity, parent(new).entity, true),
        (
            "field of the parent's id",
            parent(old).parent_id_field,
            parent(new).parent_id_field,
            false,
        ),
    ];
    let changed = rows.into_iter().filter(|(_, before, after, _)| before != after);
    changed
        .map(|(what, before, after, breaks)| {
            let description = format!(
                "{what} {} → {}",
                code_or_none(before.as_deref()),
                code_or_none(after.as_deref())
            );
            let breaks = breaks && before.is_some();
            Change::new(&new.name, description).child_route(true).breaking(breaks)
        })
        .collect()
}

fn address(entity: &Entity) -> Option<String> {
    let parent = entity.parent.as_ref()?;
    Some(format!("{}/{{parentId}}/{}", parent.segment, parent.child))
}

fn parent(entity: &Entity) -> Parent {
    entity.parent.clone().unwrap_or_default()
}

fn routes(old: &Entity, new: &Entity) -> Vec<Change> {
    let paths: BTreeSet<_> = old.routes.keys().chain(new.routes.keys()).collect();
    let mut changes = Vec::new();
    for path in paths {
        let (before, after) = (old.methods(path), new.methods(path));
        let change = |description| {
            Change::new(&new.name, description).child_route(path.contains("{parentId}"))
        };
        let (lost, gained) = (except(before, after), except(after, before));
        if !lost.is_empty() {
            changes.push(change(format!("`{path}` no longer accepts {lost}")).breaking(true));
        }
        if !gained.is_empty() {
            changes.push(change(format!("`{path}` accepts {gained}")));
        }
    }
    changes
}

fn except(methods: &[String], others: &[String]) -> String {
    let rest = methods.iter().filter(|method| !others.contains(method));
    rest.cloned().collect::<Vec<_>>().join(", ")
}

/// A GET that now changes data must never be sent as a read again.
fn actions(old: &Entity, new: &Entity) -> Vec<Change> {
    let change = |path: &String, does: &str| {
        Change::new(&new.name, format!("GET `{path}` {does}")).child_route(true)
    };
    let added = new.actions.iter().filter(|path| !old.actions.contains(path));
    let removed = old.actions.iter().filter(|path| !new.actions.contains(path));
    let added = added.map(|path| change(path, "changes data").breaking(true));
    added.chain(removed.map(|path| change(path, "no longer changes data"))).collect()
}

fn rights(old: &Entity, new: &Entity) -> Vec<Change> {
    let rows = [
        ("query", old.can.query, new.can.query),
        ("create", old.can.create, new.can.create),
        ("update", old.can.update, new.can.update),
        ("delete", old.can.delete, new.can.delete),
    ];
    toggles(new, rows, |verb| [format!("can {verb}"), format!("can no longer {verb}")])
}

fn capabilities(old: &Entity, new: &Entity) -> Vec<Change> {
    let rows = [
        ("user-defined fields", old.has_user_defined_fields, new.has_user_defined_fields),
        ("webhooks", old.supports_webhook_callouts, new.supports_webhook_callouts),
    ];
    toggles(new, rows, |what| [format!("has {what}"), format!("no longer has {what}")])
}

/// Changes of yes-or-no properties, each described as gained or lost.
fn toggles<const N: usize>(
    new: &Entity,
    rows: [(&str, bool, bool); N],
    description: impl Fn(&str) -> [String; 2],
) -> Vec<Change> {
    let changed = rows.into_iter().filter(|(_, before, after)| before != after);
    changed
        .map(|(what, before, after)| {
            let [is, is_not] = description(what);
            Change::new(&new.name, if after { is } else { is_not }).breaking(before)
        })
        .collect()
}
