//! The gate, step by step, and how snapshots are accepted.

use std::time::Instant;

use autotask_schema::SchemaError;

use crate::command::{output, run};
use crate::docs;
use crate::generated_text::Mode;
use crate::interop;

/// The test command of the README.
const TESTS: &str = "cargo test --workspace";

/// Everything that must hold before a commit is shared.
///
/// # Errors
/// The first step that fails.
pub fn gate() -> Result<String, SchemaError> {
    let began = Instant::now();
    run("cargo fmt --all --check", &[])?;
    run("cargo clippy --workspace --all-targets -- -D warnings", &[])?;
    // Of the whole workspace, so that the crates below are built with the features they have in the next step.
    run("cargo test --workspace --features otel --test traces", &[])?;
    let before = kept_files()?;
    // Only `bless` may accept a snapshot. Many tests wait more than they compute.
    run(TESTS, &[("INSTA_UPDATE", "no"), ("RUST_TEST_THREADS", "4")])?;
    // Built as the tests are, so that only one program is linked.
    run("cargo bench --workspace --profile dev --bench hot_paths -- check", &[])?;
    println!("\n$ cargo xtask docs --check");
    println!("{}", docs::keep(Mode::Check)?);
    println!("\n$ {GENERATED_FILES_STATUS}");
    unchanged(&before, &kept_files()?)?;
    interop::meet()?;
    Ok(format!("\nci: green in {} s", began.elapsed().as_secs()))
}

/// Writes the docs, then accepts what the snapshot tests see; the tests want the docs fresh.
///
/// # Errors
/// A test that fails for another reason than its snapshot.
pub fn bless() -> Result<String, SchemaError> {
    println!("{}", docs::keep(Mode::Write)?);
    println!("{}", docs::write_examples()?);
    let tests = format!("{TESTS} --no-fail-fast");
    run(&tests, &[("INSTA_UPDATE", "always"), ("RUST_BACKTRACE", "0")])
        .map_err(|error| error.context("snapshots are accepted; the tests above need your hand"))?;
    Ok("\nblessed; review the diff".to_owned())
}

/// Ignored files too: a pending snapshot is one. What a test builds is its own.
const GENERATED_FILES_STATUS: &str = "git status --porcelain --ignored -- schema docs plugin server.json README.md *.snap *.snap.new :!target";

fn kept_files() -> Result<String, SchemaError> {
    output(GENERATED_FILES_STATUS)
}

/// Neither a test nor a build may write into the repository, and no snapshot may be pending.
fn unchanged(before: &str, after: &str) -> Result<(), SchemaError> {
    let pending = after.lines().any(|line| line.ends_with(".snap.new"));
    if pending || before != after {
        return Err(SchemaError::new(format!(
            "the tests left changes; review them, then `cargo xtask bless`:\n{after}"
        )));
    }
    println!("clean");
    Ok(())
}
