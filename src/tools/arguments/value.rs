//! One argument's value, by its kind, into its canonical JSON.

use serde_json::Value;

use super::Kind;
use crate::moment::Moment;
use crate::scalar::{flag, number, number_or_name, text, unwrapped, whole};

/// What this kind of argument takes, for a refusal.
pub fn takes(kind: Kind) -> &'static str {
    match kind {
        Kind::Id => "a whole number from 0, such as 5",
        Kind::PageSize => "a whole number from 1 to 500",
        Kind::Hours => "a number over 0 and at most 24, such as 1.5",
        Kind::Number => "a number, such as 1.5",
        Kind::Flag => "true or false",
        Kind::Text | Kind::Confirm => "a text",
        Kind::Code => {
            "a picklist code, such as 5, or its label of at most 200 characters; describe-entity-fields lists them"
        }
        Kind::Ref => "an id, such as 5, or a name of at most 200 characters",
        Kind::Date => "an ISO 8601 date or instant, such as 2026-05-31 or 2026-05-31T14:00:00Z",
        Kind::Ticket => "a ticket's id, such as 8107, or its number, such as T20260305.0011",
        Kind::Entity => "an entity's name, such as Tickets; list-known-entities has them all",
        Kind::Object => "an object of field names and values",
        Kind::Query => {
            "an object with a filter, or a list of clauses such as {\"op\":\"eq\",\"field\":\"id\",\"value\":5}"
        }
        Kind::Names => "a list of names, or one text with commas between them",
        Kind::Codes => "a list of whole numbers",
    }
}

/// The canonical value; the error is what would be taken.
pub fn read(kind: Kind, value: &Value) -> Result<Value, &'static str> {
    let read = match kind {
        Kind::Id => whole(value).filter(|n| *n >= 0).map(Value::from),
        Kind::Code => number_or_name(value),
        Kind::Ref => number_or_name(value).filter(|n| n.as_i64().is_none_or(|n| n >= 0)),
        Kind::PageSize => whole(value).filter(|n| (1..=500).contains(n)).map(Value::from),
        Kind::Hours => {
            number(value).filter(|n| n.as_f64().is_some_and(in_a_day)).map(Value::Number)
        }
        Kind::Number => number(value).map(Value::Number),
        Kind::Flag => flag(value).map(Value::Bool),
        Kind::Text | Kind::Confirm => text(value).map(Value::String),
        Kind::Date => value.as_str().and_then(Moment::read).map(|moment| moment.to_string().into()),
        Kind::Ticket => ticket(value).map(Value::String),
        Kind::Entity => text(value).filter(|name| !name.trim().is_empty()).map(Value::String),
        Kind::Object => Some(unwrapped(value)).filter(Value::is_object),
        Kind::Query => query(value),
        Kind::Names => names(value),
        Kind::Codes => codes(value),
    };
    read.ok_or(takes(kind))
}

fn in_a_day(hours: f64) -> bool {
    hours > 0.0 && hours <= 24.0
}

/// An id, or a number as Autotask writes it: a `T`, a date, a dot, a count.
fn ticket(value: &Value) -> Option<String> {
    if let Some(id) = whole(value) {
        return (id >= 0).then(|| id.to_string());
    }
    let number = value.as_str()?.trim();
    let (date, count) = number.strip_prefix(['T', 't'])?.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let plain = date.len() == 8 && digits(date) && digits(count);
    plain.then(|| number.to_uppercase())
}

fn query(value: &Value) -> Option<Value> {
    match unwrapped(value) {
        object @ Value::Object(_) => Some(object),
        list @ Value::Array(_) => Some(serde_json::json!({ "filter": list })),
        _ => None,
    }
}

fn names(value: &Value) -> Option<Value> {
    let names: Vec<String> = match unwrapped(value) {
        Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        Value::String(text) => Some(text.split(',').map(str::to_owned).collect()),
        _ => None,
    }?;
    let names: Vec<_> = names.iter().map(|name| name.trim()).collect();
    (!names.iter().any(|name| name.is_empty())).then(|| names.into())
}

fn codes(value: &Value) -> Option<Value> {
    let codes: Option<Vec<i64>> = match unwrapped(value) {
        Value::Array(items) => items.iter().map(whole).collect(),
        Value::String(text) => text.split(',').map(|code| whole(&code.trim().into())).collect(),
        number => whole(&number).map(|code| vec![code]),
    };
    codes.map(Value::from)
}
