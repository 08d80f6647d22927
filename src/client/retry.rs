//! The retry policy: which requests are sent again, after which delay, and which never are.

use std::time::Duration;

use crate::error::{Code, Error};

/// How many times a request is sent again.
const MAX_RETRIES: u32 = 3;
/// No attempt starts later than this after the first one; most clients have given up by then.
pub const RETRY_DEADLINE: Duration = Duration::from_secs(120);
/// The first delay; each further one is twice as long. A random part of up to the same length is added.
const MIN_BACKOFF: Duration = Duration::from_millis(400);
/// A longer `Retry-After` is reported to the caller instead of being waited out.
const MAX_READ_RETRY_AFTER_SECONDS: u64 = 60;
const MAX_WRITE_RETRY_AFTER_SECONDS: u64 = 30;

/// What a request does, which decides what an unclear response means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// Reads a resource by its path.
    Get,
    /// Sends a query in the body of a POST.
    Query,
    /// Creates or updates.
    Mutate,
    /// Deletes.
    Delete,
}

impl OperationKind {
    /// Whether it may change something.
    pub(super) fn is_write(self) -> bool {
        matches!(self, Self::Mutate | Self::Delete)
    }

    /// The error code when nothing shows whether the request was processed.
    pub(super) fn ambiguous_code(self) -> Code {
        if self.is_write() { Code::OutcomeUnknown } else { Code::UpstreamUnavailable }
    }
}

/// How an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Autotask rejected the request, or repeating it would change nothing.
    Permanent,
    /// Rejected before it was processed, with the seconds of `Retry-After` if the response has one.
    Throttled(Option<u64>),
    /// Too many concurrent requests; the response does not prove that nothing was processed.
    ThreadLimit,
    /// The credentials were rejected, perhaps because the zone has moved.
    Unauthorized,
    /// The zone is not known, so nothing was sent.
    NoZone,
    /// Nothing was sent.
    NotSent,
    /// A server fault, a timeout, a lost connection or an invalid response.
    Transient,
}

/// What to do after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryDecision {
    GiveUp,
    RetryAfter(Duration),
}

/// The retries of one request.
pub struct RetryBudget {
    operation: OperationKind,
    retries: u32,
}

impl RetryBudget {
    /// The full budget.
    #[must_use]
    pub fn new(operation: OperationKind) -> Self {
        Self { operation, retries: 0 }
    }

    /// What to do after this failure, `elapsed` after the first attempt started.
    pub fn next(&mut self, failure: FailureKind, elapsed: Duration) -> RetryDecision {
        let delay = self.delay(failure).filter(|delay| elapsed + *delay < RETRY_DEADLINE);
        match delay.filter(|_| self.retries < MAX_RETRIES) {
            None => RetryDecision::GiveUp,
            Some(delay) => {
                self.retries += 1;
                RetryDecision::RetryAfter(delay)
            }
        }
    }

    fn delay(&self, failure: FailureKind) -> Option<Duration> {
        let retry_after = |seconds, max| (seconds <= max).then(|| Duration::from_secs(seconds));
        match (self.operation, failure) {
            (OperationKind::Mutate, FailureKind::Throttled(Some(seconds))) => {
                retry_after(seconds, MAX_WRITE_RETRY_AFTER_SECONDS)
            }
            (_, FailureKind::NoZone) => Some(self.backoff()),
            (_, FailureKind::Permanent | FailureKind::Unauthorized)
            | (OperationKind::Mutate, _) => None,
            (_, FailureKind::Throttled(Some(seconds))) => {
                retry_after(seconds, MAX_READ_RETRY_AFTER_SECONDS)
            }
            (
                _,
                FailureKind::Throttled(None)
                | FailureKind::ThreadLimit
                | FailureKind::NotSent
                | FailureKind::Transient,
            ) => Some(self.backoff()),
        }
    }

    fn backoff(&self) -> Duration {
        let delay = MIN_BACKOFF * 2_u32.pow(self.retries);
        delay + delay.mul_f64(random_fraction())
    }
}

/// A number from 0 to 1 from the system's random source, so that processes do not retry in step.
fn random_fraction() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

