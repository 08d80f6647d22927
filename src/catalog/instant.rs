//! Formats instants for responses: in the configured time zone, with seconds; calendar days stay days.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use jiff::{RoundMode, TimestampRound, Unit};
use serde_json::Value;

use super::{DataType, Entity};
use crate::value::datetime::local_text;

/// Formats the value of a date field as `2026-06-30` or `2026-06-30T04:47:00-04:00`; without a zone, in UTC with `Z`.
pub fn localize(entity: Entity, field: &str, value: &mut Value, zone: Option<&TimeZone>) {
    let Value::String(text) = value else { return };
    if !looks_like_instant(text) {
        return;
    }
    match entity.field(field).map(|field| field.kind) {
        Some(DataType::Date) if has_no_time(text) => udf_day(value),
        Some(DataType::Date | DataType::Datetime) => {
            if let Some(shown) = in_zone(text, zone) {
                *text = shown;
            }
        }
        _ => {}
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
fn in_zone(text: &str, zone: Option<&TimeZone>) -> Option<String> {
    let instant = text.parse::<Timestamp>().or_else(|_| format!("{text}Z").parse()).ok()?;
    let floor = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Floor);
    let instant = instant.round(floor).ok()?;
    Some(match zone {
        None => instant.to_string(),
        Some(zone) => local_text(instant, zone),
    })
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
