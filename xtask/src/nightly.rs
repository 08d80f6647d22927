//! The long versions of the randomized tests in the gate: hours instead of seconds, with a new seed every day.

use std::time::{SystemTime, UNIX_EPOCH};

use autotask_schema::SchemaError;

use crate::command::{output, run};

const SECONDS_PER_DAY: u64 = 86_400;
/// Seconds for each fuzz target; two run at once.
const FUZZ_SECONDS: &str = "1800";
const CHAOS_SEEDS: &str = "10000";
const PROPERTY_CASES: &str = "20000";
/// Takes about an hour on two cores.
const SOAK_CALLS: &str = "1000000";
/// Tests the modules in which no mutation may survive.
const MUTATION_TESTS: &str = "cargo mutants -f src/confirm/*.rs -f src/access/*.rs -f src/filter/*.rs \
    -f src/client/retry.rs -f src/client/threshold.rs -f src/text/**/*.rs -f src/plan/cursor.rs";

/// Runs everything, longest first.
///
/// # Errors
/// The first step that fails; its output has the seed or the input.
pub fn run_all() -> Result<String, SchemaError> {
    let seed = day_number().to_string();
    let fuzz = [("FUZZ_SECONDS", FUZZ_SECONDS), ("FUZZ_SEED", seed.as_str())];
    run("cargo test --release --test proof fuzz:: -- --nocapture --test-threads 2", &fuzz)?;
    run(
        "cargo test --release --test proof chaos:: -- --nocapture",
        &[("CHAOS_SEEDS", CHAOS_SEEDS)],
    )?;
    let cases = [("PROPTEST_CASES", PROPERTY_CASES)];
    run("cargo test --release --test proof properties:: -- --nocapture", &cases)?;
    run("cargo bench --bench soak", &[("SOAK_CALLS", SOAK_CALLS)])?;
    match output("cargo mutants --version") {
        Ok(_) => run(MUTATION_TESTS, &[])?,
        Err(_) => println!("\nskipped: mutation tests, because cargo-mutants is not installed"),
    }
    Ok(format!("\nnightly: green with seed {seed}"))
}

/// Days since 1970.
fn day_number() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs() / SECONDS_PER_DAY
}
