//! What lies between two states of the facts, change by change, in words.

mod entity;
mod field;

use std::fmt;

use crate::schema::{Entity, Schema};

/// One change, and whether it can break what worked before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The entity's name, before where it was renamed.
    pub entity: String,
    /// Whether the entity itself came, went or was renamed.
    pub whole: bool,
    /// Whether its place below a parent is concerned.
    pub below: bool,
    /// The field's name before, or its only one.
    pub field: Option<String>,
    /// The whole of what happened, such as ``renamed to `subject` ``.
    pub says: String,
    pub breaks: bool,
}

impl Change {
    fn of(entity: &str, says: impl Into<String>) -> Self {
        Self {
            entity: entity.to_owned(),
            whole: false,
            below: false,
            field: None,
            says: says.into(),
            breaks: false,
        }
    }

    fn whole(entity: &Entity, says: impl Into<String>) -> Self {
        Self { whole: true, below: entity.parent.is_some(), ..Self::of(&entity.name, says) }
    }

    fn field(entity: &str, field: &str, says: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), ..Self::of(entity, says) }
    }

    fn below(self, below: bool) -> Self {
        Self { below, ..self }
    }

    fn breaking(self, breaks: bool) -> Self {
        Self { breaks, ..self }
    }

    /// `Tickets`, or `Tickets.title`.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.field {
            Some(field) => format!("{}.{field}", self.entity),
            None => self.entity.clone(),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}.", self.place(), self.says)
    }
}

/// Every change, breaking ones first, and then by place.
#[must_use]
pub fn drift(before: &Schema, after: &Schema) -> Vec<Change> {
    let mut changes = Vec::new();
    let pairs = renamed(before, after);
    let is_old = |name: &str| pairs.iter().any(|(old, _)| old.name == name);
    let is_new = |name: &str| pairs.iter().any(|(_, new)| new.name == name);
    for (old, new) in &pairs {
        let says = format!("renamed to `{}`", new.name);
        changes.push(Change::whole(old, says).breaking(true));
    }
    for (name, old) in &before.entities {
        match after.entities.get(name) {
            Some(new) => changes.extend(entity::changes(old, new)),
            None if is_old(name) => {}
            None => changes.push(Change::whole(old, "removed").breaking(true)),
        }
    }
    let added = after.entities.values().filter(|e| !before.entities.contains_key(&e.name));
    changes.extend(added.filter(|e| !is_new(&e.name)).map(entity::added));
    changes.sort_by_key(|change| (!change.breaks, change.place()));
    changes
}

/// Entities that went and came with the same fields and a close name.
fn renamed<'a>(before: &'a Schema, after: &'a Schema) -> Vec<(&'a Entity, &'a Entity)> {
    let gone = before.entities.values().filter(|e| !after.entities.contains_key(&e.name));
    let names = |entity: &Entity| entity.fields.iter().map(|f| f.name.clone()).collect::<Vec<_>>();
    gone.filter_map(|old| {
        let mut came = after.entities.values().filter(|e| !before.entities.contains_key(&e.name));
        let new = came.find(|new| is_close(&old.name, &new.name) && names(old) == names(new))?;
        Some((old, new))
    })
    .collect()
}

/// Names as alike as a renaming leaves them; the letter case says nothing.
fn is_close(one: &str, other: &str) -> bool {
    const CLOSE: f64 = 0.8;
    strsim::jaro_winkler(&one.to_lowercase(), &other.to_lowercase()) > CLOSE
}
