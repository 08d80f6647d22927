//! Dates, times and zones, compared with another library with its own time zone database.

use autotask_mcp::value::datetime::{Calendar, DateOrInstant, Moment};
use chrono::{
    DateTime, Datelike, Duration, LocalResult, NaiveDate, NaiveDateTime, Offset, TimeZone,
    Timelike, Utc,
};
use chrono_tz::Tz;
use jiff::Timestamp;
use jiff::civil::Date;
use proptest::prelude::*;

use super::cases;

/// Zones with unusual offsets, changes of half an hour, a change at midnight, and a skipped day.
const ZONES: [Tz; 8] = [
    Tz::America__New_York,
    Tz::Europe__Berlin,
    Tz::Asia__Kathmandu,
    Tz::Australia__Lord_Howe,
    Tz::America__Sao_Paulo,
    Tz::Africa__Casablanca,
    Tz::Pacific__Apia,
    Tz::UTC,
];
/// Later years differ between versions of the database.
const YEARS: std::ops::Range<i32> = 1971..2024;

fn zone() -> impl Strategy<Value = Tz> {
    proptest::sample::select(&ZONES[..])
}

fn local_time() -> impl Strategy<Value = NaiveDateTime> {
    (YEARS, 1..366_u32, 0..86_400_u32).prop_map(|(year, day, second)| {
        let day = NaiveDate::from_yo_opt(year, day).expect("a day");
        day.and_time(
            chrono::NaiveTime::from_num_seconds_from_midnight_opt(second, 0).expect("a time"),
        )
    })
}

/// The instant of a local time: the first of two; a skipped time uses the offset before the gap.
fn instant(zone: Tz, local: NaiveDateTime) -> i64 {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => at.timestamp(),
        LocalResult::Ambiguous(first, _) => first.timestamp(),
        LocalResult::None => {
            // No gap is longer than a day, and gaps are more than two days apart.
            let before = zone.offset_from_utc_datetime(&(local - Duration::hours(26)));
            (local - before.fix()).and_utc().timestamp()
        }
    }
}

fn calendar(zone: Tz) -> Calendar {
    let zone = jiff::tz::TimeZone::get(zone.name()).expect("a zone");
    Calendar::new(Timestamp::UNIX_EPOCH, Some(zone))
}

fn civil(day: NaiveDate) -> Date {
    let (month, of_month) = (i8::try_from(day.month()), i8::try_from(day.day()));
    let year = i16::try_from(day.year()).expect("a year");
    Date::new(year, month.expect("a month"), of_month.expect("a day")).expect("a date")
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn a_local_time_is_the_same_instant(zone in zone(), local in local_time()) {
        let text = local.format("%Y-%m-%dT%H:%M:%S").to_string();
        let Some(Moment::Instant(read)) = calendar(zone).read(&text) else {
            return Err(TestCaseError::fail(text));
        };
        prop_assert_eq!(read.timestamp.as_second(), instant(zone, local), "{} {}", zone, text);
        prop_assert_eq!(read.day, civil(local.date()));
    }

    #[test]
    fn days_have_the_same_start_and_end(zone in zone(), local in local_time()) {
        let day = local.date();
        let (calendar, next) = (calendar(zone), day.succ_opt().expect("a next day"));
        let start = instant(zone, day.and_hms_opt(0, 0, 0).expect("midnight"));
        let end = instant(zone, next.and_hms_opt(0, 0, 0).expect("midnight")) - 1;
        prop_assert_eq!(calendar.start_of(civil(day)).as_second(), start, "{} {}", zone, day);
        prop_assert_eq!(calendar.end_of(civil(day)).as_second(), end, "{} {}", zone, day);
    }

    #[test]
    fn an_instant_has_the_same_local_time(zone in zone(), local in local_time()) {
        let at: DateTime<Utc> = local.and_utc();
        let expected = at.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string();
        let text = calendar(zone).show(Timestamp::from_second(at.timestamp()).expect("in range"));
        prop_assert_eq!(text, expected);
    }

    #[test]
    fn an_offset_is_parsed_to_the_same_instant(local in local_time(), minutes in -12 * 60..14 * 60_i32, millis in 0..1000_u32) {
        let offset = chrono::FixedOffset::east_opt(minutes * 60).expect("an offset");
        let local = local.with_nanosecond(millis * 1_000_000).expect("a time");
        let at = offset.from_local_datetime(&local).single().expect("one instant");
        let read = DateOrInstant::read(&at.to_rfc3339()).expect("a date");
        prop_assert_eq!(read.to_wire(), at.to_utc().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
    }
}
