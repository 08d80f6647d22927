//! Converts an argument's value to the canonical JSON of its type.

use serde_json::{Number, Value};

use super::super::argument_def::ArgumentType;
use crate::plan::MAX_PAGE_SIZE;
use crate::plan::address::ticket_number;
use crate::value::coerce::{
    as_bool, as_integer, as_text, hours, number, number_or_name, parse_nested_json,
};
use crate::value::datetime::{EXPECTED_DATE, is_date};

/// The most records that one call changes.
const MAX_KEYS: usize = 50;
/// The most hours of one time entry.
const MAX_HOURS: f64 = 24.0;

/// A list of strings, or JSON text of one, for an argument that is compared for equality.
pub(super) fn texts(value: &Value) -> Option<Value> {
    match parse_nested_json(value) {
        Value::Array(items) if !items.is_empty() => {
            items.iter().map(|item| as_text(item).map(Value::String)).collect()
        }
        _ => None,
    }
}

/// Describes the values that an argument of this type accepts.
pub(super) fn expected(kind: ArgumentType) -> &'static str {
    match kind {
        ArgumentType::Id => "a whole number from 0, such as 5",
        ArgumentType::PageSize => "a whole number from 1 to 500",
        ArgumentType::Hours => "hours over 0 and at most 24, such as 1.5, 45m, 1h30m or 1:30",
        ArgumentType::Number => "a number, such as 1.5",
        ArgumentType::Flag => "true or false",
        ArgumentType::Text | ArgumentType::Confirm => "a text",
        ArgumentType::Code => {
            "a picklist code, such as 5, or its label of at most 200 characters; describe-entity-fields lists them"
        }
        ArgumentType::Codes => {
            "a picklist code, such as 5, or its label of at most 200 characters, or a list of them; describe-entity-fields lists them"
        }
        ArgumentType::Ref => "an id, such as 5, or a name of at most 200 characters",
        ArgumentType::Refs => {
            "an id, such as 5, or a name of at most 200 characters, or a list of them"
        }
        ArgumentType::Date => EXPECTED_DATE,
        ArgumentType::Ticket => {
            "a ticket's id, such as 8107, or its number, such as T20260305.0011"
        }
        ArgumentType::Keys => "a list of 1 to 50 ids, names or ticket numbers",
        ArgumentType::Entity => {
            "an entity's name, such as Tickets; list-known-entities has them all"
        }
        ArgumentType::Object => "an object of field names and values",
        ArgumentType::Query => {
            "an object with a filter, or a list of clauses such as {\"op\":\"eq\",\"field\":\"id\",\"value\":5}"
        }
        ArgumentType::Names => "a list of names, or one text with commas between them",
        ArgumentType::Integers => "a list of whole numbers",
    }
}

/// The canonical value; the error describes the accepted values.
pub(super) fn parse(kind: ArgumentType, value: &Value) -> Result<Value, &'static str> {
    let parsed = match kind {
        ArgumentType::Id => as_integer(value).filter(|n| *n >= 0).map(Value::from),
        ArgumentType::Code => number_or_name(value),
        ArgumentType::Codes => list_of(&split_labels(value), number_or_name),
        ArgumentType::Ref => reference(value),
        ArgumentType::Refs => list_of(value, reference),
        ArgumentType::Keys => keys(value),
        ArgumentType::PageSize => as_integer(value)
            .filter(|n| (1..=i64::from(MAX_PAGE_SIZE)).contains(n))
            .map(Value::from),
        ArgumentType::Hours => {
            hours(value).filter(|hours| *hours > 0.0 && *hours <= MAX_HOURS).and_then(rounded)
        }
        ArgumentType::Number => number(value).map(Value::Number),
        ArgumentType::Flag => as_bool(value).map(Value::Bool),
        ArgumentType::Text | ArgumentType::Confirm => as_text(value).map(Value::String),
        ArgumentType::Date => value.as_str().filter(|text| is_date(text)).map(|t| t.trim().into()),
        ArgumentType::Ticket => ticket(value),
        ArgumentType::Entity => {
            as_text(value).filter(|name| !name.trim().is_empty()).map(Value::String)
        }
        ArgumentType::Object => Some(parse_nested_json(value)).filter(Value::is_object),
        ArgumentType::Query => query(value),
        ArgumentType::Names => names(value),
        ArgumentType::Integers => integers(value),
    };
    parsed.ok_or(expected(kind))
}

/// Whole hours as an integer, others rounded to four decimal places.
fn rounded(hours: f64) -> Option<Value> {
    let hours = (hours * 10_000.0).round() / 10_000.0;
    match as_integer(&hours.into()) {
        Some(whole) => Some(whole.into()),
        None => Number::from_f64(hours).map(Value::Number),
    }
}

fn reference(value: &Value) -> Option<Value> {
    number_or_name(value).filter(|n| n.as_i64().is_none_or(|n| n >= 0))
}

/// An id, or a ticket number in Autotask's spelling.
fn ticket(value: &Value) -> Option<Value> {
    match as_integer(value) {
        Some(id) => (id >= 0).then(|| id.into()),
        None => value.as_str().and_then(ticket_number).map(Value::String),
    }
}

/// Splits labels at commas; not for names of records, which may contain commas, as in `Nair, Priya`.
fn split_labels(value: &Value) -> Value {
    match value.as_str() {
        Some(text) if text.contains(',') && !text.starts_with('[') => {
            text.split(',').map(str::trim).filter(|label| !label.is_empty()).collect()
        }
        _ => value.clone(),
    }
}

/// A single value or a list, which may be JSON text.
fn list_of(value: &Value, member: fn(&Value) -> Option<Value>) -> Option<Value> {
    match parse_nested_json(value) {
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => items.iter().map(member).collect(),
        // A string that only looks like JSON, such as "5.0", is parsed unchanged.
        _ => member(value),
    }
}

/// Splits ids and ticket numbers at commas; not names, which may contain commas.
fn split_keys(value: &Value) -> Value {
    let parts = value.as_str().into_iter().flat_map(|text| text.split(','));
    let keys: Option<Vec<Value>> = parts.map(|part| ticket(&part.trim().into())).collect();
    match keys {
        Some(keys) if !keys.is_empty() => keys.into(),
        _ => value.clone(),
    }
}

fn keys(value: &Value) -> Option<Value> {
    let value = &split_keys(value);
    let list = match list_of(value, |item| ticket(item).or_else(|| reference(item)))? {
        Value::Array(list) => list,
        single => vec![single],
    };
    (list.len() <= MAX_KEYS).then(|| list.into())
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

fn integers(value: &Value) -> Option<Value> {
    let integers: Option<Vec<i64>> = match parse_nested_json(value) {
        Value::Array(items) => items.iter().map(as_integer).collect(),
        Value::String(text) => {
            text.split(',').map(|code| as_integer(&code.trim().into())).collect()
        }
        number => as_integer(&number).map(|code| vec![code]),
    };
    integers.map(Value::from)
}
