//! The tenant's hourly threshold of requests, which it shares with all its other integrations.

use std::time::Duration;

use parking_lot::Mutex;
use serde_json::Value;
use tokio::time::Instant;

use crate::error::{Code, Error, Retry};

/// The path of the threshold and its usage.
pub(super) const THRESHOLD_PATH: &str = "ThresholdInformation";
/// The usage is read at most this often, because reading it counts as a request itself.
const REFRESH_INTERVAL: Duration = Duration::from_secs(60);
/// So many reads may be sent before the usage is known, so that the first call does not wait for it.
const MAX_UNCHECKED_READS: u32 = 3;
const WARN_FROM_PERCENT: f64 = 75.0;
/// The threshold applies to a rolling hour, so it recovers little by little.
const RETRY_SECONDS: u64 = 300;
const LIMIT_FIELD: &str = "externalRequestThreshold";
const USED_FIELD: &str = "currentTimeframeRequestCount";

/// What is known of the threshold.
pub struct Threshold {
    stop_percent: f64,
    state: Mutex<ThresholdState>,
}

#[derive(Default)]
struct ThresholdState {
    /// Requests of this process since the last reading.
    own: u64,
    reading: Option<ThresholdReading>,
    /// What is wrong with the last response, if it has no usable threshold.
    invalid: Option<String>,
    refreshed_at: Option<Instant>,
    /// Reads that were sent before the usage was known.
    unchecked_reads: u32,
}

/// Whether the usage should be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshDue {
    No,
    /// Before anything else is sent: nothing is known, or requests are stopped.
    Blocking,
    /// While other requests go on.
    Background,
}

#[derive(Clone, Copy)]
struct ThresholdReading {
    used: f64,
    limit: f64,
}

/// A reading when Autotask reports the threshold as reached before its numbers are known.
const EXHAUSTED: ThresholdReading = ThresholdReading { used: 1.0, limit: 1.0 };

impl Threshold {
    /// Nothing is known yet; from `stop_percent` of the threshold on nothing is sent.
    #[must_use]
    pub fn new(stop_percent: u8) -> Self {
        Self { stop_percent: stop_percent.into(), state: Mutex::default() }
    }

    /// Whether the usage should be read now, and whether to wait for it. The caller who gets a yes reads it.
    pub fn refresh_due(&self) -> RefreshDue {
        let is_stopped = self.check().is_err();
        let mut state = self.state.lock();
        if state.refreshed_at.is_some_and(|at| at.elapsed() < REFRESH_INTERVAL) {
            return RefreshDue::No;
        }
        state.refreshed_at = Some(Instant::now());
        match state.reading {
            Some(_) if !is_stopped => RefreshDue::Background,
            _ => RefreshDue::Blocking,
        }
    }

    /// Whether a read may be sent while the usage is read for the first time; counts the read if so.
    pub fn admits_unchecked_read(&self) -> bool {
        let mut state = self.state.lock();
        let is_admitted = state.reading.is_none() && state.unchecked_reads < MAX_UNCHECKED_READS;
        state.unchecked_reads += u32::from(is_admitted);
        is_admitted
    }

    /// Records that Autotask reports the threshold as reached; returns the usage and the limit to share.
    pub fn mark_exhausted(&self) -> (f64, f64) {
        let mut state = self.state.lock();
        let limit = state.reading.map_or(EXHAUSTED.limit, |reading| reading.limit);
        state.reading = Some(ThresholdReading { used: limit, limit });
        state.own = 0;
        state.refreshed_at = Some(Instant::now());
        (limit, limit)
    }

    /// Records a response of Autotask; returns the usage and the limit, if the response has them.
    pub fn record_reading(&self, body: &Value) -> Option<(f64, f64)> {
        let mut state = self.state.lock();
        state.refreshed_at = Some(Instant::now());
        match (positive(body, LIMIT_FIELD), count(body, USED_FIELD)) {
            (Ok(limit), Ok(used)) => {
                state.reading = Some(ThresholdReading { used, limit });
                state.invalid = None;
                state.own = 0;
                Some((used, limit))
            }
            (Err(reason), _) | (_, Err(reason)) => {
                state.invalid = Some(reason);
                None
            }
        }
    }

    /// Adopts the usage that all replicas counted.
    pub fn adopt(&self, own: u64, used: f64, limit: f64) {
        if limit > 0.0 {
            let mut state = self.state.lock();
            state.reading = Some(ThresholdReading { used, limit });
            state.own = own;
        }
    }

    /// Counts a request of this process.
    pub fn count_request(&self) {
        self.state.lock().own += 1;
    }

    /// Fails if too much is used.
    ///
    /// # Errors
    /// `threshold-reached`.
    pub fn check(&self) -> Result<(), Error> {
        match self.used_percent().filter(|percent| *percent >= self.stop_percent) {
            Some(percent) => Err(self.threshold_error(percent)),
            None => Ok(()),
        }
    }

