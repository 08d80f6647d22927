//! Compresses the records of the sandbox, which are the largest text in the program.

use std::path::PathBuf;
use std::{env, fs};

use autotask_schema::deflate;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=data/tenant.json");
    let compressed = deflate(&fs::read_to_string("data/tenant.json")?)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("tenant.json.deflate"), compressed)?;
    Ok(())
}
