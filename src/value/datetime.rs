//! Dates and times: as callers write them, as Autotask takes them, and the calendar that connects both.

use std::fmt;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, ZonedDateTime};

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

    /// The name of the time zone, such as `America/New_York`.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        self.zone.as_ref().and_then(TimeZone::iana_name).unwrap_or("UTC")
    }

    /// The current instant in the time zone.
    #[must_use]
    pub fn now(&self) -> ZonedDateTime {
        self.now.to_zoned_datetime(self.zone_or_utc())
    }

    /// The instant at which a day begins.
    #[must_use]
    pub fn start_of(&self, day: Date) -> Timestamp {
        let start = day.to_zoned_datetime(self.zone_or_utc());
        start.map_or_else(|_| midnight_utc(day), |start| start.timestamp())
    }

    /// The last whole second of a day.
    #[must_use]
    pub fn end_of(&self, day: Date) -> Timestamp {
        let next = self.start_of(day.saturating_add(1.day()));
        next.saturating_sub(1.second()).unwrap_or(next)
    }

    /// The date or time in a text, such as `2026-05-31`, `today`, `2026-05-31T14:00` or one with an offset.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Moment> {
        match WrittenDate::parse(text)? {
            WrittenDate::FromToday(days) => {
                Some(Moment::Day(self.now().date().checked_add(days.days()).ok()?))
            }
            WrittenDate::Day(day) => Some(Moment::Day(day)),
            WrittenDate::Instant(at, day) => {
                Some(Moment::Instant(WrittenInstant { timestamp: at, day, lacks_offset: false }))
            }
            WrittenDate::Local(time) => {
                let at = time.to_zoned_datetime(self.zone_or_utc()).ok()?.timestamp();
                Some(Moment::Instant(WrittenInstant {
                    timestamp: at,
                    day: time.date(),
                    lacks_offset: true,
                }))
            }
        }
    }

    /// The warning for a time without an offset where no time zone is set.
    #[must_use]
    pub fn utc_warning(&self, name: &str, text: &str, moment: Moment) -> Option<String> {
        let lacks_offset = matches!(moment, Moment::Instant(instant) if instant.lacks_offset);
        (lacks_offset && self.zone.is_none()).then(|| {
            format!(
                "{name}: {text} has no offset and was read as UTC, as AUTOTASK_TIME_ZONE is not set."
            )
        })
    }

    /// An instant in the time zone, to the second.
    #[must_use]
    pub fn show(&self, at: Timestamp) -> String {
        match &self.zone {
            None => format!("{at:.0}"),
            Some(zone) => local_text(at, zone),
        }
    }

    fn zone_or_utc(&self) -> TimeZone {
        self.zone.clone().unwrap_or(TimeZone::UTC)
    }
}

/// An instant in a time zone to the second, such as `2026-06-30T04:47:00-04:00`.
#[must_use]
pub fn local_text(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn midnight_utc(day: Date) -> Timestamp {
    TimeZone::UTC.to_timestamp(day.to_datetime(Time::midnight())).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A day, or an instant, that a caller gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Day(Date),
    Instant(WrittenInstant),
}

impl Moment {
    /// The day as it is written, whatever the offset.
    #[must_use]
    pub fn day(self) -> Date {
        match self {
            Self::Day(day) => day,
            Self::Instant(instant) => instant.day,
        }
    }
}

/// An instant that a caller gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenInstant {
    pub timestamp: Timestamp,
    /// The day as it is written, whatever the offset.
    pub day: Date,
    lacks_offset: bool,
}

impl WrittenInstant {
    /// Whether it is written without fractions, so that it covers its whole second.
    #[must_use]
    pub fn is_whole_second(self) -> bool {
        self.timestamp.subsec_nanosecond() == 0
    }
}

/// A date or time before the time zone and the current day are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WrittenDate {
    FromToday(i64),
    Day(Date),
    Local(DateTime),
    Instant(Timestamp, Date),
}

