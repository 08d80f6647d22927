//! From `schema/` to Rust: load the declarations, check them, render them.

pub mod kind;
pub mod names;
mod overlay;
mod problem;
pub mod published;
mod render;
pub mod schema;
pub mod tools;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use names::Names;
pub use problem::Problem;
pub use render::{Generated, render};
use schema::Schema;
use tools::Tool;

/// All that `schema/` declares, checked.
pub struct Declarations {
    pub schema: Schema,
    /// What records are called, by collection.
    pub names: BTreeMap<String, Names>,
    pub tools: Vec<Tool>,
}

impl Declarations {
    /// Reads and checks a `schema/` folder.
    ///
    /// # Errors
    /// Names the file, the place and, for a misspelling, the nearest name.
    pub fn load(folder: &Path) -> Result<Self, Problem> {
        let mut schema = Schema::read(&folder.join("entities"))?;
        overlay::apply(&mut schema, &text(&folder.join("overlay.toml"))?)?;
        let names = names::read(&text(&folder.join("names.toml"))?, &schema)?;
        let tools = tools::read(&text(&folder.join("tools.toml"))?, &schema)?;
        Ok(Self {
            schema,
            names,
            tools,
        })
    }
}

fn text(path: &Path) -> Result<String, Problem> {
    fs::read_to_string(path).map_err(|e| Problem::at(path, &e))
}
