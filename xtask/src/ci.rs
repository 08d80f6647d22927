//! The steps of the gate (`cargo xtask ci`), and accepting snapshots (`cargo xtask bless`).

use std::time::Instant;

use autotask_schema::SchemaError;

use crate::command::{output, run};
use crate::docs;
use crate::generated_text::Mode;
use crate::interop;

/// The test command, as in the README.
const TEST_COMMAND: &str = "cargo test --workspace";

/// Everything that must hold before a commit is shared.
///
/// # Errors
/// The first step that fails.
pub fn gate() -> Result<String, SchemaError> {
    let started = Instant::now();
    run("cargo fmt --all --check", &[])?;
    run("cargo clippy --workspace --all-targets --features otel -- -D warnings", &[])?;
    let before = generated_files_status()?;
    // Only `bless` may accept a snapshot. Four threads, because many tests wait more than they compute.
    run(TEST_COMMAND, &[("INSTA_UPDATE", "no"), ("RUST_TEST_THREADS", "4")])?;
    // Built as the tests are, so that only one program is linked.
    run("cargo bench --workspace --profile dev --bench hot_paths -- check", &[])?;
    println!("\n$ cargo xtask docs --check");
    println!("{}", docs::update_tables(Mode::Check)?);
    println!("\n$ {GENERATED_FILES_STATUS}");
    check_unchanged(&before, &generated_files_status()?)?;
    interop::run_clients()?;
    Ok(format!("\nci: green in {} s", started.elapsed().as_secs()))
}

/// Writes the docs, which the tests check, then runs the tests and accepts all snapshots.
///
/// # Errors
/// A test that fails for another reason than its snapshot.
pub fn bless() -> Result<String, SchemaError> {
    println!("{}", docs::update_tables(Mode::Write)?);
    println!("{}", docs::write_examples()?);
    let tests = format!("{TEST_COMMAND} --no-fail-fast");
    run(&tests, &[("INSTA_UPDATE", "always"), ("RUST_BACKTRACE", "0")])
        .map_err(|error| error.context("the snapshots are accepted; fix the failed tests above"))?;
    Ok("\nblessed; review the diff".to_owned())
}

/// With `--ignored`, because pending snapshots are ignored files; without `target/`, where tests may write.
const GENERATED_FILES_STATUS: &str = "git status --porcelain --ignored -- schema docs plugin server.json README.md *.snap *.snap.new :!target";

fn generated_files_status() -> Result<String, SchemaError> {
    output(GENERATED_FILES_STATUS)
}

/// Fails if a test or build wrote generated files of the repository, or if a snapshot is pending.
fn check_unchanged(before: &str, after: &str) -> Result<(), SchemaError> {
    let pending = after.lines().any(|line| line.ends_with(".snap.new"));
    if pending || before != after {
        return Err(SchemaError::new(format!(
            "the tests changed files; review them, then run `cargo xtask bless`:\n{after}"
        )));
    }
    println!("clean");
    Ok(())
}
