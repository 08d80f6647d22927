//! Bare dates that are compared for equality: no instant equals one but midnight, so each means its whole day.

use serde_json::{Value, json};

use super::{Condition, Op};
use crate::catalog::coerce::parse_date;
use crate::catalog::{DataType, Field};
use crate::value::datetime::DateOrInstant;

/// The clause that means the days in a value, and the days; none where it holds no bare date, or is compared otherwise.
pub(super) fn as_date_ranges(
    field: &'static Field,
    op: Op,
    value: &Value,
) -> Option<(Condition, Vec<String>)> {
    let is_without = matches!(op, Op::NotEq | Op::NotIn);
    if field.kind != DataType::Datetime || !(is_without || matches!(op, Op::Eq | Op::In)) {
        return None;
    }
    let single = std::slice::from_ref(value);
    let members = value.as_array().map_or(single, Vec::as_slice);
    let days = members.iter().filter_map(day).map(|day| day.to_string());
    let days: Vec<_> = days.collect();
    if days.is_empty() {
        return None;
    }
    let mut all = members.iter().map(|member| on_date(field, member, is_without));
    let clause = match (members.len(), is_without) {
        (1, _) => all.next()?,
        (_, true) => Condition::And(all.collect()),
        (_, false) => Condition::Or(all.collect()),
    };
    Some((clause, days))
}

/// The moment of a bare date.
fn day(value: &Value) -> Option<DateOrInstant> {
    parse_date(value).filter(|moment| matches!(moment, DateOrInstant::Date(_)))
}

/// On the day of a bare date, or on any other; an instant is itself.
fn on_date(field: &'static Field, value: &Value, is_without: bool) -> Condition {
    let test = |op, moment: DateOrInstant| Condition::test(field, op, json!(moment.to_string()));
    match (day(value), is_without) {
        (Some(day), false) => {
            Condition::And(vec![test(Op::Gte, day), test(Op::Lt, day.exclusive_end())])
        }
        (Some(day), true) => {
            Condition::Or(vec![test(Op::Lt, day), test(Op::Gte, day.exclusive_end())])
        }
        (None, false) => Condition::test(field, Op::Eq, value.clone()),
        (None, true) => Condition::test(field, Op::NotEq, value.clone()),
    }
}
