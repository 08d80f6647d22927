//! The table: what is sent again, when, and what never is.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use super::reply::Act;

/// How often a request is sent again at most.
const MOST: usize = 3;
/// No call is begun again after this long; clients have given up by then.
pub const DEADLINE: Duration = Duration::from_secs(120);
/// A longer wait is the caller's to decide.
const LONGEST_READ_WAIT: u64 = 60;
const LONGEST_WRITE_WAIT: u64 = 30;

/// What a failed try amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Autotask judged the request, or nothing would change by repeating it.
    Verdict,
    /// Refused before anything was done; with the seconds that `Retry-After` asks for.
    Throttled(Option<u64>),
    /// Too many at once, told in words and without a promise that nothing was done.
    Crowded,
    /// The credentials were refused, perhaps because the zone moved.
    Unauthorized,
    /// The zone is not known, so nothing was sent.
    NoZone,
    /// Nothing was sent.
    NotSent,
    /// Out of order, out of time, cut off, or not to be read.
    Trouble,
}

/// What to do after a failed try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Tell,
    Wait(Duration),
}

/// One request's tries.
pub struct Tries {
    act: Act,
    delays: ExponentialBackoff,
    left: usize,
}

impl Tries {
    /// No try yet.
    #[must_use]
    pub fn new(act: Act) -> Self {
        let delays = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(400))
            .with_max_delay(Duration::from_secs(8))
            .with_max_times(MOST)
            .with_jitter();
        Self { act, delays: delays.build(), left: MOST }
    }

    /// What to do after a try that failed this way, `spent` after the first one began.
    pub fn next(&mut self, sign: Sign, spent: Duration) -> Next {
        if self.left == 0 {
            return Next::Tell;
        }
        self.left -= 1;
        let wait = self.wait(sign).filter(|wait| spent + *wait < DEADLINE);
        wait.map_or(Next::Tell, Next::Wait)
    }

    fn wait(&mut self, sign: Sign) -> Option<Duration> {
        let backoff = self.delays.next()?;
        let asked = |seconds, most| (seconds <= most).then(|| Duration::from_secs(seconds));
        match (self.act, sign) {
            (Act::Change, Sign::Throttled(Some(seconds))) => asked(seconds, LONGEST_WRITE_WAIT),
            (_, Sign::NoZone) => Some(backoff),
            (_, Sign::Verdict | Sign::Unauthorized) | (Act::Change, _) => None,
            (_, Sign::Throttled(Some(seconds))) => asked(seconds, LONGEST_READ_WAIT),
            (_, Sign::Throttled(None) | Sign::Crowded | Sign::NotSent | Sign::Trouble) => {
                Some(backoff)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a first failure of this kind is followed by another try, and after how many seconds.
    fn check(act: Act, sign: Sign, again: Option<std::ops::RangeInclusive<f64>>) {
        let next = Tries::new(act).next(sign, Duration::ZERO);
        match (next, again) {
            (Next::Tell, None) => {}
            (Next::Wait(wait), Some(range)) => {
                assert!(range.contains(&wait.as_secs_f64()), "{act:?} {sign:?} {wait:?}");
            }
            (next, again) => panic!("{act:?} {sign:?}: {next:?}, expected {again:?}"),
        }
    }

    #[test]
    fn the_table_of_what_is_sent_again() {
        let backoff = || Some(0.4..=0.9);
        for act in [Act::Get, Act::Query, Act::Delete] {
            check(act, Sign::Verdict, None);
            check(act, Sign::Unauthorized, None);
            check(act, Sign::Throttled(Some(7)), Some(7.0..=7.0));
            check(act, Sign::Throttled(Some(60)), Some(60.0..=60.0));
            check(act, Sign::Throttled(Some(61)), None);
            check(act, Sign::Throttled(None), backoff());
            check(act, Sign::Crowded, backoff());
            check(act, Sign::NotSent, backoff());
            check(act, Sign::Trouble, backoff());
        }
        for sign in [Sign::Verdict, Sign::Unauthorized, Sign::Crowded, Sign::NotSent, Sign::Trouble]
        {
            check(Act::Change, sign, None);
        }
        check(Act::Change, Sign::NoZone, backoff());
        check(Act::Change, Sign::Throttled(Some(30)), Some(30.0..=30.0));
        check(Act::Change, Sign::Throttled(Some(31)), None);
        check(Act::Change, Sign::Throttled(None), None);
    }

    #[test]
    fn delays_grow_and_end() {
        let mut tries = Tries::new(Act::Get);
        let mut last = Duration::ZERO;
        for _ in 0..MOST {
            let Next::Wait(wait) = tries.next(Sign::Trouble, Duration::ZERO) else {
                panic!("told too early")
            };
            assert!(wait > last, "{wait:?} after {last:?}");
            last = wait;
        }
        assert_eq!(tries.next(Sign::Trouble, Duration::ZERO), Next::Tell);
    }

    #[test]
    fn nothing_is_begun_after_the_deadline() {
        assert_eq!(Tries::new(Act::Get).next(Sign::Trouble, DEADLINE), Next::Tell);
        let late = DEADLINE.saturating_sub(Duration::from_secs(10));
        assert_eq!(Tries::new(Act::Get).next(Sign::Throttled(Some(11)), late), Next::Tell);
    }
}
