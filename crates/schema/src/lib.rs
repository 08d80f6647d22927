//! The model of Autotask's entities and fields: canonical text, merging of tenant metadata, comparison.

mod compression;
pub mod drift;
pub mod error;
pub mod folder;
pub mod merge;
pub mod metadata_folder;
pub mod overlay;
pub mod schema;
pub mod skipped;
pub mod swagger;
pub mod tenant_metadata;

use std::sync::LazyLock;

pub use compression::{deflate, inflate};
pub use error::SchemaError;

/// The schema that the program was built with, including the corrections, for `Schema::from_json`.
#[must_use]
pub fn built_in() -> &'static str {
    static TEXT: LazyLock<String> =
        LazyLock::new(|| inflate(include_bytes!(concat!(env!("OUT_DIR"), "/schema.json.deflate"))));
    &TEXT
}
