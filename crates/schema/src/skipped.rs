//! An entity or field of a tenant that a merge skipped, and why.

use std::fmt;

/// What was skipped: an entity, or `Entity.field`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    pub place: String,
    pub reason: String,
}

impl Skipped {
    /// An entity or `Entity.field` that was skipped for this reason.
    pub fn new(place: &str, reason: impl Into<String>) -> Self {
        Self { place: place.to_owned(), reason: reason.into() }
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}.", self.place, self.reason)
    }
}
