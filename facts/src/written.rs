//! The folder of entities: replaced whole or not at all.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::Problem;
use crate::schema::Schema;

/// Writes every entity canonically and answers how many files are new, gone or other than before.
///
/// # Errors
/// Says what could not be written; the folder then is as it was.
pub fn replace(folder: &Path, schema: &Schema) -> Result<usize, Problem> {
    let (fresh, old) =
        (folder.with_file_name("entities.new"), folder.with_file_name("entities.old"));
    let io = |e| Problem::at(folder, &e);
    fs::remove_dir_all(&fresh).or_else(none_there).map_err(io)?;
    fs::create_dir_all(&fresh).map_err(io)?;
    let mut changed = gone(folder, schema);
    for entity in schema.entities.values() {
        let name = format!("{}.json", entity.name);
        let text = entity.text()?;
        let before = fs::read_to_string(folder.join(&name)).unwrap_or_default();
        changed += usize::from(before != text);
        fs::write(fresh.join(&name), text).map_err(io)?;
    }
    fs::remove_dir_all(&old).or_else(none_there).map_err(io)?;
    fs::rename(folder, &old).or_else(none_there).map_err(io)?;
    fs::rename(&fresh, folder).map_err(io)?;
    fs::remove_dir_all(&old).or_else(none_there).map_err(io)?;
    Ok(changed)
}

fn gone(folder: &Path, schema: &Schema) -> usize {
    let listing = fs::read_dir(folder).into_iter().flatten().flatten();
    let stems = listing.filter_map(|entry| Some(entry.path().file_stem()?.to_str()?.to_owned()));
    stems.filter(|name| !schema.entities.contains_key(name)).count()
}

fn none_there(error: io::Error) -> io::Result<()> {
    match error.kind() {
        ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    }
}
