//! What one tenant has beyond the schema: fields and entities that it told of while the process runs.

use super::entity_row::row;
use super::{Entity, Field, find_by_name};

/// Nobody's tenant has so many; a tenant that invents fields without end does not fill the memory.
const MAX_DISCOVERED_FIELDS: usize = 1_000;
/// All entities that have UDFs can have about so many together (Autotask's help).
const MAX_UDF_NAMES: usize = 4_000;

/// Fields and entities that only the tenant knows. Each lives as long as the process and is kept as it was first told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiscoveredSchema {
    fields: Vec<(Entity, &'static Field)>,
    entities: Vec<Entity>,
    udfs: Vec<(Entity, &'static str)>,
}

/// What a tenant says of an entity that the schema does not know.
#[derive(Debug, Clone)]
pub struct DiscoveredEntity<'a> {
    pub name: &'a str,
    pub singular: &'a str,
    /// What may be done, as `QCUD`; it is done at the entity's own root.
    pub can: &'a str,
    pub has_udfs: bool,
    /// Each under its name.
    pub fields: Vec<(&'a str, Field)>,
}

impl DiscoveredSchema {
    /// Nothing beyond the schema.
    pub const EMPTY: Self = Self { fields: Vec::new(), entities: Vec::new(), udfs: Vec::new() };

    /// The schema and the names of UDFs, which no schema knows.
    #[must_use]
    pub fn without_discoveries(&self) -> Self {
        Self { udfs: self.udfs.clone(), ..Self::EMPTY }
    }

    /// Whether anything but UDFs is known beyond the schema.
    #[must_use]
    pub fn has_discoveries(&self) -> bool {
        !self.fields.is_empty() || !self.entities.is_empty()
    }

    /// Whether the tenant told of a UDF of this name, in any letter case.
    #[must_use]
    pub fn has_udf(&self, entity: Entity, name: &str) -> bool {
        let is = |(of, udf): &(Entity, &str)| *of == entity && udf.eq_ignore_ascii_case(name);
        self.udfs.iter().any(is)
    }

    /// Takes in the name of a UDF, unless it is known already.
    pub fn add_udf(&mut self, entity: Entity, name: &str) {
        if self.udfs.len() < MAX_UDF_NAMES && !self.has_udf(entity, name) {
            self.udfs.push((entity, leak(name)));
        }
    }

    /// The entity of a name, in any letter case.
    #[must_use]
    pub fn entity(&self, name: &str) -> Option<Entity> {
        let mut met = self.entities.iter().copied();
        Entity::find(name).or_else(|| met.find(|entity| entity.is_called(name)))
    }

    /// The field of this name, spelled so, else in any letter case.
    #[must_use]
    pub fn field(&self, entity: Entity, name: &str) -> Option<&'static Field> {
        find_by_name(self.fields(entity), name, |field| field.name)
    }

    /// Whether a field is known under exactly this name.
    #[must_use]
    pub fn has(&self, entity: Entity, name: &str) -> bool {
        self.fields(entity).any(|field| field.name == name)
    }

    /// All fields of an entity: the schema's, then those that only the tenant knows.
    pub fn fields(&self, entity: Entity) -> impl Iterator<Item = &'static Field> + Clone {
        let beyond = self.fields.iter().filter(move |(of, _)| *of == entity);
        let beyond = beyond.map(|(_, field)| *field);
        entity.fields().iter().chain(beyond)
    }

    /// Takes in a field under this name, unless it is known already.
    pub fn add_field(&mut self, entity: Entity, name: &str, field: Field) {
        if self.fields.len() < MAX_DISCOVERED_FIELDS && !self.has(entity, name) {
            self.fields.push((entity, Box::leak(Box::new(by_exact_name(name, field)))));
        }
    }

    /// Takes in an entity, unless it is known already.
    pub fn add_entity(&mut self, of: DiscoveredEntity) -> Option<Entity> {
        let known = self.entity(of.name);
        if known.is_some() || self.entities.len() >= MAX_DISCOVERED_FIELDS {
            return known;
        }
        let marks = if of.has_udfs { "U-" } else { "--" };
        let root = format!("{}G", of.can);
        let (name, singular) = (leak(of.name), leak(of.singular));
        let fields = of.fields.into_iter().take(MAX_DISCOVERED_FIELDS);
        let fields: Vec<_> = fields.map(|(name, field)| by_exact_name(name, field)).collect();
        let row = row(name, singular, (of.can, &root, marks), ("", ""), fields.leak());
        let entity = Entity::Novel(Box::leak(Box::new(row)));
        self.entities.push(entity);
        Some(entity)
    }
}

fn by_exact_name(name: &str, field: Field) -> Field {
    let name = leak(name);
    Field { name, ..field }
}

/// Planning passes names around as the schema's are: for as long as the process runs.
fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}
