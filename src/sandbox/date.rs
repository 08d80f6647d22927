//! Instants as Autotask writes them, and their order.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// The tenant's present, which never moves.
pub(super) const NOW: &str = "2026-06-30T15:00:00Z";
/// The same as a reply's `Date` tells it.
pub(super) const NOW_IN_HTTP: &str = "Tue, 30 Jun 2026 15:00:00 GMT";

/// An instant in the one spelling that records hold; a naive one is UTC, a bare date its midnight.
pub(super) fn canonical(text: &str) -> Option<String> {
    let moment = read(text.trim())?;
    let whole = moment.strftime("%Y-%m-%dT%H:%M:%S");
    match moment.millisecond() {
        0 => Some(format!("{whole}Z")),
        part => Some(format!("{whole}.{part:03}Z")),
    }
}

/// The same day's midnight, in the spelling that records hold.
pub(super) fn midnight(text: &str) -> Option<String> {
    let day = text.get(..10)?;
    Some(format!("{day}T00:00:00Z"))
}

/// What orders two instants of the one spelling: without the `Z`, a longer fraction is later.
pub(super) fn key(text: &str) -> &str {
    text.trim_end_matches('Z')
}

/// The hours from one instant to another.
pub(super) fn hours_between(start: &str, end: &str) -> Option<f64> {
    let span = end.parse::<Timestamp>().ok()?.duration_since(start.parse().ok()?);
    Some(span.as_secs_f64() / 3600.0)
}

fn read(text: &str) -> Option<DateTime> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(TimeZone::UTC.to_datetime(moment));
    }
    if text.len() == 10 {
        return Some(text.parse::<Date>().ok()?.at(0, 0, 0, 0));
    }
    text.parse().ok()
}
