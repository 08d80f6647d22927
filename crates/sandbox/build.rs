//! Compresses the records of the sandbox, which are the largest text in the program.

use std::io::Write;
use std::path::PathBuf;
use std::{env, fs};

use flate2::Compression;
use flate2::write::DeflateEncoder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=data/tenant.json");
    let mut compressed = DeflateEncoder::new(Vec::new(), Compression::best());
    compressed.write_all(&fs::read("data/tenant.json")?)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("tenant.json.deflate"), compressed.finish()?)?;
    Ok(())
}
