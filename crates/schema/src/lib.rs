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

pub use error::SchemaError;

/// The schema that the program was built with, including the corrections, for `Schema::from_json`.
pub const BUILT_IN: &str = include_str!(concat!(env!("OUT_DIR"), "/schema.json"));
