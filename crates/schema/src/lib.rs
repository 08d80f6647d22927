//! The model of Autotask's entities and fields: canonical text, merging of tenant metadata, comparison.

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

use std::io::Read;
use std::sync::LazyLock;

pub use error::SchemaError;
use flate2::read::DeflateDecoder;

/// The schema that the program was built with, including the corrections, for `Schema::from_json`.
#[must_use]
pub fn built_in() -> &'static str {
    static TEXT: LazyLock<String> =
        LazyLock::new(|| inflate(include_bytes!(concat!(env!("OUT_DIR"), "/schema.json.deflate"))));
    &TEXT
}

/// A text that a build script compressed; empty if it is not one.
#[must_use]
pub fn inflate(compressed: &[u8]) -> String {
    let mut text = String::new();
    match DeflateDecoder::new(compressed).read_to_string(&mut text) {
        Ok(_) => text,
        Err(_) => String::new(),
    }
}
