//! A tenant that says of itself what the schema does not: its pages, changed on demand.

use serde_json::{Value, json};

use crate::catalog::Entity;

use super::Sandbox;
use super::metadata;
use super::pages::Pages;
use super::path::Info;

/// What differs from the schema. It changes what the tenant says of itself, not what it does.
#[derive(Debug, Clone)]
pub enum Change {
    /// A new entity.
    AddEntity(Novelty),
    /// An entity that is gone, with its addresses.
    RemoveEntity(&'static str),
    /// An entity under another name.
    RenameEntity(&'static str, &'static str),
    /// A further row of an entity's fields endpoint.
    AddField(&'static str, Value),
    /// A row that is gone.
    RemoveField(&'static str, &'static str),
    /// A field under another name.
    RenameField(&'static str, &'static str, &'static str),
    /// Entity, field, key and value of the fields endpoint.
    SetField(&'static str, &'static str, &'static str, Value),
    /// Entity, key and value of `entityInformation`.
    SetRight(&'static str, &'static str, Value),
    /// An address below `V1.0/` and a method that it takes from now on.
    AddRoute(&'static str, &'static str),
    /// An address below `V1.0/` and a method that it takes no more.
    RemoveRoute(&'static str, &'static str),
    /// The API user may not see this entity.
    Deny(&'static str),
    /// The page at this address, such as `V1.0/` leaves it, ends in the middle.
    Cut(&'static str),
    /// Nothing answers at this address below `V1.0/`.
    Hide(&'static str),
}

/// An entity that the schema does not know.
#[derive(Debug, Clone)]
pub struct Novelty {
    /// The collection.
    pub name: &'static str,
    /// The name that references use.
    pub singular: &'static str,
    /// Segment and short name below a parent.
    pub below: Option<(&'static str, &'static str)>,
    /// Rows of the fields endpoint.
    pub fields: Vec<Value>,
}

impl Sandbox {
    /// Makes the tenant say something else about itself than the schema does.
    pub fn alter(&self, change: Change) {
        let mut state = self.state();
        let pages = state.pages.get_or_insert_with(Pages::of_schema);
        pages.alter(change);
    }
}

impl Pages {
    fn alter(&mut self, change: Change) {
        match change {
            Change::AddEntity(novelty) => self.add(novelty),
            Change::RemoveEntity(name) => self.remove(name),
            Change::RenameEntity(from, to) => self.rename(from, to),
            Change::AddField(entity, row) => self.rows(entity).push(row),
            Change::RemoveField(entity, name) => {
                self.rows(entity).retain(|row| row["name"] != name);
            }
            Change::RenameField(entity, from, to) => {
                self.set(entity, from, ("name", to.into()));
                self.respell(entity, from, to);
            }
            Change::SetField(entity, field, key, value) => self.set(entity, field, (key, value)),
            Change::SetRight(entity, key, value) => {
                self.rights.entry(small(entity)).or_default()["info"][key] = value;
            }
            Change::AddRoute(path, method) => {
                let entity = path.split('/').next().unwrap_or_default();
                self.route(path, method, operation(entity, "Query"));
            }
            Change::RemoveRoute(path, method) => {
                let operations = self.paths.entry(format!("/V1.0/{path}")).or_default();
                operations.remove(&small(method));
            }
            Change::Deny(entity) => self.denied.push(small(entity)),
            Change::Cut(page) => self.cut.push(small(page)),
            Change::Hide(page) => self.hidden.push(small(page)),
        }
    }

    fn add(&mut self, new: Novelty) {
        let Novelty { name, singular, below, fields } = new;
        let mut rights = metadata::page(Entity::Tickets, Info::Summary);
        rights["info"]["name"] = singular.into();
        self.rights.insert(small(name), rights);
        self.fields.insert(small(name), fields);
        let mut query = operation(name, "Query");
        let model = format!("#/definitions/QueryActionResult[{singular}Model]");
        query["responses"]["200"]["schema"] = json!({ "$ref": model });
        self.route(&format!("{name}/query"), "POST", query);
        self.route(&format!("{name}/query/count"), "POST", operation(name, "QueryCount"));
        self.route(&format!("{name}/entityInformation/fields"), "GET", operation(name, "Page"));
        if let Some((segment, child)) = below {
            let (path, tag) = (format!("{segment}/{{parentId}}/{child}"), format!("{name}Child"));
            self.route(&path, "GET", operation(&tag, "Query"));
            self.route(&path, "POST", operation(&tag, "CreateEntity"));
        }
    }

    fn remove(&mut self, name: &str) {
        let (own, child) = (format!("/V1.0/{name}"), format!("{name}Child"));
        self.paths.retain(|path, operations| {
            let below = path.contains("{parentId}");
            let is_own = !below && (*path == own || path.starts_with(&format!("{own}/")));
            let tagged = |one: &Value| one["tags"][0] == child.as_str();
            !is_own && !operations.values().any(tagged)
        });
        self.rights.remove(&small(name));
        self.fields.remove(&small(name));
    }

    fn rename(&mut self, from: &str, to: &str) {
        let tag = |tag: &Value| match tag.as_str().and_then(|tag| tag.strip_prefix(from)) {
            Some(end @ ("" | "Child")) => format!("{to}{end}").into(),
            _ => tag.clone(),
        };
        let named = |part: &str| {
            if part == from { to.to_owned() } else { part.to_owned() }
        };
        let paths = std::mem::take(&mut self.paths);
        self.paths = paths
            .into_iter()
            .map(|(path, mut operations)| {
                for operation in operations.values_mut() {
                    operation["tags"][0] = tag(&operation["tags"][0]);
                }
                let parts: Vec<_> = path
                    .split('/')
                    .enumerate()
                    .map(|(at, part)| if at == 2 { named(part) } else { part.to_owned() })
                    .collect();
                (parts.join("/"), operations)
            })
            .collect();
        if let Some(page) = self.rights.remove(&small(from)) {
            self.rights.insert(small(to), page);
        }
        if let Some(rows) = self.fields.remove(&small(from)) {
            self.fields.insert(small(to), rows);
        }
    }

    /// A record spells a field as its page does.
    fn respell(&mut self, entity: &str, from: &str, to: &str) {
        let singular = Entity::find(entity).map_or("", Entity::singular);
        let model = self.definitions.get_mut(&format!("{singular}Model"));
        if let Some(properties) = model.and_then(|model| model["properties"].as_object_mut()) {
            let shape = properties.remove(from).unwrap_or_default();
            properties.insert(to.to_owned(), shape);
        }
    }

    fn route(&mut self, path: &str, method: &str, operation: Value) {
        let operations = self.paths.entry(format!("/V1.0/{path}")).or_default();
        operations.insert(small(method), operation);
    }

    fn rows(&mut self, entity: &str) -> &mut Vec<Value> {
        self.fields.entry(small(entity)).or_default()
    }

    fn set(&mut self, entity: &str, field: &str, (key, value): (&str, Value)) {
        for row in self.rows(entity).iter_mut().filter(|row| row["name"] == field) {
            row[key] = value.clone();
        }
    }
}

fn small(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn operation(tag: &str, act: &str) -> Value {
    json!({ "tags": [tag], "operationId": format!("{tag}_{act}"), "responses": { "200": {} } })
}
