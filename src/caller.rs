//! Who calls, and the way back to them while a call runs.

use std::sync::Arc;

use crate::gate::Gate;

/// Somebody who calls: what is open to them, and their name, where there are several.
#[derive(Debug, Clone)]
pub struct Caller {
    gate: Gate,
    name: Option<Arc<str>>,
}

/// The way back to a caller while the call runs; a door that has none leaves all as it is.
pub trait Line: Send + Sync {
    /// Tells how far a long call is: so much done, of so much where that is known.
    fn progress(&self, _done: u64, _of: Option<u64>, _doing: &str) {}
}

/// A caller who only waits for the answer.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Line for Silent {}

impl Caller {
    /// Whoever runs the server: all that the settings leave.
    #[must_use]
    pub fn owner(gate: Gate) -> Self {
        Self { gate, name: None }
    }

    /// Somebody of a name, behind a gate of their own.
    #[must_use]
    pub fn named(name: &str, gate: Gate) -> Self {
        Self {
            gate,
            name: Some(name.into()),
        }
    }

    /// What is open to them.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Their name, for the audit log.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}
