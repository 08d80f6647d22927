//! Errors in declarations and metadata, worded for the author of the file.

use std::fmt;
use std::path::Path;

/// A message that names the file, the place and, for an unknown name, the closest known one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError(String);

impl SchemaError {
    /// An error without a file.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// An error in a file or folder.
    pub fn in_file(path: &Path, cause: &impl fmt::Display) -> Self {
        Self(format!("{}: {cause}", path.display()))
    }

    /// A name that is not declared, with the closest declared one.
    pub fn unknown_name<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Self {
        match closest(name, known) {
            Some(close) => Self(format!("no {kind} is called {name:?}; did you mean {close:?}?")),
            None => Self(format!("no {kind} is called {name:?}")),
        }
    }

    /// The same error, prefixed with its place.
    #[must_use]
    pub fn context(self, place: &str) -> Self {
        Self(format!("{place}: {}", self.0))
    }
}

fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let score = |other: &str| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
    known.max_by(|a, b| score(a).total_cmp(&score(b)))
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SchemaError {}
