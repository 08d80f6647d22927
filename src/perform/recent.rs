//! Creates of the last ten minutes, so that an equal one is noticed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const KEPT: Duration = Duration::from_secs(600);
/// More than anyone confirms in ten minutes; a bound, so that no flood fills the memory.
const MOST: usize = 10_000;

/// What was created, by what was sent.
#[derive(Default)]
pub struct Recent(Mutex<HashMap<String, (Instant, i64)>>);

impl Recent {
    /// The id that an equal create made, if it did so in the last ten minutes.
    pub fn find(&self, sent: &str) -> Option<i64> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(sent)
            .filter(|(at, _)| at.elapsed() < KEPT)
            .map(|(_, id)| *id)
    }

    /// Remembers a create that succeeded.
    pub fn remember(&self, sent: String, id: i64) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.retain(|_, (at, _)| at.elapsed() < KEPT);
        }
        if kept.len() < MOST {
            kept.insert(sent, (Instant::now(), id));
        }
    }
}
