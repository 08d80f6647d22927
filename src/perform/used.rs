//! Codes that made a write, until they would be too old anyway.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::gate::seal::Use;

/// More writes than anyone confirms in ten minutes; beyond it no code is taken.
const MOST: usize = 10_000;

/// What was used, and until when it matters.
#[derive(Default)]
pub struct Used(Mutex<HashMap<String, Instant>>);

impl Used {
    /// Uses a code that is good for so long; of two callers at the same moment one is the first.
    pub fn once(&self, code: String, left: Duration) -> Use {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
