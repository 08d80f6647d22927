//! Bare dates that are compared for equality: no instant equals one but midnight, so each means its whole day.

use serde_json::{Value, json};

use super::value::moment;
use super::{Clause, Op};
use crate::moment::Moment;
use crate::schema::{Field, Kind};

/// The clause that means the days in a value, and the days; none where it holds no bare date, or is compared otherwise.
pub(super) fn whole(field: &'static Field, op: Op, value: &Value) -> Option<(Clause, Vec<String>)> {
    let is_without = matches!(op, Op::NotEq | Op::NotIn);
    if field.kind != Kind::Datetime || !(is_without || matches!(op, Op::Eq | Op::In)) {
        return None;
    }
    let single = std::slice::from_ref(value);
    let members = value.as_array().map_or(single, Vec::as_slice);
    let days = members.iter().filter_map(day).map(|day| day.to_string());
    let days: Vec<_> = days.collect();
    if days.is_empty() {
        return None;
    }
    let mut all = members.iter().map(|member| same(field, member, is_without));
    let clause = match (members.len(), is_without) {
        (1, _) => all.next()?,
        (_, true) => Clause::All(all.collect()),
        (_, false) => Clause::Any(all.collect()),
    };
    Some((clause, days))
}

/// The moment of a bare date.
fn day(value: &Value) -> Option<Moment> {
    moment(value).filter(|moment| matches!(moment, Moment::Day(_)))
}

/// On the day of a bare date, or on any other; an instant is itself.
fn same(field: &'static Field, value: &Value, is_without: bool) -> Clause {
    let test = |op, moment: Moment| Clause::test(field, op, json!(moment.to_string()));
    match (day(value), is_without) {
        (Some(day), false) => Clause::All(vec![test(Op::Gte, day), test(Op::Lt, day.end())]),
        (Some(day), true) => Clause::Any(vec![test(Op::Lt, day), test(Op::Gte, day.end())]),
        (None, false) => Clause::test(field, Op::Eq, value.clone()),
        (None, true) => Clause::test(field, Op::NotEq, value.clone()),
    }
}
