//! Randomized tests with bounded time: fuzz targets, properties, kills, chaos and soak; see docs/reliability.md.
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
