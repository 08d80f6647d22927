//! The public Swagger document: which entities there are, where, and how records spell their fields.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::Problem;
use crate::note::Note;

const FIELDS: &str = "/entityInformation/fields";

/// What the document lists of one entity.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listed {
    pub singular: Option<String>,
    pub legacy: Option<String>,
    /// Segment and short name of the addresses below a parent.
    pub below: Option<(String, String)>,
    pub routes: BTreeMap<String, Vec<String>>,
    /// Collections whose GET is no query but an act, such as an approval.
    pub actions: Vec<String>,
    /// The names in a record; none where the document shows no record.
    pub spellings: Vec<String>,
}

/// What the document lists, by collection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Swagger {
    pub entities: BTreeMap<String, Listed>,
    /// Entities that are listed and cannot be taken, and why.
    pub refused: Vec<Note>,
}

impl Swagger {
    /// Reads the document; other operations than those of entities are passed over.
    ///
    /// # Errors
    /// A document without an entity, as a cut one is.
    pub fn read(document: &Value) -> Result<Self, Problem> {
        let none = || Problem::new("the Swagger document lists no entity");
        let paths = document["paths"].as_object().ok_or_else(none)?;
        let paths: BTreeMap<&str, &Value> = paths.iter().filter_map(below_version).collect();
        let mut swagger = named(&paths);
        // Parents first: a child may be known by its model alone.
        let (below, at_root): (Vec<_>, Vec<_>) =
            paths.iter().partition(|(path, _)| path.contains("{parentId}"));
        for (path, operations) in at_root.into_iter().chain(below) {
            swagger.take(path, operations);
        }
        for listed in swagger.entities.values_mut() {
            listed.spellings = spellings(document, listed.singular.as_deref());
        }
        match swagger.entities.is_empty() {
            true => Err(none()),
            false => Ok(swagger),
        }
    }

    /// Refuses all but one of the names that differ in letter case alone; a known one is not refused.
    pub fn part_twins(&mut self, is_known: impl Fn(&str) -> bool) {
        let names: Vec<_> = self.entities.keys().cloned().collect();
        for name in &names {
            let twin = |other: &&String| *other != name && other.eq_ignore_ascii_case(name);
            let stays = |other: &String| is_known(other) || !is_known(name) && other < name;
            if !is_known(name) && names.iter().filter(twin).any(stays) {
                self.entities.remove(name);
                let words = "another entity has this name in other letter case";
                self.refused.push(Note::of(name, words));
            }
        }
    }

    fn take(&mut self, path: &str, operations: &Value) {
        let methods = methods(operations);
        if methods.is_empty() {
            return;
        }
        let Some((owner, below)) = self.owner(path, operations) else {
            return;
        };
        let Some(listed) = self.entities.get_mut(&owner) else {
            return;
        };
        match (&listed.below, below) {
            (Some(one), Some(other)) if *one != other => {
                let words = format!("addressed at {path} too; only one parent is taken");
                return self.refused.push(Note::of(&owner, words));
            }
            (None, Some(place)) => listed.below = Some(place),
            _ => {}
        }
        listed.name(operations);
        if acts(operations) {
            listed.actions.push(path.to_owned());
        }
        listed.routes.insert(path.to_owned(), methods);
    }

    /// The entity of an address, and its place where that is below a parent.
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

    /// A child's operations are tagged with its collection and `Child`; where they are not, their model tells,
    /// and where they have none, the address they stand below does.
    fn child(&self, (segment, name): (&str, &str), operations: &Value) -> Option<String> {
        let mut tags = each(operations).filter_map(|operation| operation["tags"][0].as_str());
        let tag = tags.next().and_then(|tag| tag.strip_suffix("Child"));
        if let Some(tag) = tag.filter(|tag| self.entities.contains_key(*tag)) {
            return Some(tag.to_owned());
        }
        let mut models =
            each(operations).filter_map(|one| result(&one["responses"]["200"]["schema"]));
        let singular = models.next().map(|(singular, _)| singular);
        let is = |listed: &Listed| match &singular {
            Some(_) => listed.singular == singular,
            None => {
                listed.below.as_ref().is_some_and(|(above, own)| above == segment && own == name)
            }
        };
        let mut owners = self.entities.iter().filter(|(_, listed)| is(listed));
        owners.next().map(|(name, _)| name.clone())
    }
}

impl Listed {
    fn name(&mut self, operations: &Value) {
        for operation in each(operations) {
            let answer = &operation["responses"]["200"]["schema"];
            if let Some((singular, legacy)) = result(answer) {
                self.singular = Some(singular);
                self.legacy = legacy.or(self.legacy.take());
            }
            let sent = operation["parameters"].as_array();
            let sent = sent.into_iter().flatten().find_map(|one| model(&one["schema"]));
            self.singular = self.singular.take().or(sent);
        }
    }
}

fn below_version<'a>((path, operations): (&'a String, &'a Value)) -> Option<(&'a str, &'a Value)> {
    Some((path.strip_prefix("/V1.0/")?, operations))
}

/// The collections that describe their fields; a name that is no identifier is refused.
fn named(paths: &BTreeMap<&str, &Value>) -> Swagger {
    let mut swagger = Swagger::default();
    let names = paths.keys().filter_map(|path| path.strip_suffix(FIELDS));
    for name in names.filter(|name| !name.contains('/')) {
        if is_type_name(name) {
            let listed = Listed::default();
            swagger.entities.insert(name.to_owned(), listed);
        } else {
            let words = "the name is no Rust identifier";
            swagger.refused.push(Note::of(name, words));
        }
    }
    swagger
}

/// Whether a name can stand in an enum as it is.
fn is_type_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name != "Self"
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}

fn each(operations: &Value) -> impl Iterator<Item = &Value> {
    operations.as_object().into_iter().flat_map(Map::values)
}

fn methods(operations: &Value) -> Vec<String> {
    let keys = operations.as_object().into_iter().flat_map(Map::keys);
    let mut methods: Vec<_> = keys.map(|method| method.to_uppercase()).collect();
    methods.sort_unstable();
    methods
}

/// Whether the GET of an address creates something.
fn acts(operations: &Value) -> bool {
    let name = operations["get"]["operationId"].as_str();
    name.is_some_and(|name| name.ends_with("_CreateEntity"))
}

/// `QueryActionResult[CompanyModel,Account]`: the singular, and the older name where it is given.
fn result(schema: &Value) -> Option<(String, Option<String>)> {
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    let inner = name.strip_prefix("QueryActionResult[")?.strip_suffix(']')?;
    let (model, legacy) = match inner.split_once(',') {
        Some((model, legacy)) => (model, Some(legacy.to_owned())),
        None => (inner, None),
    };
    Some((model.strip_suffix("Model")?.to_owned(), legacy))
}

/// `TicketModel`, as a body that is no query.
fn model(schema: &Value) -> Option<String> {
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    let singular = name.strip_suffix("Model")?;
    (singular != "Query").then(|| singular.to_owned())
}

fn spellings(document: &Value, singular: Option<&str>) -> Vec<String> {
    let model = singular.map(|name| &document["definitions"][format!("{name}Model")]);
    let shown = model.and_then(|model| model["properties"].as_object());
    shown.into_iter().flat_map(Map::keys).cloned().collect()
}
