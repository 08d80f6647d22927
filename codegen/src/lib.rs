//! Generates Rust from `schema/`: loads the declarations, checks them and renders them.

pub mod argument_names;
pub mod argument_type;
mod calendar_days;
pub mod display_names;
pub mod json_schema;
pub mod prompts;
mod render;
pub mod reports;
pub mod review;
pub mod terms;
pub mod tools;
pub mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use autotask_schema::schema::Schema;
use autotask_schema::{SchemaError, overlay};

use argument_names::ArgumentName;
use display_names::Names;
use prompts::Prompt;
pub use render::{Generated, render};
use reports::Report;
use tools::Tool;

/// Everything that `schema/` declares, checked.
pub struct Declarations {
    pub schema: Schema,
    /// The fields that name records, by collection.
    pub names: BTreeMap<String, Names>,
    /// The datetime fields that hold a calendar day, as `Entity.field`.
    pub calendar_days: BTreeSet<String>,
    pub terms: terms::Terms,
    pub tools: Vec<Tool>,
    pub argument_names: Vec<ArgumentName>,
    pub prompts: Vec<Prompt>,
    pub reports: Vec<Report>,
}

impl Declarations {
    /// Reads and checks a `schema/` folder.
    ///
    /// # Errors
    /// Names the file, the place and, for an unknown name, the closest known one.
    pub fn load(folder: &Path) -> Result<Self, SchemaError> {
        Self::with(folder, Schema::load(&folder.join("entities"))?)
    }

    /// Checks a schema against the corrections, tools and other declarations of a `schema/` folder.
    ///
    /// # Errors
    /// The same as `load`.
    pub fn with(folder: &Path, schema: Schema) -> Result<Self, SchemaError> {
        let schema = corrected(folder, schema)?;
        let names = display_names::read(&text(&folder.join("names.toml"))?, &schema)?;
        let days = text(&folder.join("calendar-days.toml"))?;
        let calendar_days = calendar_days::read(&days, &schema)?;
        let terms = terms::read(&text(&folder.join("terms.toml"))?, &schema)?;
        let tools = tools::read(&text(&folder.join("tools.toml"))?, &schema)?;
        let argument_names = text(&folder.join("argument-names.toml"))?;
        let argument_names = argument_names::read(&argument_names, &tools, &schema)?;
        let prompts = prompts::read(&text(&folder.join("prompts.toml"))?, &tools)?;
        let reports = reports::read(&text(&folder.join("reports.toml"))?, &tools)?;
        Ok(Self { schema, names, calendar_days, terms, tools, argument_names, prompts, reports })
    }
}

/// Applies the corrections of a `schema/` folder.
fn corrected(folder: &Path, mut schema: Schema) -> Result<Schema, SchemaError> {
    overlay::apply(&mut schema, &text(&folder.join("overlay.toml"))?)?;
    Ok(schema)
}

fn text(path: &Path) -> Result<String, SchemaError> {
    fs::read_to_string(path).map_err(|e| SchemaError::in_file(path, &e))
}
