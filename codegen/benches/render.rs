//! Measures how long a build loads and renders the schema, and prints the target.

use std::path::Path;
use std::time::Instant;

use autotask_codegen::{Declarations, render};
use autotask_schema::SchemaError;

const ROUNDS: u32 = 5;

fn main() -> Result<(), SchemaError> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema");
    let started = Instant::now();
    for _ in 0..ROUNDS {
        render(&Declarations::load(&schema)?)?;
    }
    let elapsed = started.elapsed() / ROUNDS;
    println!("loading and rendering the schema {elapsed:>10.1?}   target under 2 s");
    Ok(())
}
