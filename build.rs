//! Renders `schema/` into `$OUT_DIR`, and assembles the views of `apps/`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use autotask_codegen::{Declarations, render, views};
use autotask_schema::deflate;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=schema");
    println!("cargo::rerun-if-changed=apps");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::create_dir_all(&out)?;
    let declared = Declarations::load(Path::new("schema"))?;
    for file in render(&declared)? {
        fs::write(out.join(file.name), file.text)?;
    }
    let sources = views::load(Path::new("apps"))?;
    for name in views::names(&sources) {
        let view = deflate(&views::assemble(&sources, name)?)?;
        fs::write(out.join(format!("{name}.html.deflate")), view)?;
    }
    Ok(())
}
