//! The tenant's clock, and the shift of the seed's dates to its time.
//!
//! The seed was written at `WRITTEN_AT`. All of its dates are shifted by whole days to the clock's day (in UTC):
//! times of day and intervals are unchanged, weekdays are not.
//! A date that was in the past when the seed was written is never in the clock's future.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::record::Record;

/// 2026-06-30T15:00:00Z, when the seed was written.
const WRITTEN_AT: Timestamp = Timestamp::constant(1_782_831_600, 0);

/// Where the current time comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    /// A fixed time.
    Pinned(Timestamp),
    /// The system's time.
    Real,
}

impl Default for Clock {
    fn default() -> Self {
        Self::Pinned(WRITTEN_AT)
    }
}

impl Clock {
    /// The current time.
    pub(crate) fn now(self) -> Timestamp {
        match self {
            Self::Pinned(now) => now,
            Self::Real => Timestamp::now(),
        }
    }

    /// The current time in the format of records.
    pub(crate) fn text(self) -> String {
        self.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

/// How the seed's dates are shifted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shift {
    days: i32,
    now: Timestamp,
}

impl Shift {
    /// The shift to a current time.
    pub(crate) fn to(now: Timestamp) -> Self {
        let day = |time: Timestamp| TimeZone::UTC.to_datetime(time).date();
        let days = day(now).duration_since(day(WRITTEN_AT)).as_hours() / 24;
        Self { days: i32::try_from(days).unwrap_or(0), now }
    }

    /// Whether all dates are unchanged.
    pub(crate) fn is_none(&self) -> bool {
        self.now == WRITTEN_AT
    }

    /// Shifts the dates of a record, including its UDFs.
    pub(crate) fn apply(&self, record: &mut Record) {
        record.values_mut().for_each(|value| self.apply_to_value(value));
    }

    fn apply_to_value(&self, value: &mut Value) {
        match value {
            Value::Object(members) => self.apply(members),
            Value::String(text) => {
                if let Some(shifted) = self.shifted(text) {
                    *text = shifted;
                }
            }
            _ => {}
        }
    }

    /// The shifted text of an instant in the format of records; none for any other text.
    fn shifted(&self, text: &str) -> Option<String> {
        let is_instant = matches!(text.len(), 20 | 24) && text.ends_with('Z');
        let written = text.parse::<Timestamp>().ok().filter(|_| is_instant)?;
        let days = SignedDuration::from_hours(i64::from(self.days) * 24);
        let shifted = written.checked_add(days).ok()?;
        let is_past = written <= WRITTEN_AT;
        Some(format(if is_past { shifted.min(self.now) } else { shifted }))
    }
}

/// An instant in the format of records.
pub(crate) fn format(time: Timestamp) -> String {
    let seconds = time.strftime("%Y-%m-%dT%H:%M:%S");
    match time.subsec_millisecond() {
        0 => format!("{seconds}Z"),
        fraction => format!("{seconds}.{fraction:03}Z"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Shift};

    fn shifted(now: &str, text: &str) -> Option<String> {
        Shift::to(now.parse().unwrap()).shifted(text)
    }

    #[test]
    fn dates_are_shifted_by_whole_days() {
        assert_eq!(Clock::default().text(), "2026-06-30T15:00:00Z");
        assert!(Shift::to(Clock::default().now()).is_none());
        let rows = [
            ("2026-03-05T09:14:22.157Z", "2027-03-06T09:14:22.157Z"),
            ("2026-06-30T00:00:00Z", "2027-07-01T00:00:00Z"),
            ("2026-06-30T21:00:00Z", "2027-07-01T21:00:00Z"),
            // The clock is at 8:00, so a past event at 8:47 becomes one of 8:00.
            ("2026-06-30T08:47:00Z", "2027-07-01T08:00:00Z"),
        ];
        for (text, expected) in rows {
            assert_eq!(shifted("2027-07-01T08:00:00Z", text).as_deref(), Some(expected));
        }
        assert_eq!(
            shifted("2026-05-01T12:00:00Z", rows[2].0).as_deref(),
            Some("2026-05-01T21:00:00Z")
        );
        for text in ["T20260305.0011", "2026-06-30", "X,XXX.XX"] {
            assert_eq!(shifted("2027-07-01T08:00:00Z", text), None);
        }
    }
}
