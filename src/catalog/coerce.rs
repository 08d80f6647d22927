//! Values that fit their field: the type Autotask wants, or a sentence on what it would be.

use serde_json::Value;

use crate::catalog::{DataType, Field};
use crate::value::coerce::{self, as_bool, as_text, number, number_or_name};
use crate::value::datetime::DateOrInstant;

/// The value in the field's own type; the error says what the field takes.
///
/// # Errors
/// What would fit, as a short phrase.
pub fn coerce(field: &Field, value: &Value) -> Result<Value, String> {
    let fitted = match field.kind {
        DataType::Boolean => as_bool(value).map(Value::Bool),
        DataType::Integer | DataType::Long | DataType::Short => {
            whole(field, value).map(Value::from).or_else(|| name_value(field, value))
        }
        DataType::Decimal | DataType::Double | DataType::Float => number(value).map(Value::Number),
        DataType::Datetime => parse_date(value).map(|moment| moment.to_string().into()),
        DataType::Text | DataType::Bytes => as_text(value).map(Value::String),
        DataType::Unknown => as_text(value).map(|_| value.clone()),
    };
    let fitted = fitted.ok_or_else(|| expected(field))?;
    match excess_length(field, &fitted) {
        Some(length) => Err(format!("at most {length} characters")),
        None => Ok(fitted),
    }
}

/// What a field takes, as a short phrase.
#[must_use]
pub fn expected(field: &Field) -> String {
    let phrase = match field.kind {
        DataType::Boolean => "true or false",
        DataType::Integer | DataType::Long | DataType::Short if field.picklist.is_yes() => {
            "a picklist code, such as 5, or its label of at most 200 characters"
        }
        DataType::Integer | DataType::Long | DataType::Short if field.refers_to.is_some() => {
            "an id, such as 5, or a name of at most 200 characters"
        }
        DataType::Integer | DataType::Long | DataType::Short => "a whole number, such as 5",
        DataType::Decimal | DataType::Double | DataType::Float => "a number, such as 1.5",
        DataType::Datetime => {
            "an ISO 8601 date or instant, such as 2026-05-31 or 2026-05-31T14:00:00Z"
        }
        DataType::Text => "a text",
        DataType::Unknown => "a text, a number, true or false",
        DataType::Bytes => "base64 text",
    };
    phrase.to_owned()
}

fn excess_length(field: &Field, value: &Value) -> Option<u32> {
    let length = field.length.filter(|length| *length > 0)?;
    let characters = value.as_str()?.chars().count();
    (characters > length as usize).then_some(length)
}

/// Contacts alone keep `isActive` as 0 or 1; everywhere else it is a boolean.
fn whole(field: &Field, value: &Value) -> Option<i64> {
    match value {
        _ if field.name == "isActive" && as_bool(value).is_some() => as_bool(value).map(i64::from),
        value => coerce::as_integer(value),
    }
    .filter(|number| field.kind == DataType::Long || i32::try_from(*number).is_ok())
}

/// What a number is called, where the field's numbers are called something.
fn name_value(field: &Field, value: &Value) -> Option<Value> {
    number_or_name(value).filter(|name| field.has_names() && name.is_string())
}

/// The date or instant in a value.
#[must_use]
pub fn parse_date(value: &Value) -> Option<DateOrInstant> {
    DateOrInstant::read(value.as_str()?)
}
