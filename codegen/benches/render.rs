//! What loading and rendering the schema costs a build, beside its target.

use std::path::Path;
use std::time::Instant;

use autotask_codegen::{Declarations, render};
use autotask_schema::SchemaError;

const ROUNDS: u32 = 5;

fn main() -> Result<(), SchemaError> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema");
    let began = Instant::now();
    for _ in 0..ROUNDS {
        render(&Declarations::load(&schema)?)?;
    }
    let took = began.elapsed() / ROUNDS;
    println!("loading and rendering the schema {took:>10.1?}   target under 2 s");
    Ok(())
}
