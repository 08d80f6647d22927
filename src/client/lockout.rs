//! The guard against locking the API user: after a second refusal of the credentials nothing is sent for a while.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Code, Error, Retry};

/// So many refusals in a row are not chance.
const MAX_AUTH_FAILURES: u32 = 2;
const LOCKOUT_PAUSE: Duration = Duration::from_secs(60);

/// Refusals in a row.
#[derive(Default)]
pub struct Lockout(Mutex<LockoutState>);

#[derive(Default)]
struct LockoutState {
    refused: u32,
    /// Whether they were refused when they were last used.
    doubted: bool,
    until: Option<Instant>,
}

impl Lockout {
    /// Refuses to send while the pause lasts.
    ///
    /// # Errors
    /// `auth-failed`, with the seconds that are left.
    pub fn check(&self) -> Result<(), Error> {
        let until = self.state().until;
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        match left.filter(|left| !left.is_zero()) {
            Some(left) => Err(locked_out_error(left.as_secs() + 1)),
            None => Ok(()),
        }
    }

    /// Refuses where the last that Autotask said of the credentials is that they are bad.
    ///
    /// # Errors
    /// `auth-failed`.
    pub fn check_last_auth(&self) -> Result<(), Error> {
        match self.state().doubted {
            false => Ok(()),
            true => Err(Error::new(Code::AuthFailed, "Autotask refused the credentials.")),
        }
    }

    /// Notes that the credentials were refused.
    pub fn record_failure(&self) {
        let mut state = self.state();
        state.doubted = true;
        state.refused += 1;
        if state.refused >= MAX_AUTH_FAILURES {
            state.refused = 0;
            state.until = Some(Instant::now() + LOCKOUT_PAUSE);
        }
    }

    /// Notes that the credentials were good; a late answer to an earlier request ends no pause.
    pub fn record_success(&self) {
        let mut state = self.state();
        state.refused = 0;
        state.doubted = false;
    }

    fn state(&self) -> std::sync::MutexGuard<'_, LockoutState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn locked_out_error(seconds: u64) -> Error {
    let message = format!(
        "Autotask refused the credentials twice; nothing is sent for {seconds} seconds, so that the API user is not locked."
    );
    Error::new(Code::AuthFailed, message)
        .with_retry(Retry::Later(seconds))
        .next("Check AUTOTASK_USERNAME and AUTOTASK_SECRET, and that the user is not locked.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn two_refusals_in_a_row_pause_for_a_minute() {
        let guard = Lockout::default();
        guard.record_failure();
        assert!(guard.check().is_ok(), "one may be a moved zone");
        guard.record_success();
        guard.record_failure();
        assert!(guard.check().is_ok(), "they were not in a row");
        guard.record_failure();
        let error = guard.check().expect_err("a pause");
        assert!(
            error.to_string().contains("60 seconds") || error.to_string().contains("61 seconds")
        );
        guard.record_success();
        assert!(guard.check().is_err(), "a late success ends no pause");
        tokio::time::advance(Duration::from_secs(61)).await;
        assert!(guard.check().is_ok());
    }
}
