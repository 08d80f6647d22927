//! The result of a schema refresh, before anything is written: the new schema, and what a reviewer should know.

mod impact;
mod report;

use std::path::Path;

use autotask_schema::SchemaError;
use autotask_schema::drift::{Change, drift};
use autotask_schema::merge::{Baseline, MergeResult, merge};
use autotask_schema::schema::Schema;
use autotask_schema::skipped::Skipped;
use autotask_schema::tenant_metadata::{Coverage, TenantMetadata};

use crate::tools::Tool;
use crate::{Declarations, corrected, render};

/// A refresh, reviewed.
pub struct Review {
    /// The schema to write.
    pub schema: Schema,
    /// What changes, breaking changes first.
    pub changes: Vec<Change>,
    /// Entities and fields of the tenant that could not be merged.
    pub skipped: Vec<Skipped>,
    /// How much of the tenant's metadata could be read.
    pub coverage: Coverage,
    /// Manual corrections that the tenant's metadata now contains.
    pub confirmed: Vec<String>,
    /// What must be fixed by hand before the schema can be written.
    pub obstacle: Option<SchemaError>,
    tools: Vec<Tool>,
}

impl Review {
    /// Compares a tenant's metadata with a `schema/` folder.
    ///
    /// # Errors
    /// The stored entities cannot be parsed, or the metadata has no entity.
    pub fn from_metadata(folder: &Path, metadata: &TenantMetadata) -> Result<Self, SchemaError> {
        let stored = Schema::load(&folder.join("entities"))?;
        // The corrections may not apply to the stored schema: they can already be edited for the new one.
        let corrected = corrected(folder, stored.clone()).unwrap_or_else(|_| stored.clone());
        let baseline = Baseline { stored: &stored, corrected: &corrected };
        Ok(Self::new(folder, &stored, merge(baseline, metadata)?))
    }

    /// Compares another schema with a `schema/` folder.
    ///
    /// # Errors
    /// The stored entities cannot be parsed.
    pub fn from_schema(folder: &Path, schema: Schema) -> Result<Self, SchemaError> {
        let stored = Schema::load(&folder.join("entities"))?;
        let result = MergeResult { schema, ..MergeResult::default() };
        Ok(Self::new(folder, &stored, result))
    }

    fn new(folder: &Path, stored: &Schema, result: MergeResult) -> Self {
        let declared = Declarations::with(folder, result.schema.clone());
        let rendered = declared.as_ref().map_err(Clone::clone).and_then(render);
        let before = Declarations::with(folder, stored.clone());
        let tools = before.or(declared).map(|declared| declared.tools);
        Self {
            changes: drift(stored, &result.schema),
            schema: result.schema,
            skipped: result.skipped,
            coverage: result.coverage,
            confirmed: result.confirmed,
            obstacle: rendered.err(),
            tools: tools.unwrap_or_default(),
        }
    }
}
