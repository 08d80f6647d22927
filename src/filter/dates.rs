//! Comparisons of dates: a day stands for the whole day, a time without fractions for its whole second.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use super::{Condition, FilterField, Op};
use crate::catalog::{DataType, Field};
use crate::error::{Code, Error};
use crate::value::datetime::{Calendar, DateOrInstant, Moment};

/// The range that a date value covers, as bounds for Autotask.
struct Span {
    start: String,
    /// The first value after the range.
    end: String,
    is_day: bool,
}

/// The condition that compares a date field with days and instants.
///
/// # Errors
/// `bad-filter` for a value that is not a date.
pub(super) fn date_condition(
    calendar: &Calendar,
    (field, op): (&'static Field, Op),
    value: &Value,
    warnings: &mut Vec<String>,
) -> Result<Condition, Value> {
    let single = std::slice::from_ref(value);
    let members = value.as_array().map_or(single, Vec::as_slice);
    let mut conditions = Vec::new();
    for member in members {
        let text = member.as_str().unwrap_or_default();
        let moment = calendar.read(text).ok_or_else(|| member.clone())?;
        if let Some(warning) = calendar.utc_warning(field.name, text, moment)
            && field.kind != DataType::Date
        {
            warnings.push(warning);
        }
        let span = span(calendar, field, moment);
        let condition = compare(field, op, &span);
        warnings.extend(day_warning(calendar, &condition, (field, op, text), &span));
        conditions.push(condition);
    }
    let is_single = conditions.len() == 1;
    Ok(match (op, conditions.pop()) {
        (_, Some(condition)) if is_single => condition,
        (Op::NotIn, last) => Condition::And(conditions.into_iter().chain(last).collect()),
        (_, last) => Condition::Or(conditions.into_iter().chain(last).collect()),
    })
}

fn span(calendar: &Calendar, field: &Field, moment: Moment) -> Span {
    let days = |day: Date, is_day| {
        let end = day.saturating_add(1.day());
        Span { start: day.to_string(), end: end.to_string(), is_day }
    };
    match moment {
        moment if field.kind == DataType::Date => days(moment.day(), true),
        Moment::Day(day) if calendar.zone().is_none() => days(day, true),
        Moment::Day(day) => Span {
            start: format_utc(calendar.start_of(day)),
            end: format_utc(calendar.start_of(day.saturating_add(1.day()))),
            is_day: true,
        },
        Moment::Instant(instant) => {
            let covered = if instant.is_whole_second() { 1.second() } else { 1.millisecond() };
            let end = instant.timestamp.saturating_add(covered).unwrap_or(instant.timestamp);
            Span { start: format_utc(instant.timestamp), end: format_utc(end), is_day: false }
        }
    }
}

fn format_utc(timestamp: Timestamp) -> String {
    DateOrInstant::Instant(timestamp).to_string()
}

fn compare(field: &'static Field, op: Op, span: &Span) -> Condition {
    let test = |op, bound: &String| Condition::test(field, op, bound.as_str().into());
    match op {
        Op::Gt => test(Op::Gte, &span.end),
        Op::Lt => test(Op::Lt, &span.start),
        Op::Lte => test(Op::Lt, &span.end),
        Op::NotEq | Op::NotIn => {
            Condition::Or(vec![test(Op::Lt, &span.start), test(Op::Gte, &span.end)])
        }
        Op::Eq | Op::In => {
            Condition::And(vec![test(Op::Gte, &span.start), test(Op::Lt, &span.end)])
        }
        _ => test(Op::Gte, &span.start),
    }
}

/// The warning for a day that is sent in another form than it was written.
fn day_warning(
    calendar: &Calendar,
    sent: &Condition,
    (field, op, text): (&Field, Op, &str),
    span: &Span,
) -> Option<String> {
    let sent = match sent {
        Condition::Compare(test) => {
            let bound = test.value.as_str().unwrap_or_default();
            if test.op == op && bound == text {
                return None;
            }
            format!("{} {bound}", test.op.name())
        }
        Condition::And(_) => format!("gte {} and lt {}", span.start, span.end),
        Condition::Or(_) => format!("lt {} or gte {}", span.start, span.end),
    };
    let zone = match field.kind {
        DataType::Date => String::new(),
        _ => format!(" ({})", calendar.zone_name()),
    };
    let op = op.name();
    span.is_day.then(|| format!("{} {op} {text} was sent as {sent}{zone}.", field.name))
}

/// Rejects date conditions that no record can satisfy together.
///
/// # Errors
/// `bad-filter`, with the range.
pub(super) fn check_ranges(clauses: &[Condition]) -> Result<(), Error> {
    let mut bounds = Vec::new();
    collect_bounds(clauses, &mut bounds)?;
    for (field, op, lower) in bounds.iter().filter(|(_, op, _)| matches!(op, Op::Gt | Op::Gte)) {
        for (other, upper_op, upper) in &bounds {
            let is_upper = field == other && matches!(upper_op, Op::Lt | Op::Lte);
            let is_open = *op == Op::Gt || *upper_op == Op::Lt;
            if is_upper && (instant(lower) > instant(upper) || is_open && lower == upper) {
                let message = format!(
                    "The range of {field} is empty: no record is both {} {lower} and {} {upper}.",
                    op.name(),
                    upper_op.name()
                );
                return Err(Error::new(Code::BadFilter, message)
                    .accepts("an earlier first date, or a later last one"));
            }
        }
    }
    Ok(())
}

/// A bound of a date field: its name, comparison and value.
type Bound = (&'static str, Op, String);

/// Collects the bounds that are joined by AND.
fn collect_bounds(clauses: &[Condition], bounds: &mut Vec<Bound>) -> Result<(), Error> {
    for clause in clauses {
        match clause {
            Condition::And(items) => collect_bounds(items, bounds)?,
            Condition::Or(items) => {
                for item in items {
                    check_ranges(std::slice::from_ref(item))?;
                }
            }
            Condition::Compare(test) => {
                if let (FilterField::Standard(field), Some(text)) =
                    (&test.field, test.value.as_str())
                    && field.kind.is_date()
                {
                    bounds.push((field.name, test.op, text.to_owned()));
                }
            }
        }
    }
    Ok(())
}

fn instant(text: &str) -> Option<Timestamp> {
    DateOrInstant::read(text).map(DateOrInstant::to_timestamp)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::json;

    use super::*;
    use crate::catalog::Entity;
    use crate::filter::json_of;

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn dates_cover_their_day_or_second() {
        let now = "2026-06-30T15:00:00Z".parse().unwrap();
        let new_york = || Some(TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap());
        let clause = |op: &str, value: &str| json!({ "op": op, "value": value });
        let both = |join: &str, first, second| json!({ "op": join, "items": [first, second] });
        for (zone, field, op, text, sent) in [
            (None, "createDate", Op::Gte, "2026-05-31", clause("gte", "2026-05-31")),
            (None, "createDate", Op::Gt, "2026-05-31", clause("gte", "2026-06-01")),
            (None, "createDate", Op::Lte, "2026-05-31", clause("lt", "2026-06-01")),
            (None, "createDate", Op::Lt, "2026-05-31", clause("lt", "2026-05-31")),
            (
                None,
                "createDate",
                Op::Eq,
                "today",
                both("and", clause("gte", "2026-06-30"), clause("lt", "2026-07-01")),
            ),
            (
                None,
                "createDate",
                Op::NotEq,
                "2026-05-31",
                both("or", clause("lt", "2026-05-31"), clause("gte", "2026-06-01")),
            ),
            (
                new_york(),
                "createDate",
                Op::Lte,
                "2026-05-31",
                clause("lt", "2026-06-01T04:00:00.000Z"),
            ),
            (
                new_york(),
                "createDate",
                Op::Lte,
                "2026-05-31T12:00:00",
                clause("lt", "2026-05-31T16:00:01.000Z"),
            ),
            (
                None,
                "createDate",
                Op::Lte,
                "2026-05-31T12:00:00.157Z",
                clause("lt", "2026-05-31T12:00:00.158Z"),
            ),
            (
                new_york(),
                "dateWorked",
                Op::Lte,
                "2026-05-31T23:59:59-04:00",
                clause("lt", "2026-06-01"),
            ),
        ] {
            let entity = if field == "dateWorked" { Entity::TimeEntries } else { Entity::Tickets };
            let field = entity.field(field).unwrap();
            let calendar = Calendar::new(now, zone);
            let condition =
                date_condition(&calendar, (field, op), &text.into(), &mut Vec::new()).unwrap();
            let mut json = json_of(&[condition]).remove(0);
            let mut strip = |json: &mut Value| {
                json.as_object_mut().unwrap().remove("field");
            };
            strip(&mut json);
            json["items"].as_array_mut().into_iter().flatten().for_each(&mut strip);
            if json["items"].is_null() {
                json.as_object_mut().unwrap().remove("items");
            }
            assert_eq!(json, sent, "{op:?} {text}");
        }
    }
}
