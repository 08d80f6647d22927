//! Proof that stays: fuzz targets, properties, kills and chaos, each within a bounded time; docs/reliability.md says more.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up fails")]

#[path = "../support/mod.rs"]
mod support;

mod chaos;
mod crash;
mod fuzz;
mod properties;
mod random;
mod soak;
mod targets;
