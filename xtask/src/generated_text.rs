//! Text that a chore keeps in step with its source: written, or checked.

use std::fs;
use std::path::Path;

use autotask_schema::SchemaError;

/// What to do about a text that is stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Write,
    Check,
}

/// Brings a file to this text; true where it was stale and was written.
///
/// # Errors
/// Under `Mode::Check` a stale file, naming the chore that writes it.
pub fn keep(path: &Path, text: &str, mode: Mode) -> Result<bool, SchemaError> {
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

/// A file's text.
///
/// # Errors
/// A file that cannot be read.
pub fn read(path: &Path) -> Result<String, SchemaError> {
    fs::read_to_string(path).map_err(|e| SchemaError::in_file(path, &e))
}

/// Text in a cell of a table, which a vertical bar would end.
pub fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// The text with everything between `<!-- name -->` and `<!-- /name -->` replaced.
///
/// # Errors
/// Names the marker that is missing.
pub fn between(text: &str, name: &str, inner: &str) -> Result<String, SchemaError> {
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
    use super::between;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let text = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n";
        let fresh = between(text, "x", "new\n").expect("the markers are there");
        assert_eq!(fresh, "a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nb\n");
        assert_eq!(between(&fresh, "x", "new\n").as_ref(), Ok(&fresh));
        assert!(between("no markers", "x", "new").is_err());
    }
}
