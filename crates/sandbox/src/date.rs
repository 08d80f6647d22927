//! Instants as Autotask writes them, and their order.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// An instant in the format of records; without a zone it is in UTC, and a date becomes its midnight.
pub(crate) fn canonical(text: &str) -> Option<String> {
    let instant = parse(text.trim())?;
    let seconds = instant.strftime("%Y-%m-%dT%H:%M:%S");
    match instant.millisecond() {
        0 => Some(format!("{seconds}Z")),
        fraction => Some(format!("{seconds}.{fraction:03}Z")),
    }
}

/// The midnight of the same day, in the format of records.
pub(crate) fn midnight(text: &str) -> Option<String> {
    let date = text.get(..10)?;
    Some(format!("{date}T00:00:00Z"))
}

/// The sort key of a canonical instant: without the `Z`, a longer fraction is later.
pub(crate) fn sort_key(text: &str) -> &str {
    text.trim_end_matches('Z')
}

/// The hours between two instants.
pub(crate) fn hours_between(start: &str, end: &str) -> Option<f64> {
    let span = end.parse::<Timestamp>().ok()?.duration_since(start.parse().ok()?);
    Some(span.as_secs_f64() / 3600.0)
}

fn parse(text: &str) -> Option<DateTime> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(TimeZone::UTC.to_datetime(instant));
    }
    if text.len() == 10 {
        return Some(text.parse::<Date>().ok()?.at(0, 0, 0, 0));
    }
    text.parse().ok()
}
