//! Issues the confirmation codes of this process, verifies them, and accepts each one once.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::time::Instant;

use super::Confirmed;
use super::code::{CodeSigner, CodeUse, ConfirmationCode, VerifiedCode, WriteBinding};
use crate::cluster::ReplicaCoordinator;
use crate::config::Config;
use crate::error::Error;
use crate::value::cache::Cache;
use crate::value::hmac::HmacKey;

/// More writes than anyone confirms in ten minutes; at the limit no code is accepted.
const MAX_USED_CODES: usize = 10_000;

/// Issues and redeems the codes of one tenant.
pub struct ConfirmationCodes {
    signer: CodeSigner,
    /// Used codes, kept until they expire.
    used: Cache<String, ()>,
    /// Coordinates with replicas, where a code may be used too.
    coordinator: Option<ReplicaCoordinator>,
    valid_across_processes: bool,
    clock: MonotonicClock,
}

impl ConfirmationCodes {
    /// Codes for the tenant that the settings name.
    pub fn new(config: &Config, coordinator: Option<ReplicaCoordinator>) -> Self {
        let zone = config.api_url.as_ref().map(ToString::to_string);
        let tenant = json!([config.username, zone]);
        let shared_key = coordinator.as_ref().and(config.http.state_key.as_ref());
        Self {
            signer: CodeSigner::new(signing_key(shared_key), tenant.to_string()),
            used: Cache::new(MAX_USED_CODES),
            valid_across_processes: shared_key.is_some(),
            coordinator,
            clock: MonotonicClock::new(),
        }
    }

    /// Whether other processes accept the codes of this one.
    pub fn valid_across_processes(&self) -> bool {
        self.valid_across_processes
    }

    /// A new code for a write.
    ///
    /// # Errors
    /// `internal` if the operating system supplies no random bytes.
    pub fn issue(&self, binding: WriteBinding<'_>) -> Result<ConfirmationCode, Error> {
        self.signer.issue(binding, self.clock.now())
    }

    /// The proof for a code; the attempt consumes the code, whatever its result.
    ///
    /// # Errors
    /// `confirm-mismatch`.
    pub async fn redeem(
        &self,
        code: ConfirmationCode,
        binding: WriteBinding<'_>,
    ) -> Result<Confirmed, Error> {
        let verified = self.signer.verify(code, binding, self.clock.now())?;
        let code_use = self.mark_used(&verified).await;
        verified.into_confirmed(code_use)
    }

    /// Marks a code as used; of two simultaneous attempts only one is the first use.
    async fn mark_used(&self, verified: &VerifiedCode) -> CodeUse {
        let (code, remaining) = (verified.code(), verified.remaining());
        let is_first = match &self.coordinator {
            Some(coordinator) => coordinator.claim_once(&code, remaining).await,
            None => Some(self.used.insert_new(code, (), remaining)),
        };
        match is_first {
            Some(true) => CodeUse::First,
            Some(false) => CodeUse::Replay,
            None => CodeUse::Unknown,
        }
    }
}

/// The key of the codes: processes accept each other's codes only if they share a key, and Redis for the used codes.
fn signing_key(shared_key: Option<&SecretString>) -> Result<HmacKey, Error> {
    match shared_key {
        Some(text) => Ok(HmacKey::from_passphrase(text.expose_secret())),
        None => HmacKey::random(),
    }
}

/// A clock of Unix time that never jumps while the process runs.
struct MonotonicClock {
    started: Instant,
    unix: Duration,
}

impl MonotonicClock {
    /// A clock set from the system's clock once.
    fn new() -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH);
        Self { started: Instant::now(), unix: unix.unwrap_or_default() }
    }

    fn now(&self) -> Duration {
        self.unix + self.started.elapsed()
    }
}
