//! Makes the fuzz targets of the tests available to cargo-fuzz.

#[path = "../tests/proof/targets.rs"]
pub mod targets;
