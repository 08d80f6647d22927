//! Fields and UDFs from the tenant's metadata that the built-in schema does not contain.

use super::{Entity, Field, find_by_name};

/// More than any tenant has; limits memory if a tenant lists endless fields.
const MAX_DISCOVERED_FIELDS: usize = 1_000;
/// About the most that all entities of a tenant can have together (Autotask's help).
const MAX_UDF_NAMES: usize = 4_000;

/// Fields and UDFs that only the tenant knows. Each keeps its first definition until the process ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiscoveredSchema {
    fields: Vec<(Entity, &'static Field)>,
    udfs: Vec<(Entity, &'static str)>,
}

impl DiscoveredSchema {
    /// No discoveries.
    pub const EMPTY: Self = Self { fields: Vec::new(), udfs: Vec::new() };

    /// Only the names of UDFs, which the built-in schema never contains.
    #[must_use]
    pub fn without_discoveries(&self) -> Self {
        Self { udfs: self.udfs.clone(), ..Self::EMPTY }
    }

    /// Whether fields other than UDFs were discovered.
    #[must_use]
    pub fn has_discoveries(&self) -> bool {
        !self.fields.is_empty()
    }

    /// The tenant's UDF with this name, in any letter case.
    #[must_use]
    pub fn udf(&self, entity: Entity, name: &str) -> Option<&'static str> {
        let names = self.udfs.iter().filter(|(of, _)| *of == entity).map(|(_, udf)| *udf);
        find_by_name(names, name, |udf| udf)
    }

    /// Whether the tenant lists a UDF with this name, in any letter case.
    #[must_use]
    pub fn has_udf(&self, entity: Entity, name: &str) -> bool {
        self.udf(entity, name).is_some()
    }

    /// Adds the name of a UDF, unless it is known already.
    pub fn add_udf(&mut self, entity: Entity, name: &str) {
        if self.udfs.len() < MAX_UDF_NAMES && !self.has_udf(entity, name) {
            self.udfs.push((entity, leak(name)));
        }
    }

    /// The field with this name, preferably in this letter case, or in any.
    #[must_use]
    pub fn field(&self, entity: Entity, name: &str) -> Option<&'static Field> {
        find_by_name(self.fields(entity), name, |field| field.name)
    }

    /// Whether a field is known under exactly this name.
    #[must_use]
    pub fn has(&self, entity: Entity, name: &str) -> bool {
        self.fields(entity).any(|field| field.name == name)
    }

    /// All fields of an entity: built-in ones, then discovered ones.
    pub fn fields(&self, entity: Entity) -> impl Iterator<Item = &'static Field> + Clone {
        let discovered = self.fields.iter().filter(move |(of, _)| *of == entity);
        entity.fields().iter().chain(discovered.map(|(_, field)| *field))
    }

    /// Adds a field under this name, unless it is known already.
    pub fn add_field(&mut self, entity: Entity, name: &str, field: Field) {
        if self.fields.len() < MAX_DISCOVERED_FIELDS && !self.has(entity, name) {
            let field = Field { name: leak(name), ..field };
            self.fields.push((entity, Box::leak(Box::new(field))));
        }
    }
}

/// Planning treats discovered names like built-in ones, which are `'static`.
fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}
