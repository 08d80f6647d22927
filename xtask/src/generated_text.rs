//! Generated files and parts of files: written, or checked for being stale.

use std::fs;
use std::path::Path;

use autotask_schema::SchemaError;

/// What to do about a stale file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Write,
    Check,
}

/// Writes or checks a generated file; returns whether it was written.
///
/// # Errors
/// The file cannot be written or, with `Mode::Check`, is stale; the error names the task that writes it.
pub fn update(path: &Path, text: &str, mode: Mode) -> Result<bool, SchemaError> {
    if fs::read_to_string(path).is_ok_and(|before| before == text) {
        return Ok(false);
    }
    match mode {
        Mode::Write => {
            fs::write(path, text).map(|()| true).map_err(|e| SchemaError::in_file(path, &e))
        }
        Mode::Check => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Err(SchemaError::new(format!("{name} is stale; run `cargo xtask docs`")))
        }
    }
}

/// Reads a text file.
///
/// # Errors
/// Names the file that cannot be read.
pub fn read(path: &Path) -> Result<String, SchemaError> {
    fs::read_to_string(path).map_err(|e| SchemaError::in_file(path, &e))
}

/// Escapes text for a cell of a Markdown table.
pub fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// Replaces everything between the markers `<!-- name -->` and `<!-- /name -->`.
///
/// # Errors
/// A marker is missing.
pub fn replace_between(text: &str, name: &str, inner: &str) -> Result<String, SchemaError> {
    let (open, close) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let parts = text.split_once(&open).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&close)?;
        Some((before, after))
    });
    let (before, after) = parts
        .ok_or_else(|| SchemaError::new(format!("the markers {open} and {close} are missing")))?;
    Ok(format!("{before}{open}\n\n{inner}\n{close}{after}"))
}

#[cfg(test)]
mod tests {
    use super::replace_between;

    #[test]
    fn only_text_between_the_markers_changes() {
        let text = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n";
        let updated = replace_between(text, "x", "new\n").expect("the markers are there");
        assert_eq!(updated, "a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nb\n");
        assert_eq!(replace_between(&updated, "x", "new\n").as_ref(), Ok(&updated));
        assert!(replace_between("no markers", "x", "new").is_err());
    }
}
