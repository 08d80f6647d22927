//! Property tests; `PROPTEST_CASES` sets the number of cases.

mod access;
mod dates;
mod filters;
mod in_flight;
mod names;
pub mod tenant;
mod walks;

use proptest::prelude::ProptestConfig;

/// Runs this many cases, unless `PROPTEST_CASES` is set; a failing case is printed, not stored.
fn cases(default: u32) -> ProptestConfig {
    let cases = match std::env::var("PROPTEST_CASES") {
        Ok(_) => ProptestConfig::default().cases,
        Err(_) => default,
    };
    ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 500,
        ..ProptestConfig::default()
    }
}
