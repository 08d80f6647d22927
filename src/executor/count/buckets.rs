//! Dates in periods, and the hours between them, in the time zone.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde_json::Value;

use crate::catalog::{DataType, Field};
use crate::executor::RecordFields;
use crate::plan::Bucket;
use crate::value::datetime::DateOrInstant;

/// The period that a date is in, such as `2026-05`, `2026-W22` or `2026-Q2`; none for an empty date.
pub(super) fn bucket(
    value: &Value,
    field: &Field,
    (period, zone): (Bucket, &TimeZone),
) -> Option<String> {
    let date = local_date(DateOrInstant::read(value.as_str()?)?, field, zone);
    Some(match period {
        Bucket::Day => date.to_string(),
        Bucket::Week => {
            let week = date.iso_week_date();
            format!("{}-W{:02}", week.year(), week.week())
        }
        Bucket::Month => format!("{:04}-{:02}", date.year(), date.month()),
        Bucket::Quarter => format!("{:04}-Q{}", date.year(), (date.month() + 2) / 3),
        Bucket::Year => format!("{:04}", date.year()),
    })
}

/// A calendar day stays the day it is; an instant is on a day of the time zone.
fn local_date(value: DateOrInstant, field: &Field, zone: &TimeZone) -> Date {
    match value {
        DateOrInstant::Date(date) => date,
        DateOrInstant::Instant(instant) if field.kind == DataType::Date => {
            instant.to_zoned_datetime(TimeZone::UTC).date()
        }
        DateOrInstant::Instant(instant) => instant.to_zoned_datetime(zone.clone()).date(),
    }
}

/// The hours between two dates of a record; none if one is empty.
pub(super) fn hours_between(
    record: &RecordFields,
    (from, to): (&Field, &Field),
    zone: &TimeZone,
) -> Option<f64> {
    // Calendar days are whole days, whatever a time zone does between them.
    let zone = match (from.kind, to.kind) {
        (DataType::Date, DataType::Date) => &TimeZone::UTC,
        _ => zone,
    };
    let instant = |field: &Field| {
        let value = DateOrInstant::read(record.get(field.name)?.as_str()?)?;
        start(value, field, zone)
    };
    let span = instant(from)?.until(instant(to)?).ok()?;
    span.total(Unit::Hour).ok()
}

/// The first instant of a day, or the instant itself.
fn start(value: DateOrInstant, field: &Field, zone: &TimeZone) -> Option<Timestamp> {
    match value {
        DateOrInstant::Instant(instant) if field.kind != DataType::Date => Some(instant),
        day => {
            let date = local_date(day, field, zone);
            Some(date.to_zoned_datetime(zone.clone()).ok()?.timestamp())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::Entity;

    #[test]
    fn dates_are_grouped_in_the_time_zone() {
        let zone = TimeZone::get("America/New_York").expect("a zone");
        let created = Entity::Tickets.field("createDate").expect("a field");
        let worked = Entity::TimeEntries.field("dateWorked").expect("a field");
        for (field, value, period, expected) in [
            (created, "2026-06-01T02:00:00Z", Bucket::Day, "2026-05-31"),
            (created, "2026-06-01T02:00:00Z", Bucket::Week, "2026-W22"),
            (created, "2026-06-01T02:00:00Z", Bucket::Month, "2026-05"),
            (created, "2026-06-01T05:00:00Z", Bucket::Quarter, "2026-Q2"),
            (created, "2027-01-01T05:00:00Z", Bucket::Week, "2026-W53"),
            (created, "2027-01-01T05:00:00Z", Bucket::Year, "2027"),
            (worked, "2026-06-01T00:00:00Z", Bucket::Day, "2026-06-01"),
        ] {
            let found = bucket(&json!(value), field, (period, &zone));
            assert_eq!(found.as_deref(), Some(expected), "{value} {period:?}");
        }
        assert_eq!(bucket(&Value::Null, created, (Bucket::Day, &zone)), None);
    }

    #[test]
    fn calendar_days_have_24_hours() {
        let zone = TimeZone::get("America/New_York").expect("a zone");
        let field = |name| Entity::Contracts.field(name).expect("a field");
        let contract =
            json!({ "startDate": "2026-01-01T00:00:00Z", "endDate": "2026-07-18T00:00:00Z" });
        let dates = (field("startDate"), field("endDate"));
        let hours = hours_between(contract.as_object().expect("a record"), dates, &zone);
        assert_eq!(hours, Some(198.0 * 24.0));
    }
}
