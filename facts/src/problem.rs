//! What is wrong with a declaration, as its author reads it.

use std::fmt;
use std::path::Path;

/// A sentence that names the file, the place and, for a misspelling, the nearest name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(String);

impl Problem {
    /// A problem of no particular file.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A problem in a file or folder.
    pub fn at(path: &Path, what: &impl fmt::Display) -> Self {
        Self(format!("{}: {what}", path.display()))
    }

    /// A name that is not declared, with the nearest one that is.
    pub fn misspelt<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Self {
        match nearest(name, known) {
            Some(near) => Self(format!("no {kind} is called {name:?}; did you mean {near:?}?")),
            None => Self(format!("no {kind} is called {name:?}")),
        }
    }

    /// The same problem with the place it was found in before it.
    #[must_use]
    pub fn within(self, place: &str) -> Self {
        Self(format!("{place}: {}", self.0))
    }
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let score = |other: &str| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
    known.max_by(|a, b| score(a).total_cmp(&score(b)))
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}
