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
    Change::whole(
        &new.name,
        format!("added{below}, with {} fields", new.fields.len()),
    )
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
            let says = format!(
                "{what} {} → {}",
                word(before.as_deref()),
                word(after.as_deref())
            );
            Change::of(&new.name, says).breaking(breaks && before.is_some())
        })
        .collect()
}

fn place(old: &Entity, new: &Entity) -> Option<Change> {
    let address = |parent: &Option<Parent>| {
        let parent = parent.as_ref()?;
        Some(format!("{}/{{parentId}}/{}", parent.segment, parent.child))
    };
    let (before, after) = (address(&old.parent), address(&new.parent));
    (before != after).then(|| {
        let says = format!(
            "address {} → {}",
            word(before.as_deref()),
            word(after.as_deref())
        );
        Change::of(&new.name, says).breaking(before.is_some())
    })
}

fn routes(old: &Entity, new: &Entity) -> Vec<Change> {
    let paths: BTreeSet<_> = old.routes.keys().chain(new.routes.keys()).collect();
    let mut changes = Vec::new();
    for path in paths {
        let (before, after) = (old.methods(path), new.methods(path));
        let lost: Vec<_> = before
            .iter()
            .filter(|m| !after.contains(m))
            .cloned()
            .collect();
        let gained: Vec<_> = after
            .iter()
            .filter(|m| !before.contains(m))
            .cloned()
            .collect();
        if !lost.is_empty() {
            let says = format!("`{path}` takes no {} any more", lost.join(", "));
            changes.push(Change::of(&new.name, says).breaking(true));
        }
        if !gained.is_empty() {
            changes.push(Change::of(
                &new.name,
                format!("`{path}` takes {}", gained.join(", ")),
            ));
        }
    }
    changes
}

/// An address that was read and now changes data must never be read again.
fn actions(old: &Entity, new: &Entity) -> Vec<Change> {
    let fresh = new
        .actions
        .iter()
        .filter(|path| !old.actions.contains(path));
    fresh
        .map(|path| Change::of(&new.name, format!("GET `{path}` changes data")).breaking(true))
        .collect()
}

fn rights(old: &Entity, new: &Entity) -> Vec<Change> {
    let rows = [
        ("query", old.can.query, new.can.query),
        ("create", old.can.create, new.can.create),
        ("update", old.can.update, new.can.update),
        ("delete", old.can.delete, new.can.delete),
    ];
    let changed = rows
        .into_iter()
        .filter(|(_, before, after)| before != after);
    changed
        .map(|(verb, before, after)| {
            let says = if after {
                format!("can {verb}")
            } else {
                format!("cannot {verb} any more")
            };
            Change::of(&new.name, says).breaking(before)
        })
        .collect()
}

fn marks(old: &Entity, new: &Entity) -> Vec<Change> {
    let rows = [
        (
            "user-defined fields",
            old.has_user_defined_fields,
            new.has_user_defined_fields,
        ),
        (
            "webhooks",
            old.supports_webhook_callouts,
            new.supports_webhook_callouts,
        ),
    ];
    let changed = rows
        .into_iter()
        .filter(|(_, before, after)| before != after);
    changed
        .map(|(what, before, after)| {
            let says = if after {
                format!("has {what}")
            } else {
                format!("has no {what} any more")
            };
            Change::of(&new.name, says).breaking(before)
        })
        .collect()
}

/// A name in code, or that there is none.
pub(super) fn word(name: Option<&str>) -> String {
    name.map_or_else(|| "none".to_owned(), |name| format!("`{name}`"))
}
