//! Refreshes `schema/entities` from a tenant or a file: reports the changes, then writes all files or none.

use std::fs;
use std::path::{Path, PathBuf};

use autotask_codegen::review::Review;
use autotask_schema::SchemaError;
use autotask_schema::metadata_folder::MetadataFolder;
use autotask_schema::schema::Schema;
use clap::Args;

use crate::command::{last_line, repository};
use crate::import;

/// Arguments of `cargo xtask refresh-schema`.
#[derive(Args)]
pub struct Refresh {
    /// The zone URL to use instead of `AUTOTASK_API_URL`.
    #[arg(long)]
    url: Option<String>,
    /// Use the sandbox tenant built into the server.
    #[arg(long, conflicts_with = "url")]
    sandbox: bool,
    /// Send no request: use a compiled facts file (JSON), or a folder of metadata fetched earlier.
    #[arg(long, conflicts_with_all = ["url", "sandbox"])]
    from: Option<PathBuf>,
    /// Only print how many requests a refresh sends.
    #[arg(long)]
    dry_run: bool,
    /// Change nothing, and fail if the schema has drifted.
    #[arg(long)]
    check: bool,
    /// Write the report to this file instead of standard output.
    #[arg(long)]
    report: Option<PathBuf>,
    /// The `schema/` folder to use instead of the repository's.
    #[arg(long)]
    schema: Option<PathBuf>,
}

/// Refreshes the schema and reports what changed.
///
/// # Errors
/// A request failed, or a file could not be read or written; the folder is then unchanged. With `check`, any drift.
pub fn refresh(refresh: &Refresh) -> Result<String, SchemaError> {
    let folder = refresh.schema.clone().unwrap_or_else(|| repository().join("schema"));
    if refresh.dry_run {
        return estimate(&folder);
    }
    let review = review(refresh, &folder)?;
    let report = review.report();
    match &refresh.report {
        Some(path) => fs::write(path, &report).map_err(|e| SchemaError::in_file(path, &e))?,
        None => println!("{report}"),
    }
    if refresh.check {
        return check_drift(&review);
    }
    if let Some(obstacle) = review.obstacle {
        return Err(obstacle.context("nothing was written"));
    }
    let changed = autotask_schema::folder::replace(&folder.join("entities"), &review.schema)?;
    Ok(format!("{}; {changed} files changed", size(&review.schema)))
}

fn review(refresh: &Refresh, folder: &Path) -> Result<Review, SchemaError> {
    match &refresh.from {
        Some(file) if file.is_file() => Review::from_schema(folder, import::read(file)?),
        Some(saved) => Review::from_metadata(folder, &MetadataFolder::new(saved).load()?),
        None => {
            let saved = fetch_metadata(refresh)?;
            Review::from_metadata(folder, &MetadataFolder::new(saved).load()?)
        }
    }
}

/// Runs the server to save a tenant's metadata, and returns the folder; as a program, so that xtask does not depend on the server.
fn fetch_metadata(refresh: &Refresh) -> Result<String, SchemaError> {
    let folder = repository().join("target/refresh");
    let folder = folder.to_string_lossy();
    let mut words = vec!["cargo", "run", "--quiet", "--bin", "autotask-mcp", "--"];
    words.extend(["schema", "dump", &folder]);
    if refresh.sandbox {
        words.push("--sandbox");
    }
    let url = refresh.url.as_deref().map(|url| ("AUTOTASK_API_URL", url));
    last_line(&words, url.as_slice())
}

fn check_drift(review: &Review) -> Result<String, SchemaError> {
    match (review.changes.len(), &review.obstacle) {
        (0, None) => Ok(format!("{}; no drift{}", size(&review.schema), review.coverage)),
        (changes, _) => Err(SchemaError::new(format!("the schema has drifted: {changes} changes"))),
    }
}

/// Estimates from the entities in the schema; the tenant may have more.
fn estimate(folder: &Path) -> Result<String, SchemaError> {
    let entities = Schema::load(&folder.join("entities"))?.entities.len();
    Ok(format!(
        "about {} requests: one Swagger document, and two pages for each of {entities} entities",
        2 * entities + 1
    ))
}

fn size(schema: &Schema) -> String {
    let fields: usize = schema.entities.values().map(|e| e.fields.len()).sum();
    format!("{} entities, {fields} fields", schema.entities.len())
}
