//! One argument's value, by its kind, into its canonical JSON.

use serde_json::Value;

use super::ArgumentType;
use crate::value::coerce::{
    as_bool, as_integer, as_text, number, number_or_name, parse_nested_json,
};
use crate::value::datetime::DateOrInstant;

/// What this kind of argument takes, for a refusal.
pub fn expected(kind: ArgumentType) -> &'static str {
    match kind {
        ArgumentType::Id => "a whole number from 0, such as 5",
        ArgumentType::PageSize => "a whole number from 1 to 500",
        ArgumentType::Hours => "a number over 0 and at most 24, such as 1.5",
        ArgumentType::Number => "a number, such as 1.5",
        ArgumentType::Flag => "true or false",
        ArgumentType::Text | ArgumentType::Confirm => "a text",
        ArgumentType::Code => {
            "a picklist code, such as 5, or its label of at most 200 characters; describe-entity-fields lists them"
        }
        ArgumentType::Ref => "an id, such as 5, or a name of at most 200 characters",
        ArgumentType::Date => {
            "an ISO 8601 date or instant, such as 2026-05-31 or 2026-05-31T14:00:00Z"
        }
        ArgumentType::Ticket => {
            "a ticket's id, such as 8107, or its number, such as T20260305.0011"
        }
        ArgumentType::Entity => {
            "an entity's name, such as Tickets; list-known-entities has them all"
        }
        ArgumentType::Object => "an object of field names and values",
        ArgumentType::Query => {
            "an object with a filter, or a list of clauses such as {\"op\":\"eq\",\"field\":\"id\",\"value\":5}"
        }
        ArgumentType::Names => "a list of names, or one text with commas between them",
        ArgumentType::Codes => "a list of whole numbers",
    }
}

/// The canonical value; the error is what would be taken.
pub fn read(kind: ArgumentType, value: &Value) -> Result<Value, &'static str> {
    let read = match kind {
        ArgumentType::Id => as_integer(value).filter(|n| *n >= 0).map(Value::from),
        ArgumentType::Code => number_or_name(value),
        ArgumentType::Ref => number_or_name(value).filter(|n| n.as_i64().is_none_or(|n| n >= 0)),
        ArgumentType::PageSize => {
            as_integer(value).filter(|n| (1..=500).contains(n)).map(Value::from)
        }
        ArgumentType::Hours => {
            number(value).filter(|n| n.as_f64().is_some_and(is_within_a_day)).map(Value::Number)
        }
        ArgumentType::Number => number(value).map(Value::Number),
        ArgumentType::Flag => as_bool(value).map(Value::Bool),
        ArgumentType::Text | ArgumentType::Confirm => as_text(value).map(Value::String),
        ArgumentType::Date => {
            value.as_str().and_then(DateOrInstant::read).map(|moment| moment.to_string().into())
        }
        ArgumentType::Ticket => ticket_id_or_number(value).map(Value::String),
        ArgumentType::Entity => {
            as_text(value).filter(|name| !name.trim().is_empty()).map(Value::String)
        }
        ArgumentType::Object => Some(parse_nested_json(value)).filter(Value::is_object),
        ArgumentType::Query => query(value),
        ArgumentType::Names => names(value),
        ArgumentType::Codes => codes(value),
    };
    read.ok_or(expected(kind))
}

fn is_within_a_day(hours: f64) -> bool {
    hours > 0.0 && hours <= 24.0
}

/// An id, or a number as Autotask writes it: a `T`, a date, a dot, a count.
fn ticket_id_or_number(value: &Value) -> Option<String> {
    if let Some(id) = as_integer(value) {
        return (id >= 0).then(|| id.to_string());
    }
    let number = value.as_str()?.trim();
    let (date, count) = number.strip_prefix(['T', 't'])?.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let plain = date.len() == 8 && digits(date) && digits(count);
    plain.then(|| number.to_uppercase())
}

fn query(value: &Value) -> Option<Value> {
    match parse_nested_json(value) {
        object @ Value::Object(_) => Some(object),
        list @ Value::Array(_) => Some(serde_json::json!({ "filter": list })),
        _ => None,
    }
}

fn names(value: &Value) -> Option<Value> {
    let names: Vec<String> = match parse_nested_json(value) {
        Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        Value::String(text) => Some(text.split(',').map(str::to_owned).collect()),
        _ => None,
    }?;
    let names: Vec<_> = names.iter().map(|name| name.trim()).collect();
    (!names.iter().any(|name| name.is_empty())).then(|| names.into())
}

fn codes(value: &Value) -> Option<Value> {
    let codes: Option<Vec<i64>> = match parse_nested_json(value) {
        Value::Array(items) => items.iter().map(as_integer).collect(),
        Value::String(text) => {
            text.split(',').map(|code| as_integer(&code.trim().into())).collect()
        }
        number => as_integer(&number).map(|code| vec![code]),
    };
    codes.map(Value::from)
}
