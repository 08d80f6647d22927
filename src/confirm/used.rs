//! Codes that made a write, until they would be too old anyway.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::cluster::ReplicaCoordinator;
use crate::confirm::code::CodeUse;

/// More writes than anyone confirms in ten minutes; beyond it no code is taken.
const MAX_USED_CODES: usize = 10_000;

/// What was used, and until when it matters.
pub struct UsedCodes {
    here: Mutex<HashMap<String, Instant>>,
    /// Replicas where it may be used too.
    shared: Option<ReplicaCoordinator>,
}

impl UsedCodes {
    /// Nothing yet.
    pub fn new(shared: Option<ReplicaCoordinator>) -> Self {
        Self { here: Mutex::default(), shared }
    }

    /// Uses a code that is good for so long; of two callers at the same moment one is the first.
    pub async fn consume(&self, code: String, left: Duration) -> CodeUse {
        let Some(shared) = &self.shared else {
            return self.consume_locally(code, left);
        };
        match shared.claim_once(&code, left).await {
            Some(true) => CodeUse::First,
            Some(false) => CodeUse::Replay,
            None => CodeUse::Unknown,
        }
    }

    fn consume_locally(&self, code: String, left: Duration) -> CodeUse {
        let mut all = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if all.len() >= MAX_USED_CODES {
            all.retain(|_, until| *until > now);
        }
        if all.len() >= MAX_USED_CODES || all.contains_key(&code) {
            return CodeUse::Replay;
        }
        all.insert(code, now + left);
        CodeUse::First
    }
}
