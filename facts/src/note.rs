//! What could not be learnt, and of which entity.

use std::fmt;

/// A sentence about an entity, or about one of its fields.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    pub place: String,
    pub says: String,
}

impl Note {
    /// A note about an entity, or `Entity.field`.
    pub fn of(place: &str, says: impl Into<String>) -> Self {
        Self { place: place.to_owned(), says: says.into() }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}.", self.place, self.says)
    }
}
