//! Fuzz targets: each accepts any bytes, and panics only if a stated property is violated.
//! The gate runs them with its own mutator, and `fuzz/` with cargo-fuzz.
#![allow(clippy::expect_used, clippy::panic, reason = "a target that cannot be set up fails")]

pub mod calls;
pub mod codes;
pub mod cursors;
pub mod filters;
pub mod http_bodies;
pub mod messages;
pub mod responses;
pub mod schema_files;
pub mod stdio_lines;
mod tenant;
pub mod tokens_file;
