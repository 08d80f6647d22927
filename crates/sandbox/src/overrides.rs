//! Overrides of the tenant's metadata, for tests; they do not change its behavior.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::catalog;
use crate::metadata;
use crate::route::{MetadataKind, below_prefix};
use crate::swagger::{self, bare_operation};

const SWAGGER: &str = "swagger/docs/v1";

/// Merge patches (RFC 7396) of metadata documents by path; members of arrays are addressed by their `name`.
///
/// Paths are those of Swagger and, below `V1.0/`, of an entity's rights and fields.
#[derive(Debug, Clone)]
pub struct SchemaOverride(pub Map<String, Value>);

/// An entity that the built-in schema does not have.
#[derive(Debug, Clone)]
pub struct ExtraEntity {
    /// The collection name.
    pub name: &'static str,
    /// The name that references use.
    pub singular: &'static str,
    /// Segment and short name below a parent.
    pub child_of: Option<(&'static str, &'static str)>,
    /// Rows of the fields page.
    pub fields: Vec<Value>,
}

impl SchemaOverride {
    /// Patches one document.
    #[must_use]
    pub fn new(path: &str, patch: Value) -> Self {
        Self(Map::from_iter([(path.to_owned(), patch)]))
    }

    /// Makes a document return 404.
    #[must_use]
    pub fn hide(path: &str) -> Self {
        Self::new(path, Value::Null)
    }

    /// Adds a row to an entity's fields.
    #[must_use]
    pub fn add_field(entity: &str, row: Value) -> Self {
        let name = row["name"].as_str().unwrap_or_default().to_owned();
        Self::patch_field(entity, &name, row)
    }

    /// Sets one value of an entity's field.
    #[must_use]
    pub fn set_field(entity: &str, field: &str, key: &str, value: Value) -> Self {
        Self::patch_field(entity, field, Map::from_iter([(key.to_owned(), value)]).into())
    }

    /// Adds an entity that supports queries and, below a parent, creation.
    #[must_use]
    pub fn add_entity(entity: ExtraEntity) -> Self {
        let ExtraEntity { name, singular, child_of, fields } = entity;
        let mut query = bare_operation(name, "Query");
        query["responses"]["200"]["schema"] = swagger::result_model(singular);
        let mut paths = json!({
            format!("/V1.0/{name}/query"): { "post": query },
            format!("/V1.0/{name}/query/count"): { "post": bare_operation(name, "QueryCount") },
            format!("/V1.0/{name}/entityInformation/fields"): { "get": bare_operation(name, "Page") },
        });
        if let Some((segment, child)) = child_of {
            let (path, tag) =
                (format!("/V1.0/{segment}/{{parentId}}/{child}"), format!("{name}Child"));
            paths[path] = json!({ "get": bare_operation(&tag, "Query"), "post": bare_operation(&tag, "CreateEntity") });
        }
        let template = catalog::find_entity("Tickets");
        let mut rights = template.map(|tickets| metadata::page(tickets, MetadataKind::Rights));
        if let Some(page) = &mut rights {
            page["info"]["name"] = singular.into();
        }
        Self(Map::from_iter([
            (SWAGGER.to_owned(), json!({ "paths": paths })),
            (rights_path(name), rights.into()),
            (fields_path(name), json!({ "fields": fields })),
        ]))
    }

    fn patch_field(entity: &str, field: &str, patch: Value) -> Self {
        let row = Map::from_iter([(field.to_owned(), patch)]);
        Self::new(&fields_path(entity), json!({ "fields": row }))
    }
}

/// A patched metadata document.
pub(crate) struct Document {
    /// `None` if the patches removed the document.
    pub(crate) body: Option<Value>,
    pub(crate) is_public: bool,
}

/// All overrides: patches in order, by lower-case path.
#[derive(Default)]
pub(crate) struct Overrides(BTreeMap<String, Vec<Value>>);

impl Overrides {
    /// Adds the patches of an override.
    pub(crate) fn add(&mut self, SchemaOverride(documents): SchemaOverride) {
        for (path, patch) in documents {
            self.0.entry(path.to_ascii_lowercase()).or_default().push(patch);
        }
    }

    /// The patched document at a path; none if no patch concerns it.
    pub(crate) fn document(&self, path: &str) -> Option<Document> {
        if self.0.is_empty() {
            return None;
        }
        let path = path.to_ascii_lowercase();
        let path = below_prefix(&path)?;
        let path = path.strip_prefix("v1.0/").unwrap_or(path);
        let patches = self.0.get(path)?;
        let mut document = built_in(path);
        for patch in patches {
            merge(&mut document, patch);
        }
        let body = Some(document).filter(|document| !document.is_null());
        Some(Document { body, is_public: path == SWAGGER })
    }
}

fn rights_path(entity: &str) -> String {
    format!("{entity}/entityInformation")
}

fn fields_path(entity: &str) -> String {
    format!("{entity}/entityInformation/fields")
}

/// The document before all patches; null if there is none.
fn built_in(path: &str) -> Value {
    let page = |entity, kind| {
        catalog::find_entity(entity).map_or(Value::Null, |entity| metadata::page(entity, kind))
    };
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["swagger", ..] => swagger::document(),
        [entity, _] => page(*entity, MetadataKind::Rights),
        [entity, ..] => page(*entity, MetadataKind::Fields),
        [] => Value::Null,
    }
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        target.clone_from(patch);
        return;
    };
    for (name, patch) in members {
        match target {
            Value::Array(items) => merge_item(items, name, patch),
            Value::Object(object) => merge_member(object, name, patch),
            _ => {
                *target = json!({});
                merge(target, &Value::Object(members.clone()));
                return;
            }
        }
    }
    if !target.is_object() && !target.is_array() {
        *target = json!({});
    }
}

fn merge_item(items: &mut Vec<Value>, name: &str, patch: &Value) {
    let index = items.iter().position(|item| item["name"] == name);
    match index.and_then(|index| items.get_mut(index)) {
        Some(item) if !patch.is_null() => merge(item, patch),
        None if !patch.is_null() => items.push(patch.clone()),
        _ => items.retain(|item| item["name"] != name),
    }
}

fn merge_member(object: &mut Map<String, Value>, name: &str, patch: &Value) {
    if patch.is_null() {
        object.remove(name);
    } else {
        merge(object.entry(name).or_insert(Value::Null), patch);
    }
}
