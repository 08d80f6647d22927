//! What a tenant's documents add to the known facts: what they contradict is taken, what they leave open is kept.

mod entity;
mod field;
mod row;
mod taking;

use std::collections::BTreeMap;

use crate::Problem;
use crate::documents::{Documents, Extent};
use crate::note::Note;
use crate::schema::{Entity, Schema};
use crate::swagger::{Listed, Swagger};

/// The source of flags that a tenant told.
pub const LIVE: &str = "live";

/// The facts after the lesson.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Learnt {
    pub schema: Schema,
    /// What could not be learnt; the facts stay as they were.
    pub notes: Vec<Note>,
    /// How far the tenant told of itself.
    pub extent: Extent,
    /// Corrections by hand that the tenant says too.
    pub confirmed: Vec<Note>,
}

/// The facts before: as written, and as corrected by hand.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub written: &'a Schema,
    pub corrected: &'a Schema,
}

/// What an entity is learnt from.
struct Lesson<'a> {
    documents: &'a Documents,
    swagger: &'a Swagger,
    /// Entity by the name that references use.
    singulars: BTreeMap<&'a str, &'a str>,
}

/// The facts that follow from a tenant's documents.
///
/// # Errors
/// A Swagger document that lists no entity, or no page that tells anything.
pub fn learn(known: Known<'_>, documents: &Documents) -> Result<Learnt, Problem> {
    let mut swagger = Swagger::read(&documents.swagger)?;
    let extent = documents.extent(&swagger)?;
    swagger.part_twins(|name| known.written.entities.contains_key(name));
    let lesson =
        Lesson { documents, swagger: &swagger, singulars: singulars(&swagger, known.written) };
    let mut learnt = Learnt { notes: swagger.refused.clone(), extent, ..Learnt::default() };
    for name in swagger.entities.keys() {
        if let Some(entity) = lesson.entity(known, name, &mut learnt) {
            learnt.schema.entities.insert(name.clone(), entity);
        }
    }
    keep_refused(known.written, &swagger, &mut learnt.schema);
    learnt.notes.sort();
    Ok(learnt)
}

impl Lesson<'_> {
    /// The singular that a reference means; it may be told by an older name.
    fn singular(&self, told: &str) -> Option<String> {
        let legacy = |listed: &&Listed| listed.legacy.as_deref() == Some(told);
        if self.singulars.contains_key(told) {
            return Some(told.to_owned());
        }
        let listed = self.swagger.entities.values().find(legacy)?;
        listed.singular.clone()
    }

    /// How the records of an entity spell their fields.
    fn spellings(&self, entity: &str) -> &[String] {
        let listed = self.swagger.entities.get(entity);
        listed.map_or(&[], |listed| listed.spellings.as_slice())
    }

    fn entity(&self, known: Known<'_>, name: &str, learnt: &mut Learnt) -> Option<Entity> {
        let written = known.written.entities.get(name);
        let mut entity = match written {
            Some(entity) => entity.clone(),
            None => entity::blank(name),
        };
        entity::address(&mut entity, self.swagger);
        entity::rights(&mut entity, self.documents, &mut learnt.notes);
        let corrected = known.corrected.entities.get(name);
        let told = field::fields(self, &mut entity, corrected, learnt);
        field::settle(self, &mut entity, &mut learnt.notes);
        entity::parent_field(&mut entity, self.swagger);
        if written.is_none() && !told {
            learnt.notes.push(Note::of(name, "the entity is new and was left out"));
            return None;
        }
        Some(entity)
    }
}

fn singulars<'a>(swagger: &'a Swagger, known: &'a Schema) -> BTreeMap<&'a str, &'a str> {
    let mut names = BTreeMap::new();
    for (name, listed) in &swagger.entities {
        let before = known.entities.get(name).and_then(|e| e.singular.as_deref());
        if let Some(singular) = listed.singular.as_deref().or(before) {
            names.insert(singular, name.as_str());
        }
    }
    names
}

/// What is listed under a name that cannot be taken is not gone.
fn keep_refused(known: &Schema, swagger: &Swagger, schema: &mut Schema) {
    let refused = |name: &str| swagger.refused.iter().any(|note| note.place == name);
    for (name, entity) in &known.entities {
        if refused(name) {
            schema.entities.entry(name.clone()).or_insert_with(|| entity.clone());
        }
    }
}
