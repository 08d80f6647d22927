//! What changed about an entity as a whole.

use std::collections::BTreeSet;

use super::{Change, field};
use crate::schema::{Entity, Parent};

/// An entity that is new.
pub(super) fn added(new: &Entity) -> Change {
    let below = match &new.parent {
        Some(parent) => format!(" at `{}/{{parentId}}/{}`", parent.segment, parent.child),
        None => String::new(),
    };
    let says = format!("added{below}, with {} fields", new.fields.len());
    Change::whole(new, says)
}

/// All changes of an entity that stays.
pub(super) fn changes(old: &Entity, new: &Entity) -> Vec<Change> {
    let mut changes = names(old, new);
    changes.extend(place(old, new));
    changes.extend(routes(old, new));
    changes.extend(actions(old, new));
    changes.extend(rights(old, new));
    changes.extend(marks(old, new));
    changes.extend(field::changes(old, new));
    changes
}

fn names(old: &Entity, new: &Entity) -> Vec<Change> {
    let rows = [
        ("singular name", &old.singular, &new.singular, true),
        ("older name", &old.legacy, &new.legacy, false),
    ];
    let changed = rows.into_iter().filter(|(_, old, new, _)| old != new);
    changed
        .map(|(what, before, after, breaks)| {
            let says = format!("{what} {} → {}", word(before.as_deref()), word(after.as_deref()));
            Change::of(&new.name, says).breaking(breaks && before.is_some())
        })
        .collect()
}

/// Where it stands below a parent, and what is known of that parent.
fn place(old: &Entity, new: &Entity) -> Vec<Change> {
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
            let says = format!("{what} {} → {}", word(before.as_deref()), word(after.as_deref()));
            let breaks = breaks && before.is_some();
            Change::of(&new.name, says).below(true).breaking(breaks)
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
        let change = |says| Change::of(&new.name, says).below(path.contains("{parentId}"));
        let (lost, gained) = (without(before, after), without(after, before));
        if !lost.is_empty() {
            changes.push(change(format!("`{path}` takes no {lost} any more")).breaking(true));
        }
        if !gained.is_empty() {
            changes.push(change(format!("`{path}` takes {gained}")));
        }
    }
    changes
}

fn without(methods: &[String], others: &[String]) -> String {
    let left = methods.iter().filter(|method| !others.contains(method));
    left.cloned().collect::<Vec<_>>().join(", ")
}

/// An address that was read and now changes data must never be read again.
fn actions(old: &Entity, new: &Entity) -> Vec<Change> {
    let change = |path: &String, does: &str| {
        Change::of(&new.name, format!("GET `{path}` {does}")).below(true)
    };
    let fresh = new.actions.iter().filter(|path| !old.actions.contains(path));
    let gone = old.actions.iter().filter(|path| !new.actions.contains(path));
    let fresh = fresh.map(|path| change(path, "changes data").breaking(true));
    fresh.chain(gone.map(|path| change(path, "changes no data any more"))).collect()
}

fn rights(old: &Entity, new: &Entity) -> Vec<Change> {
    let rows = [
        ("query", old.can.query, new.can.query),
        ("create", old.can.create, new.can.create),
        ("update", old.can.update, new.can.update),
        ("delete", old.can.delete, new.can.delete),
    ];
    told(new, rows, |verb| [format!("can {verb}"), format!("cannot {verb} any more")])
}

fn marks(old: &Entity, new: &Entity) -> Vec<Change> {
    let rows = [
        ("user-defined fields", old.has_user_defined_fields, new.has_user_defined_fields),
        ("webhooks", old.supports_webhook_callouts, new.supports_webhook_callouts),
    ];
    told(new, rows, |what| [format!("has {what}"), format!("has no {what} any more")])
}

/// What changed of things that an entity has or has not; each is said in one way or the other.
fn told<const N: usize>(
    new: &Entity,
    rows: [(&str, bool, bool); N],
    says: impl Fn(&str) -> [String; 2],
) -> Vec<Change> {
    let changed = rows.into_iter().filter(|(_, before, after)| before != after);
    changed
        .map(|(what, before, after)| {
            let [is, is_not] = says(what);
            Change::of(&new.name, if after { is } else { is_not }).breaking(before)
        })
        .collect()
}

/// A name in code, or that there is none.
pub(super) fn word(name: Option<&str>) -> String {
    name.map_or_else(|| "none".to_owned(), |name| format!("`{name}`"))
}
