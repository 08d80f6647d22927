//! The public Swagger document: which entities exist, their routes, and the names in their records.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::SchemaError;
use crate::skipped::Skipped;

const FIELDS: &str = "/entityInformation/fields";

/// One entity as the document lists it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListedEntity {
    pub singular: Option<String>,
    pub legacy: Option<String>,
    /// Segment and short name of the routes below a parent.
    pub child_path: Option<(String, String)>,
    pub routes: BTreeMap<String, Vec<String>>,
    /// Routes whose GET changes data, such as an approval.
    pub actions: Vec<String>,
    /// The names in a record; empty if the document has no model of it.
    pub record_fields: Vec<String>,
}

/// The entities that the document lists.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Swagger {
    pub entities: BTreeMap<String, ListedEntity>,
    /// Entities that are listed under an unusable name.
    pub skipped: Vec<Skipped>,
}

impl Swagger {
    /// Parses the document; operations that do not belong to an entity are ignored.
    ///
    /// # Errors
    /// The document lists no entity, for example because it is truncated.
    pub fn parse(document: &Value) -> Result<Self, SchemaError> {
        let empty = || SchemaError::new("the Swagger document lists no entity");
        let paths = document["paths"].as_object().ok_or_else(empty)?;
        let paths: BTreeMap<&str, &Value> = paths.iter().filter_map(without_version).collect();
        let mut swagger = described_entities(&paths);
        // Root routes first: a child may be identified by its model alone.
        let (child, root): (Vec<_>, Vec<_>) =
            paths.iter().partition(|(path, _)| path.contains("{parentId}"));
        for (path, operations) in root.into_iter().chain(child) {
            swagger.add_path(path, operations);
        }
        for listed in swagger.entities.values_mut() {
            listed.record_fields = record_fields(document, listed.singular.as_deref());
        }
        match swagger.entities.is_empty() {
            true => Err(empty()),
            false => Ok(swagger),
        }
    }

    /// Skips all but one of the names that differ only in case; a known name is kept.
    pub fn drop_duplicates(&mut self, is_known: impl Fn(&str) -> bool) {
        let names: Vec<_> = self.entities.keys().cloned().collect();
        for name in &names {
            let is_duplicate = |other: &&String| *other != name && other.eq_ignore_ascii_case(name);
            let is_kept = |other: &String| is_known(other) || !is_known(name) && other < name;
            if !is_known(name) && names.iter().filter(is_duplicate).any(is_kept) {
                self.entities.remove(name);
                let reason = "another entity has this name in other letter case";
                self.skipped.push(Skipped::new(name, reason));
            }
        }
    }

    fn add_path(&mut self, path: &str, operations: &Value) {
        let methods = methods(operations);
        if methods.is_empty() {
            return;
        }
        let Some((owner, child_path)) = self.owner(path, operations) else {
            return;
        };
        let Some(listed) = self.entities.get_mut(&owner) else {
            return;
        };
        match (&listed.child_path, child_path) {
            (Some(known), Some(other)) if *known != other => {
                let reason = format!("also addressed at {path}; only one parent is supported");
                return self.skipped.push(Skipped::new(&owner, reason));
            }
            (None, Some(place)) => listed.child_path = Some(place),
            _ => {}
        }
        listed.set_names(operations);
        if is_action(operations) {
            listed.actions.push(path.to_owned());
        }
        listed.routes.insert(path.to_owned(), methods);
    }

    /// The entity of a route, and for a route below a parent, its segment and short name.
    fn owner(&self, path: &str, operations: &Value) -> Option<(String, Option<(String, String)>)> {
        let parts: Vec<_> = path.split('/').collect();
        match parts.as_slice() {
            [segment, "{parentId}", child, ..] => {
                let owner = self.child((segment, child), operations)?;
                Some((owner, Some(((*segment).to_owned(), (*child).to_owned()))))
            }
            [name] | [name, "{id}" | "query" | "entityInformation"] => {
                Some(((*name).to_owned(), None))
            }
            [name, "query" | "entityInformation", _] => Some(((*name).to_owned(), None)),
            _ => None,
        }
    }

