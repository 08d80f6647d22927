//! Codes that made a write, until they would be too old anyway.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::gate::seal::Use;
use crate::shared::Shared;

/// More writes than anyone confirms in ten minutes; beyond it no code is taken.
const MOST: usize = 10_000;

/// What was used, and until when it matters.
pub struct Used {
    here: Mutex<HashMap<String, Instant>>,
    /// Replicas where it may be used too.
    shared: Option<Shared>,
}

impl Used {
    /// Nothing yet.
    pub fn new(shared: Option<Shared>) -> Self {
        Self { here: Mutex::default(), shared }
    }

    /// Uses a code that is good for so long; of two callers at the same moment one is the first.
    pub async fn once(&self, code: String, left: Duration) -> Use {
        let Some(shared) = &self.shared else {
            return self.here(code, left);
        };
        match shared.once(&code, left).await {
            Some(true) => Use::First,
            Some(false) => Use::Again,
            None => Use::Unknown,
        }
    }

    fn here(&self, code: String, left: Duration) -> Use {
        let mut all = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if all.len() >= MOST {
            all.retain(|_, until| *until > now);
        }
        if all.len() >= MOST || all.contains_key(&code) {
            return Use::Again;
        }
        all.insert(code, now + left);
        Use::First
    }
}
