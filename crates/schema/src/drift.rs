//! Compares two schemas: every change, as a sentence.

mod entity;
mod field;

use std::fmt;

use crate::schema::{Entity, Schema};

/// One change, and whether it can break what worked before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The entity's name; the old one if it was renamed.
    pub entity: String,
    /// Whether the entity itself was added, removed or renamed.
    pub is_whole_entity: bool,
    /// Whether its route below a parent is affected.
    pub affects_child_route: bool,
    /// The field's name; the old one if it was renamed.
    pub field: Option<String>,
    /// What changed, such as ``renamed to `subject` ``.
    pub description: String,
    pub is_breaking: bool,
}

impl Change {
    fn new(entity: &str, description: impl Into<String>) -> Self {
        Self {
            entity: entity.to_owned(),
            is_whole_entity: false,
            affects_child_route: false,
            field: None,
            description: description.into(),
            is_breaking: false,
        }
    }

    fn whole_entity(entity: &Entity, description: impl Into<String>) -> Self {
        let affects_child_route = entity.parent.is_some();
        Self { is_whole_entity: true, affects_child_route, ..Self::new(&entity.name, description) }
    }

    fn field(entity: &str, field: &str, description: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(entity, description) }
    }

    fn child_route(self, affects_child_route: bool) -> Self {
        Self { affects_child_route, ..self }
    }

    fn breaking(self, is_breaking: bool) -> Self {
        Self { is_breaking, ..self }
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
        write!(f, "`{}`: {}.", self.place(), self.description)
    }
}

/// Every change, breaking ones first, each group sorted by place.
#[must_use]
pub fn drift(before: &Schema, after: &Schema) -> Vec<Change> {
    let mut changes = Vec::new();
    let pairs = renamed(before, after);
    let is_old = |name: &str| pairs.iter().any(|(old, _)| old.name == name);
    let is_new = |name: &str| pairs.iter().any(|(_, new)| new.name == name);
    for (old, new) in &pairs {
        let description = format!("renamed to `{}`", new.name);
        changes.push(Change::whole_entity(old, description).breaking(true));
    }
    for (name, old) in &before.entities {
        match after.entities.get(name) {
            Some(new) => changes.extend(entity::changes(old, new)),
            None if is_old(name) => {}
            None => changes.push(Change::whole_entity(old, "removed").breaking(true)),
        }
    }
    let added = after.entities.values().filter(|e| !before.entities.contains_key(&e.name));
    changes.extend(added.filter(|e| !is_new(&e.name)).map(entity::added));
    changes.sort_by_key(|change| (!change.is_breaking, change.place()));
    changes
}

/// Pairs of a removed and an added entity with the same fields and similar names.
fn renamed<'a>(before: &'a Schema, after: &'a Schema) -> Vec<(&'a Entity, &'a Entity)> {
    let removed = before.entities.values().filter(|e| !after.entities.contains_key(&e.name));
    let names = |entity: &Entity| entity.fields.iter().map(|f| f.name.clone()).collect::<Vec<_>>();
    removed
        .filter_map(|old| {
            let mut added =
                after.entities.values().filter(|e| !before.entities.contains_key(&e.name));
            let new =
                added.find(|new| is_similar(&old.name, &new.name) && names(old) == names(new))?;
            Some((old, new))
        })
        .collect()
}

/// Whether two names are similar enough to be a rename, ignoring case.
fn is_similar(old: &str, new: &str) -> bool {
    const MIN_SIMILARITY: f64 = 0.8;
    strsim::jaro_winkler(&old.to_lowercase(), &new.to_lowercase()) > MIN_SIMILARITY
}

/// A name as Markdown code, or "none".
fn code_or_none(name: Option<&str>) -> String {
    name.map_or_else(|| "none".to_owned(), |name| format!("`{name}`"))
}
