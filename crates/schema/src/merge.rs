//! Merges a tenant's metadata into the stored schema: values of the tenant replace stored ones, the rest is unchanged.

mod entity;
mod field;
mod field_merge;
mod field_row;

use std::collections::BTreeMap;

use crate::SchemaError;
use crate::schema::{Entity, Schema};
use crate::skipped::Skipped;
use crate::swagger::{ListedEntity, Swagger};
use crate::tenant_metadata::{Coverage, TenantMetadata};

/// The `flagsFrom` of fields whose flags a tenant set.
pub const FROM_TENANT: &str = "live";

/// The schema after a merge.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MergeResult {
    pub schema: Schema,
    /// What could not be merged; the stored schema is unchanged there.
    pub skipped: Vec<Skipped>,
    /// How much of the tenant's metadata could be read.
    pub coverage: Coverage,
    /// Manual corrections that the tenant's metadata now contains, as sentences.
    pub confirmed: Vec<String>,
}

/// The schema before a merge: as stored, and with the manual corrections.
#[derive(Debug, Clone, Copy)]
pub struct Baseline<'a> {
    pub stored: &'a Schema,
    pub corrected: &'a Schema,
}

/// What all entities are merged from.
struct MergeContext<'a> {
    metadata: &'a TenantMetadata,
    swagger: &'a Swagger,
    /// Entity names by the singular that references use.
    singulars: BTreeMap<&'a str, &'a str>,
}

/// Merges a tenant's metadata into the baseline.
///
/// # Errors
/// The Swagger document lists no entity, or no page has content.
pub fn merge(
    baseline: Baseline<'_>,
    metadata: &TenantMetadata,
) -> Result<MergeResult, SchemaError> {
    let mut swagger = Swagger::parse(&metadata.swagger)?;
    let coverage = metadata.coverage(&swagger)?;
    swagger.drop_duplicates(|name| baseline.stored.entities.contains_key(name));
    let singulars = singulars(&swagger, baseline.stored);
    let context = MergeContext { metadata, swagger: &swagger, singulars };
    let skipped = swagger.skipped.clone();
    let mut result = MergeResult { skipped, coverage, ..MergeResult::default() };
    for name in swagger.entities.keys() {
        if let Some(entity) = context.merge_entity(baseline, name, &mut result) {
            result.schema.entities.insert(name.clone(), entity);
        }
    }
    keep_skipped(baseline.stored, &swagger, &mut result.schema);
    result.skipped.sort();
    Ok(result)
}

impl MergeContext<'_> {
    /// The singular of a referenced entity, from its singular or legacy name.
    fn singular(&self, name: &str) -> Option<String> {
        if self.singulars.contains_key(name) {
            return Some(name.to_owned());
        }
        let is_legacy = |listed: &&ListedEntity| listed.legacy.as_deref() == Some(name);
        self.swagger.entities.values().find(is_legacy)?.singular.clone()
    }

    /// The names of the fields in an entity's records.
    fn record_fields(&self, entity: &str) -> &[String] {
        let listed = self.swagger.entities.get(entity);
        listed.map_or(&[], |listed| listed.record_fields.as_slice())
    }

    fn merge_entity(
        &self,
        baseline: Baseline<'_>,
        name: &str,
        result: &mut MergeResult,
    ) -> Option<Entity> {
        let stored = baseline.stored.entities.get(name);
        let mut entity = stored.map_or_else(|| entity::empty(name), Clone::clone);
        entity::merge_routes(&mut entity, self.swagger);
        entity::merge_rights(&mut entity, self.metadata, &mut result.skipped);
        let corrected = baseline.corrected.entities.get(name);
        let has_fields = field::merge_fields(self, &mut entity, corrected, result);
        field::check_names(self, &mut entity, &mut result.skipped);
        entity::infer_parent_field(&mut entity, self.swagger);
        if stored.is_none() && !has_fields {
            result.skipped.push(Skipped::new(name, "the entity is new and was left out"));
            return None;
        }
        Some(entity)
    }
}

fn singulars<'a>(swagger: &'a Swagger, stored: &'a Schema) -> BTreeMap<&'a str, &'a str> {
    let mut names = BTreeMap::new();
    for (name, listed) in &swagger.entities {
        let before = stored.entities.get(name).and_then(|e| e.singular.as_deref());
        if let Some(singular) = listed.singular.as_deref().or(before) {
            names.insert(singular, name.as_str());
        }
    }
    names
}

/// Keeps stored entities that the tenant lists but that were skipped: they were not removed.
fn keep_skipped(stored: &Schema, swagger: &Swagger, schema: &mut Schema) {
    let is_skipped = |name: &str| swagger.skipped.iter().any(|skipped| skipped.place == name);
    for (name, entity) in &stored.entities {
        if is_skipped(name) {
            schema.entities.entry(name.clone()).or_insert_with(|| entity.clone());
        }
    }
}
