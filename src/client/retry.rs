//! The table: what is sent again, when, and what never is.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use super::response::OperationKind;

/// How often a request is sent again at most.
const MAX_RETRIES: usize = 3;
/// No call is begun again after this long; clients have given up by then.
pub const RETRY_DEADLINE: Duration = Duration::from_secs(120);
/// A longer wait is the caller's to decide.
const MAX_READ_WAIT_SECONDS: u64 = 60;
const MAX_WRITE_WAIT_SECONDS: u64 = 30;

/// What a failed try amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Autotask judged the request, or nothing would change by repeating it.
    Permanent,
    /// Refused before anything was done; with the seconds that `Retry-After` asks for.
    Throttled(Option<u64>),
    /// Too many at once, told in words and without a promise that nothing was done.
    ThreadLimit,
    /// The credentials were refused, perhaps because the zone moved.
    Unauthorized,
    /// The zone is not known, so nothing was sent.
    NoZone,
    /// Nothing was sent.
    NotSent,
    /// Out of order, out of time, cut off, or not to be read.
    Transient,
}

/// What to do after a failed try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryDecision {
    GiveUp,
    RetryAfter(Duration),
}

/// One request's tries.
pub struct RetryBudget {
    act: OperationKind,
    delays: ExponentialBackoff,
    left: usize,
}

impl RetryBudget {
    /// No try yet.
    #[must_use]
    pub fn new(act: OperationKind) -> Self {
        let delays = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(400))
            .with_max_delay(Duration::from_secs(8))
            .with_max_times(MAX_RETRIES)
            .with_jitter();
        Self { act, delays: delays.build(), left: MAX_RETRIES }
    }

    /// What to do after a try that failed this way, `spent` after the first one began.
    pub fn next(&mut self, sign: FailureKind, spent: Duration) -> RetryDecision {
        if self.left == 0 {
            return RetryDecision::GiveUp;
        }
        self.left -= 1;
        let wait = self.wait(sign).filter(|wait| spent + *wait < RETRY_DEADLINE);
        wait.map_or(RetryDecision::GiveUp, RetryDecision::RetryAfter)
    }

    fn wait(&mut self, sign: FailureKind) -> Option<Duration> {
        let backoff = self.delays.next()?;
        let asked = |seconds, most| (seconds <= most).then(|| Duration::from_secs(seconds));
        match (self.act, sign) {
            (OperationKind::Mutate, FailureKind::Throttled(Some(seconds))) => {
                asked(seconds, MAX_WRITE_WAIT_SECONDS)
            }
            (_, FailureKind::NoZone) => Some(backoff),
            (_, FailureKind::Permanent | FailureKind::Unauthorized)
            | (OperationKind::Mutate, _) => None,
            (_, FailureKind::Throttled(Some(seconds))) => asked(seconds, MAX_READ_WAIT_SECONDS),
            (
                _,
                FailureKind::Throttled(None)
                | FailureKind::ThreadLimit
                | FailureKind::NotSent
                | FailureKind::Transient,
            ) => Some(backoff),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a first failure of this kind is followed by another try, and after how many seconds.
    fn check(act: OperationKind, sign: FailureKind, again: Option<std::ops::RangeInclusive<f64>>) {
        let next = RetryBudget::new(act).next(sign, Duration::ZERO);
        match (next, again) {
            (RetryDecision::GiveUp, None) => {}
            (RetryDecision::RetryAfter(wait), Some(range)) => {
                assert!(range.contains(&wait.as_secs_f64()), "{act:?} {sign:?} {wait:?}");
            }
            (next, again) => panic!("{act:?} {sign:?}: {next:?}, expected {again:?}"),
        }
    }

    #[test]
    fn the_table_of_what_is_sent_again() {
        let backoff = || Some(0.4..=0.9);
        for act in [OperationKind::Get, OperationKind::Query, OperationKind::Delete] {
            check(act, FailureKind::Permanent, None);
            check(act, FailureKind::Unauthorized, None);
            check(act, FailureKind::Throttled(Some(7)), Some(7.0..=7.0));
            check(act, FailureKind::Throttled(Some(60)), Some(60.0..=60.0));
            check(act, FailureKind::Throttled(Some(61)), None);
            check(act, FailureKind::Throttled(None), backoff());
            check(act, FailureKind::ThreadLimit, backoff());
            check(act, FailureKind::NotSent, backoff());
            check(act, FailureKind::Transient, backoff());
        }
        for sign in [
            FailureKind::Permanent,
            FailureKind::Unauthorized,
            FailureKind::ThreadLimit,
            FailureKind::NotSent,
            FailureKind::Transient,
        ] {
            check(OperationKind::Mutate, sign, None);
        }
        check(OperationKind::Mutate, FailureKind::NoZone, backoff());
        check(OperationKind::Mutate, FailureKind::Throttled(Some(30)), Some(30.0..=30.0));
        check(OperationKind::Mutate, FailureKind::Throttled(Some(31)), None);
        check(OperationKind::Mutate, FailureKind::Throttled(None), None);
    }

    #[test]
    fn delays_grow_and_end() {
        let mut tries = RetryBudget::new(OperationKind::Get);
        let mut last = Duration::ZERO;
        for _ in 0..MAX_RETRIES {
            let RetryDecision::RetryAfter(wait) =
                tries.next(FailureKind::Transient, Duration::ZERO)
            else {
                panic!("told too early")
            };
            assert!(wait > last, "{wait:?} after {last:?}");
            last = wait;
        }
        assert_eq!(tries.next(FailureKind::Transient, Duration::ZERO), RetryDecision::GiveUp);
    }

    #[test]
    fn nothing_is_begun_after_the_deadline() {
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
}
