//! Renders `schema/` into `$OUT_DIR`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use autotask_codegen::{Declarations, render};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=schema");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::create_dir_all(&out)?;
    let declared = Declarations::load(Path::new("schema"))?;
    for file in render(&declared)? {
        fs::write(out.join(file.name), file.text)?;
    }
    Ok(())
}
