//! What a refresh comes to before anything is written: the facts after it, and what a reviewer should know.

mod impact;
mod report;

use std::path::Path;

use autotask_facts::Problem;
use autotask_facts::documents::{Documents, Extent};
use autotask_facts::drift::{Change, drift};
use autotask_facts::learn::{Known, Learnt, learn};
use autotask_facts::note::Note;
use autotask_facts::schema::Schema;

use crate::tools::Tool;
use crate::{Declarations, corrected, render};

/// A refresh, reviewed.
pub struct Review {
    /// The facts to write.
    pub schema: Schema,
    /// What changes, breaking changes first.
    pub changes: Vec<Change>,
    /// What could not be learnt.
    pub notes: Vec<Note>,
    /// How far the tenant told of itself.
    pub extent: Extent,
    /// Corrections by hand that the tenant says too.
    pub confirmed: Vec<Note>,
    /// What must be mended by hand before these facts can be written.
    pub obstacle: Option<Problem>,
    tools: Vec<Tool>,
}

impl Review {
    /// Holds a tenant's documents against a `schema/` folder.
    ///
    /// # Errors
    /// Entities that do not read, or documents that tell of none.
    pub fn of_documents(folder: &Path, documents: &Documents) -> Result<Self, Problem> {
        let written = Schema::read(&folder.join("entities"))?;
        // Corrections may be ahead of the facts: they were mended for those that are to come.
        let corrected = corrected(folder, written.clone()).unwrap_or_else(|_| written.clone());
        let known = Known { written: &written, corrected: &corrected };
        Ok(Self::of(folder, &written, learn(known, documents)?))
    }

    /// Holds facts from elsewhere against a `schema/` folder.
    ///
    /// # Errors
    /// Entities that do not read.
    pub fn of_schema(folder: &Path, schema: Schema) -> Result<Self, Problem> {
        let written = Schema::read(&folder.join("entities"))?;
        let learnt = Learnt { schema, ..Learnt::default() };
        Ok(Self::of(folder, &written, learnt))
    }

    fn of(folder: &Path, written: &Schema, learnt: Learnt) -> Self {
        let declared = Declarations::with(folder, learnt.schema.clone());
        let rendered = declared.as_ref().map_err(Clone::clone).and_then(render);
        let before = Declarations::with(folder, written.clone());
        let tools = before.or(declared).map(|declared| declared.tools);
        Self {
            changes: drift(written, &learnt.schema),
            schema: learnt.schema,
            notes: learnt.notes,
            extent: learnt.extent,
            confirmed: learnt.confirmed,
            obstacle: rendered.err(),
            tools: tools.unwrap_or_default(),
        }
    }
}