/// What was already repeated for one request.
#[derive(Default)]
pub(super) struct AttemptHistory {
    pub(super) was_resent: bool,
    pub(super) zone_checked: bool,
}

impl AttemptHistory {
    /// A delete that finds nothing the second time most likely succeeded the first time.
    pub(super) fn final_error(&self, operation: OperationKind, error: Error) -> Error {
        if self.was_resent && operation == OperationKind::Delete && error.is_no_record() {
            return Error::new(
                Code::NotFound,
                "The first delete request got no usable response and the second found no record, so the first most likely succeeded.",
            )
            .next("Read the record; if it is gone, nothing is left to do.");
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a first failure of this kind is retried, and after how many seconds.
    fn check(
        operation: OperationKind,
        failure: FailureKind,
        expected: Option<std::ops::RangeInclusive<f64>>,
    ) {
        let next = RetryBudget::new(operation).next(failure, Duration::ZERO);
        match (next, expected) {
            (RetryDecision::GiveUp, None) => {}
            (RetryDecision::RetryAfter(delay), Some(range)) => {
                assert!(
                    range.contains(&delay.as_secs_f64()),
                    "{operation:?} {failure:?} {delay:?}"
                );
            }
            (next, expected) => panic!("{operation:?} {failure:?}: {next:?}, not {expected:?}"),
        }
    }

    #[test]
    fn retry_table() {
        let backoff = || Some(0.4..=0.9);
        for operation in [OperationKind::Get, OperationKind::Query, OperationKind::Delete] {
            check(operation, FailureKind::Permanent, None);
            check(operation, FailureKind::Unauthorized, None);
            check(operation, FailureKind::Throttled(Some(7)), Some(7.0..=7.0));
            check(operation, FailureKind::Throttled(Some(60)), Some(60.0..=60.0));
            check(operation, FailureKind::Throttled(Some(61)), None);
            check(operation, FailureKind::Throttled(None), backoff());
            check(operation, FailureKind::ThreadLimit, backoff());
            check(operation, FailureKind::NotSent, backoff());
            check(operation, FailureKind::Transient, backoff());
        }
        for failure in [
            FailureKind::Permanent,
            FailureKind::Unauthorized,
            FailureKind::ThreadLimit,
            FailureKind::NotSent,
            FailureKind::Transient,
        ] {
            check(OperationKind::Mutate, failure, None);
        }
        check(OperationKind::Mutate, FailureKind::NoZone, backoff());
        check(OperationKind::Mutate, FailureKind::Throttled(Some(30)), Some(30.0..=30.0));
        check(OperationKind::Mutate, FailureKind::Throttled(Some(31)), None);
        check(OperationKind::Mutate, FailureKind::Throttled(None), None);
    }

    #[test]
    fn delays_grow_and_end() {
        let mut budget = RetryBudget::new(OperationKind::Get);
        let mut last = Duration::ZERO;
        for _ in 0..MAX_RETRIES {
            let RetryDecision::RetryAfter(delay) =
                budget.next(FailureKind::Transient, Duration::ZERO)
            else {
                panic!("gave up too early")
            };
            assert!(delay > last, "{delay:?} after {last:?}");
            last = delay;
        }
        assert_eq!(budget.next(FailureKind::Transient, Duration::ZERO), RetryDecision::GiveUp);
    }

    #[test]
    fn no_retry_after_the_deadline() {
        assert_eq!(
            RetryBudget::new(OperationKind::Get).next(FailureKind::Transient, RETRY_DEADLINE),
            RetryDecision::GiveUp
        );
        let late = RETRY_DEADLINE.saturating_sub(Duration::from_secs(10));
        assert_eq!(
            RetryBudget::new(OperationKind::Get).next(FailureKind::Throttled(Some(11)), late),
            RetryDecision::GiveUp
        );
    }

    #[test]
    fn jitter_differs_between_attempts() {
        let delays = || {
            let mut budget = RetryBudget::new(OperationKind::Get);
            [(); 3].map(|()| budget.next(FailureKind::Transient, Duration::ZERO))
        };
        assert_ne!(delays(), delays());
    }
}
