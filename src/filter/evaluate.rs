//! Evaluates filters locally, for the few collections that Autotask cannot query.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::{Comparison, Condition, FilterField, Op};
use crate::catalog::UDFS;
use crate::catalog::coerce::parse_date;
use crate::value::datetime::DateOrInstant;

/// Whether a record matches all clauses.
#[must_use]
pub fn matches(record: &Map<String, Value>, clauses: &[Condition]) -> bool {
    clauses.iter().all(|clause| condition_matches(record, clause))
}

fn condition_matches(record: &Map<String, Value>, clause: &Condition) -> bool {
    match clause {
        Condition::And(items) => items.iter().all(|item| condition_matches(record, item)),
        Condition::Or(items) => items.iter().any(|item| condition_matches(record, item)),
        Condition::Compare(test) => test.matches(&field_value(record, &test.field)),
    }
}

fn field_value(record: &Map<String, Value>, tested: &FilterField) -> Value {
    match tested {
        FilterField::Standard(field) => record.get(field.name).cloned().unwrap_or_default(),
        FilterField::Udf(name) | FilterField::MaybeUdf(name) => {
            udf(record, name).unwrap_or_default()
        }
    }
}

fn udf(record: &Map<String, Value>, name: &str) -> Option<Value> {
    let listed = record.get(UDFS)?.as_array()?;
    let found = listed.iter().find(|udf| udf["name"].as_str() == Some(name))?;
    found.get("value").cloned()
}

impl Comparison {
    /// Null matches no comparison, as in SQL.
    fn matches(&self, found: &Value) -> bool {
        if found.is_null() {
            return self.op == Op::NotExist;
        }
        let compared = |is_expected: fn(Ordering) -> bool| {
            compare(found, &self.value).is_some_and(is_expected)
        };
        let members = || self.value.as_array().into_iter().flatten();
        let is_member = || members().any(|member| compare(found, member) == Some(Ordering::Equal));
        match self.op {
            Op::Exist => true,
            Op::NotExist => false,
            Op::Eq => compared(Ordering::is_eq),
            Op::NotEq => !compared(Ordering::is_eq),
            Op::Gt => compared(Ordering::is_gt),
            Op::Gte => compared(Ordering::is_ge),
            Op::Lt => compared(Ordering::is_lt),
            Op::Lte => compared(Ordering::is_le),
            Op::In => is_member(),
            Op::NotIn => !is_member(),
            Op::Contains => self.on_texts(found, |text, part| text.contains(part)),
            Op::BeginsWith => self.on_texts(found, |text, part| text.starts_with(part)),
            Op::EndsWith => self.on_texts(found, |text, part| text.ends_with(part)),
        }
    }

    fn on_texts(&self, found: &Value, test: fn(&str, &str) -> bool) -> bool {
        match (found.as_str(), self.value.as_str()) {
            (Some(text), Some(part)) => test(&text.to_lowercase(), &part.to_lowercase()),
            _ => false,
        }
    }
}

/// Compares numbers by value, dates by time, and text ignoring letter case.
fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    if let (Some(left), Some(right)) = (left.as_f64(), right.as_f64()) {
        return left.partial_cmp(&right);
    }
    if let (Some(left), Some(right)) = (instant(left), instant(right)) {
        return Some(left.cmp(&right));
    }
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::String(left), Value::String(right)) => {
            Some(left.to_lowercase().cmp(&right.to_lowercase()))
        }
        _ => None,
    }
}

fn instant(value: &Value) -> Option<jiff::Timestamp> {
    match parse_date(value)? {
        DateOrInstant::Instant(instant) => Some(instant),
        DateOrInstant::Date(day) => {
            Some(day.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        }
    }
}