    /// A warning for responses: much is used, or the usage is unknown because Autotask's numbers are unusable.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        if let Some(percent) = self.used_percent().filter(|percent| *percent >= WARN_FROM_PERCENT) {
            let stop = self.stop_percent;
            return Some(format!(
                "{percent:.0}% of the tenant's hourly API requests are used{}, counting all its integrations; at {stop:.0}% this server stops sending requests.",
                self.in_numbers()
            ));
        }
        let state = self.state.lock();
        let reason = state.invalid.as_ref()?;
        Some(format!(
            "Autotask reported an unusable request threshold: {reason}. This server cannot stop before the threshold is reached."
        ))
    }

    /// The usage in numbers, such as `9600 of 10000`, if Autotask reported them.
    #[must_use]
    pub fn usage(&self) -> Option<String> {
        let state = self.state.lock();
        let reading = state.reading.filter(|reading| reading.limit > EXHAUSTED.limit)?;
        Some(format!("{:.0} of {:.0}", used(&state, reading), reading.limit))
    }

    fn in_numbers(&self) -> String {
        self.usage().map(|usage| format!(" ({usage})")).unwrap_or_default()
    }

    fn used_percent(&self) -> Option<f64> {
        let state = self.state.lock();
        state.reading.map(|reading| used(&state, reading) * 100.0 / reading.limit)
    }

    fn threshold_error(&self, percent: f64) -> Error {
        let message = format!(
            "{percent:.0}% of the tenant's hourly API requests are used{}; requests are paused so that other integrations keep working.",
            self.in_numbers()
        );
        Error::new(Code::ThresholdReached, message)
            .accepts(format!(
                "requests while less than {:.0}% is used (AUTOTASK_THRESHOLD_STOP_PERCENT)",
                self.stop_percent
            ))
            .with_retry(Retry::Later(RETRY_SECONDS))
            .next(format!("Wait {RETRY_SECONDS} seconds, then repeat the call."))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of an hour are far below 2^52")]
fn used(state: &ThresholdState, reading: ThresholdReading) -> f64 {
    reading.used + state.own as f64
}

/// A positive number in a response, or what it is instead.
fn positive(body: &Value, name: &str) -> Result<f64, String> {
    match count(body, name)? {
        number if number > 0.0 => Ok(number),
        _ => Err(format!("{name} is 0")),
    }
}

/// A number from 0 in a response, or what it is instead; never the tenant's own text.
fn count(body: &Value, name: &str) -> Result<f64, String> {
    let problem = match body.get(name) {
        None | Some(Value::Null) => "missing or null",
        Some(Value::String(_)) => "text",
        Some(value) => match value.as_f64() {
            Some(number) if number >= 0.0 => return Ok(number),
            Some(_) => "negative",
            None => "not a number",
        },
    };
    Err(format!("{name} is {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with_usage(used: u32) -> Threshold {
        let threshold = Threshold::new(95);
        threshold.record_reading(
            &json!({ "currentTimeframeRequestCount": used, "externalRequestThreshold": 10_000 }),
        );
        threshold
    }

    #[tokio::test(start_paused = true)]
    async fn usage_warns_and_stops() {
        for (used, warns, stops) in
            [(7_499, false, false), (7_500, true, false), (9_499, true, false), (9_500, true, true)]
        {
            let threshold = with_usage(used);
            assert_eq!(
                (threshold.warning().is_some(), threshold.check().is_err()),
                (warns, stops),
                "{used}"
            );
        }
        let threshold = with_usage(9_499);
        threshold.count_request();
        assert!(threshold.check().is_err(), "our own requests count");
        assert!(Threshold::new(95).check().is_ok(), "nothing is known");
    }

    #[tokio::test(start_paused = true)]
    async fn the_usage_is_read_first_and_then_once_a_minute() {
        let threshold = Threshold::new(95);
        assert_eq!(threshold.refresh_due(), RefreshDue::Blocking);
        assert_eq!(threshold.refresh_due(), RefreshDue::No, "another call reads it");
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
            "stopped until a reading is lower"
        );
    }

    #[test]
    fn few_reads_precede_the_first_reading() {
        let threshold = Threshold::new(95);
        let admitted = [(); 5].map(|()| threshold.admits_unchecked_read());
        assert_eq!(admitted, [true, true, true, false, false]);
        assert!(!with_usage(1).admits_unchecked_read(), "the usage is known");
    }

    #[test]
    fn errors_and_warnings_carry_numbers() {
        let error = with_usage(9_600).check().expect_err("a stop");
        assert!(
            error
                .to_string()
                .contains("96% of the tenant's hourly API requests are used (9600 of 10000)"),
            "{error}"
        );
        let warning = with_usage(8_000).warning().expect("a warning");
        assert!(warning.contains("80%") && warning.contains("(8000 of 10000)"), "{warning}");
        let threshold = Threshold::new(95);
        threshold.mark_exhausted();
        let error = threshold.check().expect_err("a stop");
        assert!(!error.to_string().contains(" of 1)"), "no invented numbers: {error}");
    }

    #[test]
    fn an_unusable_threshold_is_reported_until_a_usable_one() {
        for (limit, problem) in [
            (json!("10000"), "externalRequestThreshold is text"),
            (json!(0), "externalRequestThreshold is 0"),
            (json!(-5), "externalRequestThreshold is negative"),
            (json!(null), "externalRequestThreshold is missing or null"),
            (json!([]), "externalRequestThreshold is not a number"),
        ] {
            let threshold = Threshold::new(95);
            let body = json!({ LIMIT_FIELD: limit, USED_FIELD: 5 });
            assert_eq!(threshold.record_reading(&body), None);
            let warning = threshold.warning().unwrap_or_default();
            assert!(warning.contains(problem), "{limit}: {warning}");
            assert!(threshold.check().is_ok(), "an unknown usage is no reason to stop");
            threshold.record_reading(&json!({ LIMIT_FIELD: 10_000, USED_FIELD: 5 }));
            assert_eq!(threshold.warning(), None);
        }
        let threshold = Threshold::new(95);
        threshold.record_reading(&json!({ LIMIT_FIELD: 10_000, USED_FIELD: "5" }));
        let warning = threshold.warning().unwrap_or_default();
        assert!(warning.contains("currentTimeframeRequestCount is text"), "{warning}");
    }
}
