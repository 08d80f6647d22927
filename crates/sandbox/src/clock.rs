//! The tenant's clock, and how its data follows it.
//!
//! The data was written at `WRITTEN_AT`. All of its dates move by whole days, so that its last day is the clock's
//! (both in UTC): times of day stay, and what is due in three days stays due in three days; weekdays move.
//! What had happened when the data was written never lies in the clock's future.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::record::Record;

/// 2026-06-30T15:00:00Z, when the data was written.
const WRITTEN_AT: Timestamp = Timestamp::constant(1_782_831_600, 0);

/// Where the current time comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    /// It stands still.
    Pinned(Timestamp),
    /// It is the real time.
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

/// How the dates of the data move.
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

    /// Whether it leaves all dates as they are.
    pub(crate) fn is_none(&self) -> bool {
        self.now == WRITTEN_AT
    }

    /// Moves the dates of a record, UDFs included.
    pub(crate) fn apply(&self, record: &mut Record) {
        record.values_mut().for_each(|value| self.apply_to_value(value));
    }

    fn apply_to_value(&self, value: &mut Value) {
        match value {
            Value::Object(members) => self.apply(members),
            Value::String(text) => {
                if let Some(moved) = self.moved(text) {
                    *text = moved;
                }
            }
            _ => {}
        }
    }

    /// The new text of an instant in the format of records; other texts are no dates.
    fn moved(&self, text: &str) -> Option<String> {
        let is_instant = matches!(text.len(), 20 | 24) && text.ends_with('Z');
        let written = text.parse::<Timestamp>().ok().filter(|_| is_instant)?;
        let days = SignedDuration::from_hours(i64::from(self.days) * 24);
        let moved = written.checked_add(days).ok()?;
        let is_past = written <= WRITTEN_AT;
        Some(format(if is_past { moved.min(self.now) } else { moved }))
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

    fn moved(now: &str, text: &str) -> Option<String> {
        Shift::to(now.parse().unwrap()).moved(text)
    }

    #[test]
    fn dates_move_by_whole_days() {
        assert_eq!(Clock::default().text(), "2026-06-30T15:00:00Z");
        assert!(Shift::to(Clock::default().now()).is_none());
        let rows = [
            ("2026-03-05T09:14:22.157Z", "2027-03-06T09:14:22.157Z"),
            ("2026-06-30T00:00:00Z", "2027-07-01T00:00:00Z"),
            ("2026-06-30T21:00:00Z", "2027-07-01T21:00:00Z"),
            // The clock is at 8:00: what happened at 8:47 happens now.
            ("2026-06-30T08:47:00Z", "2027-07-01T08:00:00Z"),
        ];
        for (text, expected) in rows {
            assert_eq!(moved("2027-07-01T08:00:00Z", text).as_deref(), Some(expected));
        }
        assert_eq!(
            moved("2026-05-01T12:00:00Z", rows[2].0).as_deref(),
            Some("2026-05-01T21:00:00Z")
        );
        for text in ["T20260305.0011", "2026-06-30", "X,XXX.XX"] {
            assert_eq!(moved("2027-07-01T08:00:00Z", text), None);
        }
    }
}
