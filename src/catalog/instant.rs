//! Formats instants for responses: in the configured time zone, with seconds; calendar days stay days.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use jiff::{RoundMode, TimestampRound, Unit};
use serde_json::Value;

use super::{DataType, Entity};
use crate::value::datetime::local_text;

/// Formats the value of a date field as `2026-06-30` or `2026-06-30T04:47:00-04:00`; without a zone, in UTC with `Z`.
pub fn localize(entity: Entity, field: &str, value: &mut Value, zone: Option<&TimeZone>) {
    let Value::String(text) = value else { return };
    let Some(field) = entity.field(field).filter(|_| looks_like_instant(text)) else { return };
    if let Some(shown) = shown(field.kind, text, zone) {
        *text = shown.into_owned();
    }
}

/// A text as a date field of this type shows it, if that differs.
#[must_use]
pub fn shown<'a>(kind: DataType, text: &'a str, zone: Option<&TimeZone>) -> Option<Cow<'a, str>> {
    match kind {
        _ if !looks_like_instant(text) => None,
        DataType::Date if has_no_time(text) => text.get(.."2026-06-30".len()).map(Cow::Borrowed),
        DataType::Date | DataType::Datetime => in_zone(text, zone),
        _ => None,
    }
}

/// Formats the value of a calendar day as `2026-06-30`; leaves instants unchanged.
pub fn plain_day(entity: Entity, field: &str, value: &mut Value) {
    if entity.field(field).is_some_and(|field| field.kind == DataType::Date) {
        localize(entity, field, value, None);
    }
}

/// Formats midnight in UTC, which is how Autotask stores user-defined dates, as a day.
pub fn udf_day(value: &mut Value) {
    let Value::String(text) = value else { return };
    if looks_like_instant(text) && has_no_time(text) {
        text.truncate("2026-06-30".len());
    }
}

/// Whether a text has the form of a date, a `T` and a time, which no other value has.
fn looks_like_instant(text: &str) -> bool {
    let bytes = text.as_bytes();
    (19..=35).contains(&bytes.len()) && bytes.get(4) == Some(&b'-') && bytes.get(10) == Some(&b'T')
}

fn has_no_time(text: &str) -> bool {
    text.get(10..19) == Some("T00:00:00")
}

/// Autotask's instants are UTC, with or without a `Z`.
fn in_zone<'a>(text: &'a str, zone: Option<&TimeZone>) -> Option<Cow<'a, str>> {
    let seconds = if zone.is_none() { whole_seconds(text) } else { None };
    if let Some(seconds) = seconds {
        return Some(seconds);
    }
    let instant = text.parse::<Timestamp>().or_else(|_| format!("{text}Z").parse()).ok()?;
    let floor = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Floor);
    let instant = instant.round(floor).ok()?;
    Some(match zone {
        None => instant.to_string().into(),
        Some(zone) => local_text(instant, zone).into(),
    })
}

/// A usual instant in UTC without its fraction, which is much faster than to parse and write it; none for what might be
/// invalid or written otherwise.
fn whole_seconds(text: &str) -> Option<Cow<'_, str>> {
    let number = |digits: &[u8]| {
        let digit =
            |sum: u32, byte: &u8| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0'));
        digits.iter().try_fold(0, digit)
    };
    let (seconds, rest) = text.split_at_checked("2026-06-30T08:47:00".len())?;
    let [y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T', h1, h2, b':', mi1, mi2, b':', s1, s2] =
        *seconds.as_bytes()
    else {
        return None;
    };
    let is_usual = (1_000..=9_000).contains(&number(&[y1, y2, y3, y4])?)
        && (1..=12).contains(&number(&[mo1, mo2])?)
        && (1..=28).contains(&number(&[d1, d2])?)
        && number(&[h1, h2])? < 24
        && number(&[mi1, mi2])? < 60
        && number(&[s1, s2])? < 60;
    let fraction = rest.strip_suffix('Z').unwrap_or(rest);
    let is_fraction = match fraction.strip_prefix('.') {
        Some(digits) => {
            (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        }
        None => fraction.is_empty(),
    };
    match is_usual && is_fraction {
        true if rest == "Z" => Some(text.into()),
        true => Some([seconds, "Z"].concat().into()),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn instants_are_converted_but_days_are_not() {
        let new_york = TimeZone::fixed(jiff::tz::offset(-4));
        for (entity, field, text, utc, local) in [
            (
                Entity::Tickets,
                "createDate",
                "2026-06-30T08:47:00.157Z",
                "2026-06-30T08:47:00Z",
                "2026-06-30T04:47:00-04:00",
            ),
            (
                Entity::Tickets,
                "dueDateTime",
                "2026-07-01T00:00:00",
                "2026-07-01T00:00:00Z",
                "2026-06-30T20:00:00-04:00",
            ),
            (Entity::TimeEntries, "dateWorked", "2026-06-30T00:00:00Z", "2026-06-30", "2026-06-30"),
            (Entity::Contracts, "endDate", "2026-12-31T00:00:00.000Z", "2026-12-31", "2026-12-31"),
            (
                Entity::Tickets,
                "title",
                "2026-06-30T08:47:00Z",
                "2026-06-30T08:47:00Z",
                "2026-06-30T08:47:00Z",
            ),
            (
                Entity::Tickets,
                "createDate",
                "2026-99-30T08:47:00Z",
                "2026-99-30T08:47:00Z",
                "2026-99-30T08:47:00Z",
            ),
        ] {
            for (zone, expected) in [(None, utc), (Some(&new_york), local)] {
                let mut value = json!(text);
                localize(entity, field, &mut value, zone);
                assert_eq!(value, expected, "{field}");
            }
        }
    }
}
