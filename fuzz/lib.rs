//! The fuzz targets of the tests, for cargo-fuzz.

#[path = "../tests/proof/targets.rs"]
pub mod targets;