    /// The entity of a child route, by its tag (`TicketNotesChild`), or its model, or its segment and short name.
    fn child(&self, (segment, name): (&str, &str), operations: &Value) -> Option<String> {
        let mut tags =
            operations_of(operations).filter_map(|operation| operation["tags"][0].as_str());
        let tag = tags.next().and_then(|tag| tag.strip_suffix("Child"));
        if let Some(tag) = tag.filter(|tag| self.entities.contains_key(*tag)) {
            return Some(tag.to_owned());
        }
        let mut models = operations_of(operations)
            .filter_map(|operation| result_model(&operation["responses"]["200"]["schema"]));
        let singular = models.next().map(|(singular, _)| singular);
        let matches = |listed: &ListedEntity| match &singular {
            Some(_) => listed.singular == singular,
            None => listed
                .child_path
                .as_ref()
                .is_some_and(|(parent, own)| parent == segment && own == name),
        };
        let mut owners = self.entities.iter().filter(|(_, listed)| matches(listed));
        owners.next().map(|(name, _)| name.clone())
    }
}

impl ListedEntity {
    fn set_names(&mut self, operations: &Value) {
        for operation in operations_of(operations) {
            let response = &operation["responses"]["200"]["schema"];
            if let Some((singular, legacy)) = result_model(response) {
                self.singular = Some(singular);
                self.legacy = legacy.or(self.legacy.take());
            }
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let mut body_models = parameters.filter_map(|p| body_model(&p["schema"]));
            self.singular = self.singular.take().or(body_models.next());
        }
    }
}

fn without_version<'a>(
    (path, operations): (&'a String, &'a Value),
) -> Option<(&'a str, &'a Value)> {
    Some((path.strip_prefix("/V1.0/")?, operations))
}

/// The entities with a fields page; a name that is not an identifier is skipped.
fn described_entities(paths: &BTreeMap<&str, &Value>) -> Swagger {
    let mut swagger = Swagger::default();
    let names = paths.keys().filter_map(|path| path.strip_suffix(FIELDS));
    for name in names.filter(|name| !name.contains('/')) {
        if is_type_name(name) {
            let listed = ListedEntity::default();
            swagger.entities.insert(name.to_owned(), listed);
        } else {
            let reason = "the name is not a Rust identifier";
            swagger.skipped.push(Skipped::new(name, reason));
        }
    }
    swagger
}

/// Whether a name can be a variant of an enum.
fn is_type_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name != "Self"
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}

fn operations_of(path: &Value) -> impl Iterator<Item = &Value> {
    path.as_object().into_iter().flat_map(Map::values)
}

fn methods(operations: &Value) -> Vec<String> {
    let keys = operations.as_object().into_iter().flat_map(Map::keys);
    let mut methods: Vec<_> = keys.map(|method| method.to_uppercase()).collect();
    methods.sort_unstable();
    methods
}

/// Whether the GET of a route creates something.
fn is_action(operations: &Value) -> bool {
    let name = operations["get"]["operationId"].as_str();
    name.is_some_and(|name| name.ends_with("_CreateEntity"))
}

/// `QueryActionResult[CompanyModel,Account]`: the singular, and the legacy name if given.
fn result_model(schema: &Value) -> Option<(String, Option<String>)> {
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    let inner = name.strip_prefix("QueryActionResult[")?.strip_suffix(']')?;
    let (model, legacy) = match inner.split_once(',') {
        Some((model, legacy)) => (model, Some(legacy.to_owned())),
        None => (inner, None),
    };
    Some((model.strip_suffix("Model")?.to_owned(), legacy))
}

/// The singular of `TicketModel`, the body of a write; `QueryModel` is the body of a query.
fn body_model(schema: &Value) -> Option<String> {
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    let singular = name.strip_suffix("Model")?;
    (singular != "Query").then(|| singular.to_owned())
}

fn record_fields(document: &Value, singular: Option<&str>) -> Vec<String> {
    let model = singular.map(|name| &document["definitions"][format!("{name}Model")]);
    let properties = model.and_then(|model| model["properties"].as_object());
    properties.into_iter().flat_map(Map::keys).cloned().collect()
}