impl WrittenDate {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        for (word, days) in [("yesterday", -1), ("today", 0), ("tomorrow", 1)] {
            if text.eq_ignore_ascii_case(word) {
                return Some(Self::FromToday(days));
            }
        }
        let offset = text.match_indices(['Z', 'z', '+', '-']).map(|(at, _)| at);
        let end = offset.chain([text.len()]).find(|at| *at >= "2026-05-31".len())?.min(19);
        let local: DateTime = text.get(..end).and_then(|text| text.trim_end().parse().ok())?;
        let day = local.date();
        if !is_in_range(day) {
            return None;
        }
        if text.len() == "2026-05-31".len() {
            return Some(Self::Day(day));
        }
        let instant = text.parse().ok().map(|at| Self::Instant(at, day));
        instant.or_else(|| text.parse().ok().map(Self::Local))
    }
}

/// Whether a text is a date or a time.
#[must_use]
pub fn is_date(text: &str) -> bool {
    WrittenDate::parse(text).is_some()
}

/// What dates and times may look like.
pub const EXPECTED_DATE: &str = "a date such as 2026-05-31, a time such as 2026-05-31T14:00:00Z, or today, yesterday or tomorrow";

/// A date or an instant as Autotask sends and takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrInstant {
    Date(Date),
    Instant(Timestamp),
}

impl DateOrInstant {
    /// Reads `2026-05-31`, `2026-05-31T14:00:00Z`, an offset, or a time without one (UTC).
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        match WrittenDate::parse(text)? {
            WrittenDate::FromToday(_) => None,
            WrittenDate::Day(day) => Some(Self::Date(day)),
            WrittenDate::Instant(at, _) => Some(Self::Instant(at)),
            WrittenDate::Local(time) => TimeZone::UTC.to_timestamp(time).ok().map(Self::Instant),
        }
    }

    /// As Autotask stores it: a bare day is its midnight.
    #[must_use]
    pub fn to_wire(self) -> String {
        match self {
            Self::Date(day) => format!("{day}T00:00:00.000Z"),
            Self::Instant(_) => self.to_string(),
        }
    }

    /// The instant, for a bare day its midnight in UTC.
    #[must_use]
    pub fn to_timestamp(self) -> Timestamp {
        match self {
            Self::Date(day) => midnight_utc(day),
            Self::Instant(at) => at,
        }
    }

    /// Its day in UTC.
    #[must_use]
    pub fn date(self) -> Self {
        match self {
            Self::Date(_) => self,
            Self::Instant(instant) => Self::Date(instant.to_zoned_datetime(TimeZone::UTC).date()),
        }
    }

    /// The first instant after it: of a day, the next midnight.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_read_in_the_time_zone() {
        let now = "2026-07-01T02:00:00Z".parse().unwrap();
        let new_york = Some(TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap());
        for (zone, text, day, at) in [
            (None, "today", "2026-07-01", None),
            (new_york.clone(), "Today", "2026-06-30", None),
            (new_york.clone(), "yesterday", "2026-06-29", None),
            (new_york.clone(), "tomorrow", "2026-07-01", None),
            (None, "2026-05-31", "2026-05-31", None),
            (None, "2026-05-31T14:00", "2026-05-31", Some("2026-05-31T14:00:00Z")),
            (new_york.clone(), "2026-05-31 14:00:00", "2026-05-31", Some("2026-05-31T18:00:00Z")),
            (None, "2026-06-29T12:00Z", "2026-06-29", Some("2026-06-29T12:00:00Z")),
            (None, "2026-06-29 12:00-04:00", "2026-06-29", Some("2026-06-29T16:00:00Z")),
            (new_york, "2026-05-31T22:00:00-04:00", "2026-05-31", Some("2026-06-01T02:00:00Z")),
        ] {
            let moment = Calendar::new(now, zone).read(text).unwrap();
            let instant = match moment {
                Moment::Day(_) => None,
                Moment::Instant(instant) => Some(instant.timestamp.to_string()),
            };
            assert_eq!(moment.day().to_string(), day, "{text}");
            assert_eq!(instant.as_deref(), at, "{text}");
        }
        for text in [
            "",
            "someday",
            "2026-13-01",
            "1752-12-31",
            "2026-05-31T",
            "2026-05-31T12Z0",
            "31.05.2026",
        ] {
            assert_eq!(WrittenDate::parse(text), None, "{text}");
        }
    }
}
