//! Replaces the folder of entity files, completely or not at all.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::SchemaError;
use crate::schema::Schema;

/// Writes the canonical text of every entity; returns how many files were added, removed or changed.
///
/// # Errors
/// A file could not be written; the folder is then unchanged.
pub fn replace(folder: &Path, schema: &Schema) -> Result<usize, SchemaError> {
    let (new, old) = (folder.with_file_name("entities.new"), folder.with_file_name("entities.old"));
    let io = |e| SchemaError::in_file(folder, &e);
    fs::remove_dir_all(&new).or_else(ignore_missing).map_err(io)?;
    fs::create_dir_all(&new).map_err(io)?;
    let mut changed = count_removed(folder, schema);
    for entity in schema.entities.values() {
        let name = format!("{}.json", entity.name);
        let text = entity.canonical_text()?;
        let before = fs::read_to_string(folder.join(&name)).unwrap_or_default();
        changed += usize::from(before != text);
        fs::write(new.join(&name), text).map_err(io)?;
    }
    fs::remove_dir_all(&old).or_else(ignore_missing).map_err(io)?;
    fs::rename(folder, &old).or_else(ignore_missing).map_err(io)?;
    fs::rename(&new, folder).map_err(io)?;
    fs::remove_dir_all(&old).or_else(ignore_missing).map_err(io)?;
    Ok(changed)
}

fn count_removed(folder: &Path, schema: &Schema) -> usize {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let stems = files.filter_map(|entry| Some(entry.path().file_stem()?.to_str()?.to_owned()));
    stems.filter(|name| !schema.entities.contains_key(name)).count()
}

fn ignore_missing(error: io::Error) -> io::Result<()> {
    match error.kind() {
        ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    }
}
