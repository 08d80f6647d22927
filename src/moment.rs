//! A date or an instant, as callers write them and as Autotask takes them: ISO 8601, UTC.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A bare date, or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Day(Date),
    Instant(Timestamp),
}

impl Moment {
    /// Reads `2026-05-31`, `2026-05-31T14:00:00Z`, an offset, or a time without one (UTC).
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() == "2026-05-31".len() {
            return text.parse().ok().filter(|day| is_storable(*day)).map(Self::Day);
        }
        let zoned = text.parse::<Timestamp>().ok();
        let naive =
            || Some(text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
        let instant = zoned.or_else(naive)?;
        is_storable(instant.to_zoned(TimeZone::UTC).date()).then_some(Self::Instant(instant))
    }

    /// As Autotask keeps it: a bare day is its midnight.
    #[must_use]
    pub fn stored(self) -> String {
        match self {
            Self::Day(day) => format!("{day}T00:00:00.000Z"),
            Self::Instant(_) => self.to_string(),
        }
    }

    /// The day that it is in, UTC.
    #[must_use]
    pub fn day(self) -> Self {
        match self {
            Self::Day(_) => self,
            Self::Instant(instant) => Self::Day(instant.to_zoned(TimeZone::UTC).date()),
        }
    }

    /// The first instant after it that is not part of it: of a day, the next midnight.
    #[must_use]
    pub fn end(self) -> Self {
        match self {
            Self::Day(day) => Self::Day(day.saturating_add(1.day())),
            Self::Instant(instant) => {
                Self::Instant(instant.saturating_add(1.millisecond()).unwrap_or(instant))
            }
        }
    }
}

/// SQL Server's datetime begins in 1753.
fn is_storable(date: Date) -> bool {
    date.year() >= 1753
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Instant(instant) => write!(f, "{instant:.3}"),
        }
    }
}
