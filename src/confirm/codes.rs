//! Codes: issued, checked, used once.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::time::Instant;

use super::used::UsedCodes;
use crate::cluster::ReplicaCoordinator;
use crate::config::Config;
use crate::confirm::Confirmed;
use crate::confirm::code::{CodeSigner, ConfirmationCode, WriteBinding};
use crate::error::Error;
use crate::value::hmac::HmacKey;

/// The seal of one tenant, and the codes that made a write.
pub struct ConfirmationCodes {
    outlive: bool,
    seal: CodeSigner,
    used: UsedCodes,
    clock: MonotonicClock,
}

impl ConfirmationCodes {
    /// Codes for the tenant that the settings name.
    pub fn new(config: &Config, shared: Option<ReplicaCoordinator>) -> Self {
        let zone = config.api_url.as_ref().map(ToString::to_string);
        let tenant = json!([config.username, zone, config.impersonation]);
        let common = shared.as_ref().and(config.http.state_key.as_ref());
        Self {
            outlive: common.is_some(),
            seal: CodeSigner::new(signing_key(common), tenant.to_string()),
            used: UsedCodes::new(shared),
            clock: MonotonicClock::new(),
        }
    }

    /// Whether another process takes the codes of this one.
    pub fn valid_across_processes(&self) -> bool {
        self.outlive
    }

    /// A new code for a deed.
    ///
    /// # Errors
    /// `internal`, where the system gives no random bytes.
    pub fn issue(&self, deed: WriteBinding<'_>) -> Result<ConfirmationCode, Error> {
        self.seal.issue(deed, self.clock.now())
    }

    /// The proof that a code gives; it is used up by the attempt, whatever comes of it.
    ///
    /// # Errors
    /// `confirm-mismatch`.
    pub async fn open(
        &self,
        code: ConfirmationCode,
        deed: WriteBinding<'_>,
    ) -> Result<Confirmed, Error> {
        let right = self.seal.verify(code, deed, self.clock.now())?;
        let is = self.used.consume(right.code(), right.remaining()).await;
        right.into_confirmed(is)
    }
}

/// Processes take each other's codes only under a key that all of them have, and where Redis keeps the used ones.
fn signing_key(common: Option<&SecretString>) -> Result<HmacKey, Error> {
    match common {
        Some(text) => Ok(HmacKey::from_passphrase(text.expose_secret())),
        None => HmacKey::random(),
    }
}

/// Unix time that never jumps while the process runs.
struct MonotonicClock {
    began: Instant,
    unix: Duration,
}

impl MonotonicClock {
    /// Set by the system's clock, once.
    fn new() -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH);
        Self { began: Instant::now(), unix: unix.unwrap_or_default() }
    }

    fn now(&self) -> Duration {
        self.unix + self.began.elapsed()
    }
}
