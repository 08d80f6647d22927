//! A date or an instant, as callers write them and as Autotask takes them: ISO 8601, UTC.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// The current instant, and the time zone of dates and times that name none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    now: Timestamp,
    zone: Option<TimeZone>,
}

impl Calendar {
    /// A calendar at an instant; without a time zone it counts in UTC.
    #[must_use]
    pub fn new(now: Timestamp, zone: Option<TimeZone>) -> Self {
        Self { now, zone }
    }

    /// The time zone; none if it is not set, which means UTC.
    #[must_use]
    pub fn zone(&self) -> Option<&TimeZone> {
        self.zone.as_ref()
    }

    /// The current instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }
}

/// A bare date, or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrInstant {
    Date(Date),
    Instant(Timestamp),
}

impl DateOrInstant {
    /// Reads `2026-05-31`, `2026-05-31T14:00:00Z`, an offset, or a time without one (UTC).
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() == "2026-05-31".len() {
            return text.parse().ok().filter(|day| is_in_range(*day)).map(Self::Date);
        }
        let zoned = text.parse::<Timestamp>().ok();
        let naive =
            || Some(text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
        let instant = zoned.or_else(naive)?;
        is_in_range(instant.to_zoned(TimeZone::UTC).date()).then_some(Self::Instant(instant))
    }

    /// As Autotask keeps it: a bare day is its midnight.
    #[must_use]
    pub fn to_wire(self) -> String {
        match self {
            Self::Date(day) => format!("{day}T00:00:00.000Z"),
            Self::Instant(_) => self.to_string(),
        }
    }

    /// The day that it is in, UTC.
    #[must_use]
    pub fn date(self) -> Self {
        match self {
            Self::Date(_) => self,
            Self::Instant(instant) => Self::Date(instant.to_zoned(TimeZone::UTC).date()),
        }
    }

    /// The first instant after it that is not part of it: of a day, the next midnight.
    #[must_use]
    pub fn exclusive_end(self) -> Self {
        match self {
            Self::Date(day) => Self::Date(day.saturating_add(1.day())),
            Self::Instant(instant) => {
                Self::Instant(instant.saturating_add(1.millisecond()).unwrap_or(instant))
            }
        }
    }
}

/// SQL Server's datetime begins in 1753.
fn is_in_range(day: Date) -> bool {
    day.year() >= 1753
}

impl fmt::Display for DateOrInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(day) => day.fmt(f),
            Self::Instant(instant) => write!(f, "{instant:.3}"),
        }
    }
}
