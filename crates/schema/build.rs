//! Writes the built-in schema as one compressed JSON text: `schema/entities` with the manual corrections applied.

#[path = "src/compression.rs"]
#[expect(dead_code, reason = "the library uses the rest")]
mod compression;
#[path = "src/error.rs"]
mod error;
#[path = "src/overlay.rs"]
mod overlay;
#[path = "src/schema.rs"]
#[expect(dead_code, reason = "the library uses the rest")]
#[expect(clippy::struct_field_names, reason = "the names are those of the JSON")]
mod schema;

use std::path::{Path, PathBuf};
use std::{env, fs};

use error::SchemaError;
use schema::Schema;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = folder();
    let (entities, corrections) = (folder.join("entities"), folder.join("overlay.toml"));
    println!("cargo::rerun-if-changed={}", entities.display());
    println!("cargo::rerun-if-changed={}", corrections.display());
    let mut schema = Schema::load(&entities)?;
    overlay::apply(&mut schema, &fs::read_to_string(&corrections)?)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("schema.json.deflate"), compression::deflate(&schema.to_json()?)?)?;
    Ok(())
}

/// `schema` is a symbolic link in the repository and a copy in the published crate; not every system supports links.
fn folder() -> &'static Path {
    let here = Path::new("schema");
    if here.join("entities").is_dir() { here } else { Path::new("../../schema") }
}
