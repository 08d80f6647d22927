//! The same filter on records already here, for the few collections Autotask cannot query.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::value::moment;
use super::{Clause, Op, Test, Tested};
use crate::moment::Moment;
use crate::schema::UDFS;

/// Whether a record passes every clause.
#[must_use]
pub fn matches(record: &Map<String, Value>, clauses: &[Clause]) -> bool {
    clauses.iter().all(|clause| passes(record, clause))
}

fn passes(record: &Map<String, Value>, clause: &Clause) -> bool {
    match clause {
        Clause::All(items) => items.iter().all(|item| passes(record, item)),
        Clause::Any(items) => items.iter().any(|item| passes(record, item)),
        Clause::Test(test) => test.passes(&found(record, &test.field)),
    }
}

fn found(record: &Map<String, Value>, tested: &Tested) -> Value {
    match tested {
        Tested::Field(field) => record.get(field.name).cloned().unwrap_or_default(),
        Tested::Udf(name) | Tested::Perhaps(name) => udf(record, name).unwrap_or_default(),
    }
}

fn udf(record: &Map<String, Value>, name: &str) -> Option<Value> {
    let listed = record.get(UDFS)?.as_array()?;
    let found = listed.iter().find(|udf| udf["name"].as_str() == Some(name))?;
    found.get("value").cloned()
}

impl Test {
    fn passes(&self, found: &Value) -> bool {
        let compared = |wanted: fn(Ordering) -> bool| order(found, &self.value).is_some_and(wanted);
        let members = || self.value.as_array().into_iter().flatten();
        let is_member = || members().any(|member| order(found, member) == Some(Ordering::Equal));
        match self.op {
            Op::Exist => !found.is_null(),
            Op::NotExist => found.is_null(),
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

/// Numbers by size, dates by time, texts without regard to letter case.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
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
    match moment(value)? {
        Moment::Instant(instant) => Some(instant),
        Moment::Day(day) => Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp()),
    }
}
