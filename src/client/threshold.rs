//! The tenant's hourly budget of requests, shared with every other integration: followed, and never used up by us.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::error::{Code, Error, Retry};

/// The tenant is asked at most this often; the question counts as a request itself.
const REFRESH_INTERVAL: Duration = Duration::from_secs(60);
const WARN_FROM_PERCENT: f64 = 75.0;
/// The budget is of a rolling hour, so it comes back little by little.
const RETRY_SECONDS: u64 = 300;

/// What is known of the budget.
pub struct Threshold {
    stop_percent: f64,
    state: Mutex<ThresholdState>,
}

#[derive(Default)]
struct ThresholdState {
    /// Requests of ours since the tenant last told.
    own: u64,
    told: Option<ThresholdReading>,
    asked: Option<Instant>,
}

/// Whether to ask the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshDue {
    No,
    /// Before anything else is sent: nothing is known, or all is stopped.
    Blocking,
    /// While other requests go on.
    Background,
}

#[derive(Clone, Copy)]
struct ThresholdReading {
    used: f64,
    limit: f64,
}

impl Threshold {
    /// Nothing is known yet; at `stop_percent` of the budget nothing more is sent.
    #[must_use]
    pub fn new(stop_percent: u8) -> Self {
        Self { stop_percent: stop_percent.into(), state: Mutex::default() }
    }

    /// Whether the tenant should be asked now, and whether to wait for the answer; whoever is told so asks.
    pub fn refresh_due(&self) -> RefreshDue {
        let stopped = self.check().is_err();
        let mut state = self.state();
        if state.asked.is_some_and(|asked| asked.elapsed() < REFRESH_INTERVAL) {
            return RefreshDue::No;
        }
        state.asked = Some(Instant::now());
        match state.told {
            Some(_) if !stopped => RefreshDue::Background,
            _ => RefreshDue::Blocking,
        }
    }

    /// Takes note that Autotask itself found the budget used up.
    pub fn mark_exhausted(&self) {
        let mut state = self.state();
        state.told = Some(ThresholdReading { used: 1.0, limit: 1.0 });
        state.own = 0;
        state.asked = Some(Instant::now());
    }

    /// Takes what the tenant told, and answers it: how many are used, and how many there are.
    pub fn record_reading(&self, body: &Value) -> Option<(f64, f64)> {
        let used = body["currentTimeframeRequestCount"].as_f64()?;
        let limit = body["externalRequestThreshold"].as_f64().filter(|limit| *limit > 0.0)?;
        let mut state = self.state();
        state.told = Some(ThresholdReading { used, limit });
        state.own = 0;
        state.asked = Some(Instant::now());
        Some((used, limit))
    }

    /// Takes over what all replicas counted and heard.
    pub fn adopt(&self, own: u64, used: f64, limit: f64) {
        let mut state = self.state();
        state.told = Some(ThresholdReading { used, limit });
        state.own = own;
    }

    /// Counts a request of ours.
    pub fn count_request(&self) {
        self.state().own += 1;
    }

    /// Refuses to send when too much is used.
    ///
    /// # Errors
    /// `threshold-reached`.
    pub fn check(&self) -> Result<(), Error> {
        match self.used_percent().filter(|percent| *percent >= self.stop_percent) {
            Some(percent) => Err(self.threshold_error(percent)),
            None => Ok(()),
        }
    }

    /// A sentence for answers, when much is used.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let percent = self.used_percent().filter(|percent| *percent >= WARN_FROM_PERCENT)?;
        let stop = self.stop_percent;
        Some(format!(
            "The tenant has used {percent:.0} % of its hourly requests, for all its integrations; at {stop:.0} % nothing more is sent."
        ))
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of an hour are far below 2^52")]
    fn used_percent(&self) -> Option<f64> {
        let state = self.state();
        state.told.map(|told| (told.used + state.own as f64) * 100.0 / told.limit)
    }

    fn threshold_error(&self, percent: f64) -> Error {
        let message = format!(
            "The tenant has used {percent:.0} % of its hourly requests; nothing more is sent, so that its other integrations go on."
        );
        Error::new(Code::ThresholdReached, message)
            .accepts(format!(
                "calls while less than {:.0} % is used (AUTOTASK_THRESHOLD_STOP_PERCENT)",
                self.stop_percent
            ))
            .with_retry(Retry::Later(RETRY_SECONDS))
            .next(format!("Wait {RETRY_SECONDS} seconds, then make the same call."))
    }

    fn state(&self) -> MutexGuard<'_, ThresholdState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(used: u32) -> Threshold {
        let threshold = Threshold::new(95);
        threshold.record_reading(
            &json!({ "currentTimeframeRequestCount": used, "externalRequestThreshold": 10_000 }),
        );
        threshold
    }

    #[tokio::test(start_paused = true)]
    async fn use_is_warned_of_and_stopped() {
        for (used, warns, stops) in
            [(7_499, false, false), (7_500, true, false), (9_499, true, false), (9_500, true, true)]
        {
            let threshold = told(used);
            assert_eq!(
                (threshold.warning().is_some(), threshold.check().is_err()),
                (warns, stops),
                "{used}"
            );
        }
        let threshold = told(9_499);
        threshold.count_request();
        assert!(threshold.check().is_err(), "our own requests count");
        assert!(Threshold::new(95).check().is_ok(), "nothing is known");
    }

    #[tokio::test(start_paused = true)]
    async fn the_tenant_is_asked_first_and_then_once_a_minute() {
        let threshold = Threshold::new(95);
        assert_eq!(threshold.refresh_due(), RefreshDue::Blocking);
        assert_eq!(threshold.refresh_due(), RefreshDue::No, "somebody is asking already");
        threshold.record_reading(
            &json!({ "currentTimeframeRequestCount": 1, "externalRequestThreshold": 10_000 }),
        );
        assert_eq!(threshold.refresh_due(), RefreshDue::No);
        tokio::time::advance(REFRESH_INTERVAL).await;
        assert_eq!(threshold.refresh_due(), RefreshDue::Background);
        threshold.mark_exhausted();
        assert!(threshold.check().is_err());
        tokio::time::advance(REFRESH_INTERVAL).await;
        assert_eq!(
            threshold.refresh_due(),
            RefreshDue::Blocking,
            "stopped, until the tenant says otherwise"
        );
    }
}
