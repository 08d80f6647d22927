//! Entities and fields of the built-in schema; an entity's fields are parsed when they are first used.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use autotask_schema::built_in;
use autotask_schema::schema::{Can, Field, Parent};
use serde::Deserialize;
use serde_json::value::RawValue;

/// One kind of record.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entity {
    /// The collection name.
    pub(crate) name: &'static str,
    singular: Option<&'static str>,
    pub(crate) can: Can,
    pub(crate) has_user_defined_fields: bool,
    pub(crate) supports_webhook_callouts: bool,
    pub(crate) parent: Option<Parent>,
    /// Paths whose GET changes data.
    #[serde(default)]
    pub(crate) actions: Vec<&'static str>,
    /// HTTP methods by path below `V1.0/`.
    #[serde(borrow)]
    pub(crate) routes: BTreeMap<&'static str, Vec<&'static str>>,
    #[serde(rename = "fields")]
    fields_text: &'static RawValue,
    #[serde(skip)]
    fields: OnceLock<Vec<Field>>,
}

/// By lower-case name.
static BY_NAME: LazyLock<BTreeMap<String, Entity>> = LazyLock::new(|| {
    let entities: BTreeMap<&str, Entity> = serde_json::from_str(built_in()).unwrap_or_default();
    entities.into_iter().map(|(name, entity)| (lower(name), entity)).collect()
});

static BY_SINGULAR: LazyLock<BTreeMap<&str, &Entity>> =
    LazyLock::new(|| entities().map(|entity| (entity.singular(), entity)).collect());

/// Lower-case segment and short name.
static CHILDREN: LazyLock<BTreeMap<(String, String), &Entity>> = LazyLock::new(|| {
    let children = entities().filter_map(|entity| {
        let parent = entity.parent.as_ref()?;
        Some(((lower(&parent.segment), lower(&parent.child)), entity))
    });
    children.collect()
});

/// All entities, in the order of their names.
pub(crate) fn entities() -> impl Iterator<Item = &'static Entity> {
    BY_NAME.values()
}

/// The entity of a collection name, in any letter case.
pub(crate) fn find_entity(name: &str) -> Option<&'static Entity> {
    BY_NAME.get(&lower(name))
}

/// The entity with this segment and short name below a parent, in any letter case.
pub(crate) fn find_child(segment: &str, child: &str) -> Option<&'static Entity> {
    CHILDREN.get(&(lower(segment), lower(child))).copied()
}

impl Entity {
    /// The singular that references use, or the collection name if it is unknown.
    pub(crate) fn singular(&self) -> &'static str {
        self.singular.unwrap_or(self.name)
    }

    /// The field that holds the parent's id, if known.
    pub(crate) fn parent_field(&self) -> Option<&str> {
        self.parent.as_ref()?.parent_id_field.as_deref()
    }

    /// Whether records carry file data.
    pub(crate) fn is_attachment(&self) -> bool {
        self.name.ends_with("Attachments")
    }

    /// All fields, in the order of their names.
    pub(crate) fn fields(&self) -> &[Field] {
        let parse = || serde_json::from_str(self.fields_text.get()).unwrap_or_default();
        self.fields.get_or_init(parse)
    }

    /// The field of this name, in any letter case.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields().iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }
}

/// The entity that a field references.
pub(crate) fn referenced(field: &Field) -> Option<&'static Entity> {
    BY_SINGULAR.get(field.reference_entity_type.as_deref()?).copied()
}

fn lower(name: &str) -> String {
    name.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{entities, find_child};

    #[test]
    fn the_built_in_schema_parses() {
        assert_eq!(entities().count(), 232);
        assert!(entities().all(|entity| entity.field("id").is_some() || entity.fields().len() < 3));
        let notes = find_child("tickets", "NOTES").map(|entity| entity.name);
        assert_eq!(notes, Some("TicketNotes"));
    }
}
