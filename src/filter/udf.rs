//! What a filter compares a UDF with, held against the tenant's list of them.

use serde_json::Value;

use super::Op;
use super::value::moment;
use crate::body::udfs::misfit;
use crate::error::{Code, Error};
use crate::live::LiveField;
use crate::scalar::shortened;

/// The value as Autotask compares it: instants in UTC, a bare date as the midnight that a date field holds.
///
/// # Errors
/// `bad-filter` for what cannot be compared, or not in this way.
pub(super) fn fitted(udf: &LiveField, op: Op, value: &Value) -> Result<Value, Error> {
    let is_list = !udf.choices().is_empty();
    if !udf.queryable {
        return Err(bad(format!("{} cannot be queried.", udf.name)));
    }
    if !compares(udf, op) {
        let message = format!("{} does not compare {}.", op.name(), udf.name);
        return Err(bad(message).accepts("eq, noteq, in, notIn, exist, notExist"));
    }
    match value {
        Value::Null => Ok(Value::Null),
        // Labels and codes of a list are told apart later.
        value if is_list => Ok(value.clone()),
        Value::Array(members) => members.iter().map(|member| single(udf, op, member)).collect(),
        value => single(udf, op, value),
    }
}

/// Only texts have parts, and neither lists nor flags have an order.
fn compares(udf: &LiveField, op: Op) -> bool {
    let is_list = !udf.choices().is_empty();
    match op {
        Op::BeginsWith | Op::EndsWith | Op::Contains => udf.kind == "string" && !is_list,
        Op::Gt | Op::Gte | Op::Lt | Op::Lte => udf.kind != "boolean" && !is_list,
        _ => true,
    }
}

fn single(udf: &LiveField, op: Op, value: &Value) -> Result<Value, Error> {
    if let Some(takes) = misfit(udf, value) {
        let message = format!("{} does not take {}.", udf.name, shortened(value));
        return Err(bad(message).accepts(takes));
    }
    let is_equality = matches!(op, Op::Eq | Op::NotEq | Op::In | Op::NotIn);
    Ok(match moment(value).filter(|_| udf.kind == "datetime") {
        Some(moment) if is_equality => moment.stored().into(),
        Some(moment) => moment.to_string().into(),
        None => value.clone(),
    })
}

fn bad(message: String) -> Error {
    Error::new(Code::BadFilter, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::live::Live;

    #[test]
    fn what_cannot_be_compared_is_never_sent() {
        let list = json!([{ "value": "1", "label": "North" }]);
        let live = Live::read(&json!({ "fields": [
            { "name": "Region", "type": "integer", "isPickList": true, "picklistValues": list },
            { "name": "Tag", "type": "string", "length": 5 },
            { "name": "Seats", "type": "integer" },
            { "name": "Built", "type": "datetime" },
            { "name": "Vip", "type": "boolean" },
            { "name": "Hidden", "type": "string", "isQueryable": false },
        ]}));
        let live = live.expect("a list");
        for (name, op, value, expected) in [
            ("Region", Op::Eq, json!("North"), Some(json!("North"))),
            ("Region", Op::Gt, json!("North"), None),
            ("Region", Op::Contains, json!("No"), None),
            ("Tag", Op::Contains, json!("A1"), Some(json!("A1"))),
            ("Tag", Op::Eq, json!("longer than five"), None),
            ("Seats", Op::In, json!([5, "6"]), Some(json!([5, "6"]))),
            ("Seats", Op::In, json!([5, "x"]), None),
            ("Seats", Op::BeginsWith, json!("1"), None),
            ("Vip", Op::Gt, json!(true), None),
            ("Vip", Op::Exist, Value::Null, Some(Value::Null)),
            ("Built", Op::Eq, json!("2026-02-03"), Some(json!("2026-02-03T00:00:00.000Z"))),
            ("Built", Op::Gte, json!("2026-02-03"), Some(json!("2026-02-03"))),
            (
                "Built",
                Op::Gte,
                json!("2026-02-03T00:00:00+02:00"),
                Some(json!("2026-02-02T22:00:00.000Z")),
            ),
            ("Built", Op::Gte, json!("someday"), None),
            ("Hidden", Op::Eq, json!("x"), None),
        ] {
            let udf = live.find(name).expect("a UDF");
            let said = fitted(udf, op, &value);
            assert_eq!(said.ok(), expected, "{name} {op:?} {value}");
        }
    }
}
