//! Writes `schema/entities` whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use autotask_facts::Problem;
use autotask_facts::schema::Schema;

use crate::compiled;

/// Writes the entities of a facts file and says how much changed.
///
/// # Errors
/// Says what does not read or write; the folder then is as it was.
pub fn from_facts(path: &Path) -> Result<String, Problem> {
    let folder = repository().join("schema/entities");
    replace(&folder, &compiled::read(path)?)
}

/// The repository's root.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn replace(folder: &Path, schema: &Schema) -> Result<String, Problem> {
    let fresh = folder.with_file_name("entities.new");
    let io = |e| Problem::at(folder, &e);
    fs::remove_dir_all(&fresh).or_else(none_there).map_err(io)?;
    fs::create_dir_all(&fresh).map_err(io)?;
    let mut changed = 0;
    for entity in schema.entities.values() {
        let name = format!("{}.json", entity.name);
        let text = entity.text()?;
        let before = fs::read_to_string(folder.join(&name)).unwrap_or_default();
        changed += usize::from(before != text);
        fs::write(fresh.join(&name), text).map_err(io)?;
    }
    fs::remove_dir_all(folder).or_else(none_there).map_err(io)?;
    fs::rename(&fresh, folder).map_err(io)?;
    let fields: usize = schema.entities.values().map(|e| e.fields.len()).sum();
    Ok(format!(
        "{} entities, {fields} fields; {changed} files changed",
        schema.entities.len()
    ))
}

fn none_there(error: std::io::Error) -> std::io::Result<()> {
    match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    }
}
