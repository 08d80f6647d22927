//! Protects the API user from being locked: after a second rejection of the credentials nothing is sent for a minute.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::error::{Code, Error, Retry};

/// One rejection may be a moved zone.
const MAX_AUTH_FAILURES: u32 = 2;
const LOCKOUT_DURATION: Duration = Duration::from_secs(60);

/// The rejections in a row.
#[derive(Default)]
pub struct Lockout(Mutex<LockoutState>);

#[derive(Default)]
struct LockoutState {
    failures: u32,
    /// Whether the last response rejected the credentials.
    last_failed: bool,
    until: Option<Instant>,
}

impl Lockout {
    /// Fails while the lockout lasts.
    ///
    /// # Errors
    /// `auth-failed`, with the seconds that are left.
    pub fn check(&self) -> Result<(), Error> {
        let until = self.0.lock().until;
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        match left.filter(|left| !left.is_zero()) {
            Some(left) => Err(locked_out_error(left.as_secs() + 1)),
            None => Ok(()),
        }
    }

    /// Fails if the last response rejected the credentials.
    ///
    /// # Errors
    /// `auth-failed`.
    pub fn check_last_auth(&self) -> Result<(), Error> {
        match self.0.lock().last_failed {
            false => Ok(()),
            true => Err(Error::new(Code::AuthFailed, "Autotask rejected the credentials.")),
        }
    }

    /// Records that the credentials were rejected.
    pub fn record_failure(&self) {
        let mut state = self.0.lock();
        state.last_failed = true;
        state.failures += 1;
        if state.failures >= MAX_AUTH_FAILURES {
            state.failures = 0;
            state.until = Some(Instant::now() + LOCKOUT_DURATION);
        }
    }

    /// Records that the credentials were accepted; a late response to an earlier request ends no lockout.
    pub fn record_success(&self) {
        let mut state = self.0.lock();
        state.failures = 0;
        state.last_failed = false;
    }
}

fn locked_out_error(seconds: u64) -> Error {
    let message = format!(
        "Autotask rejected the credentials twice; nothing is sent for {seconds} seconds, so that the API user is not locked."
    );
    Error::new(Code::AuthFailed, message)
        .with_retry(Retry::Later(seconds))
        .next("Check AUTOTASK_USERNAME and AUTOTASK_SECRET, and that the user is not locked.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn two_rejections_in_a_row_stop_requests_for_a_minute() {
        let lockout = Lockout::default();
        lockout.record_failure();
        assert!(lockout.check().is_ok(), "one may be a moved zone");
        lockout.record_success();
        lockout.record_failure();
        assert!(lockout.check().is_ok(), "they were not in a row");
        lockout.record_failure();
        let error = lockout.check().expect_err("a lockout");
        assert!(
            error.to_string().contains("60 seconds") || error.to_string().contains("61 seconds")
        );
        lockout.record_success();
        assert!(lockout.check().is_err(), "a late success ends no lockout");
        tokio::time::advance(Duration::from_secs(61)).await;
        assert!(lockout.check().is_ok());
    }
}
