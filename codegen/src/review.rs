//! What a refresh comes to before anything is written: the facts after it, and what a reviewer should know.

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
    /// The facts to write.
    pub schema: Schema,
    /// What changes, breaking changes first.
    pub changes: Vec<Change>,
    /// What could not be learnt.
    pub skipped: Vec<Skipped>,
    /// How far the tenant told of itself.
    pub coverage: Coverage,
    /// Corrections by hand that the tenant says too.
    pub confirmed: Vec<String>,
    /// What must be mended by hand before these facts can be written.
    pub obstacle: Option<SchemaError>,
    tools: Vec<Tool>,
}

impl Review {
    /// Holds a tenant's documents against a `schema/` folder.
    ///
    /// # Errors
    /// Entities that do not read, or documents that tell of none.
    pub fn of_documents(folder: &Path, documents: &TenantMetadata) -> Result<Self, SchemaError> {
        let written = Schema::load(&folder.join("entities"))?;
        // Corrections may be ahead of the facts: they were mended for those that are to come.
        let corrected = corrected(folder, written.clone()).unwrap_or_else(|_| written.clone());
        let baseline = Baseline { stored: &written, corrected: &corrected };
        Ok(Self::of(folder, &written, merge(baseline, documents)?))
    }

    /// Holds facts from elsewhere against a `schema/` folder.
    ///
    /// # Errors
    /// Entities that do not read.
    pub fn of_schema(folder: &Path, schema: Schema) -> Result<Self, SchemaError> {
        let written = Schema::load(&folder.join("entities"))?;
        let result = MergeResult { schema, ..MergeResult::default() };
        Ok(Self::of(folder, &written, result))
    }

    fn of(folder: &Path, written: &Schema, result: MergeResult) -> Self {
        let declared = Declarations::with(folder, result.schema.clone());
        let rendered = declared.as_ref().map_err(Clone::clone).and_then(render);
        let before = Declarations::with(folder, written.clone());
        let tools = before.or(declared).map(|declared| declared.tools);
        Self {
            changes: drift(written, &result.schema),
            schema: result.schema,
            skipped: result.skipped,
            coverage: result.coverage,
            confirmed: result.confirmed,
            obstacle: rendered.err(),
            tools: tools.unwrap_or_default(),
        }
    }
}
