//! Checks and converts the values that a filter supports a UDF with.

use serde_json::Value;

use super::Op;
use crate::catalog::coerce::parse_date;
use crate::catalog::tenant_fields::TenantField;
use crate::catalog::udf_types::type_error;
use crate::error::{Code, Error};
use crate::value::coerce::abbreviated;

/// The value in Autotask's form: instants in UTC, and a date without a time as midnight, which date fields contain.
///
/// # Errors
/// `bad-filter` for a UDF that cannot be queried, or not with this operator or value.
pub(super) fn coerce_udf(udf: &TenantField, op: Op, value: &Value) -> Result<Value, Error> {
    let is_list = !udf.choices().is_empty();
    if !udf.queryable {
        return Err(udf_error(format!("{} cannot be queried.", udf.name)));
    }
    if !supports(udf, op) {
        let message = format!("{} does not compare {}.", op.name(), udf.name);
        return Err(udf_error(message).accepts("eq, noteq, in, notIn, exist, notExist"));
    }
    match value {
        Value::Null => Ok(Value::Null),
        // Labels and codes of a list are distinguished later.
        value if is_list => Ok(value.clone()),
        Value::Array(members) => members.iter().map(|member| single(udf, op, member)).collect(),
        value => single(udf, op, value),
    }
}

/// Whether a UDF supports an operator: only texts have parts, and lists and booleans have no order.
fn supports(udf: &TenantField, op: Op) -> bool {
    let is_list = !udf.choices().is_empty();
    match op {
        Op::BeginsWith | Op::EndsWith | Op::Contains => udf.kind == "string" && !is_list,
        Op::Gt | Op::Gte | Op::Lt | Op::Lte => udf.kind != "boolean" && !is_list,
        _ => true,
    }
}

fn single(udf: &TenantField, op: Op, value: &Value) -> Result<Value, Error> {
    if let Some(takes) = type_error(udf, value) {
        let message = format!("{} does not take {}.", udf.name, abbreviated(value));
        return Err(udf_error(message).accepts(takes));
    }
    let is_equality = matches!(op, Op::Eq | Op::NotEq | Op::In | Op::NotIn);
    Ok(match parse_date(value).filter(|_| udf.kind == "datetime") {
        Some(moment) if is_equality => moment.to_wire().into(),
        Some(moment) => moment.to_string().into(),
        None => value.clone(),
    })
}

fn udf_error(message: String) -> Error {
    Error::new(Code::BadFilter, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::tenant_fields::TenantFields;

    #[test]
    fn invalid_comparisons_are_rejected() {
        let list = json!([{ "value": "1", "label": "North" }]);
        let live = TenantFields::read(&json!({ "fields": [
            { "name": "Region", "type": "integer", "isPickList": true, "picklistValues": list },
            { "name": "Tag", "type": "string", "length": 5 },
            { "name": "Seats", "type": "integer" },
            { "name": "Built", "type": "datetime" },
            { "name": "Vip", "type": "boolean" },
            { "name": "Hidden", "type": "string", "isQueryable": false },
        ]}));
        let live = live.expect("a list");
        for (name, op, value, takes) in [
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
            let result = coerce_udf(udf, op, &value);
            assert_eq!(result.ok(), takes, "{name} {op:?} {value}");
        }
    }
}
