//! From `schema/` to Rust: load the declarations, check them, render them.

mod overlay;
mod problem;
mod render;
pub mod schema;

use std::fs;
use std::path::Path;

pub use problem::Problem;
pub use render::{Generated, render};
use schema::Schema;

/// All that `schema/` declares, checked.
pub struct Declarations {
    pub schema: Schema,
}

impl Declarations {
    /// Reads and checks a `schema/` folder.
    ///
    /// # Errors
    /// Names the file, the place and, for a misspelling, the nearest name.
    pub fn load(folder: &Path) -> Result<Self, Problem> {
        let mut schema = Schema::read(&folder.join("entities"))?;
        overlay::apply(&mut schema, &text(&folder.join("overlay.toml"))?)?;
        Ok(Self { schema })
    }
}

fn text(path: &Path) -> Result<String, Problem> {
    fs::read_to_string(path).map_err(|e| Problem::at(path, &e))
}
