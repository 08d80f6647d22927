//! Properties over random inputs; `PROPTEST_CASES` changes how many.

mod access;
mod dates;
mod filters;
mod in_flight;
mod names;
pub mod tenant;
mod walks;

use proptest::prelude::ProptestConfig;

/// So many cases, unless `PROPTEST_CASES` says otherwise; a failing case is printed whole and stored nowhere.
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
