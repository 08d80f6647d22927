//! Converts values to the type of their field, and describes what a field accepts.

use serde_json::{Number, Value};

use crate::catalog::{DataType, Field};
use crate::value::coerce::{self, as_bool, as_text, number, number_or_name};
use crate::value::datetime::{DateOrInstant, EXPECTED_DATE};

/// The value in the field's type.
///
/// # Errors
/// A short phrase with the values that the field accepts.
pub fn coerce(field: &Field, value: &Value) -> Result<Value, String> {
    let coerced = match field.kind {
        DataType::Boolean => as_bool(value).map(Value::Bool),
        DataType::Integer | DataType::Long | DataType::Short => {
            integer(field, value).map(Value::from).or_else(|| name_value(field, value))
        }
        DataType::Decimal | DataType::Double | DataType::Float => {
            number(value).or_else(|| hours_of(field, value)).map(Value::Number)
        }
        DataType::Date | DataType::Datetime => {
            parse_date(value).map(|moment| moment.to_string().into())
        }
        DataType::Text | DataType::Bytes => as_text(value).map(Value::String),
        DataType::Unknown => as_text(value).map(|_| value.clone()),
    };
    coerced.ok_or_else(|| expected(field))
}

/// A short phrase with the values that a field accepts.
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
        DataType::Date => "a date such as 2026-05-31, or today, yesterday or tomorrow",
        DataType::Datetime => EXPECTED_DATE,
        DataType::Text => "a text",
        DataType::Unknown => "a text, a number, true or false",
        DataType::Bytes => "base64 text",
    };
    phrase.to_owned()
}

/// The warning for a text longer than the limit of the built-in schema; the tenant may allow more.
#[must_use]
pub fn length_warning(field: &Field, value: &Value) -> Option<String> {
    let limit = field.length.filter(|length| *length > 0)?;
    let length = value.as_str()?.chars().count();
    (length > limit as usize).then(|| {
        let name = field.name;
        format!("{name} has {length} characters; the built-in schema allows {limit}.")
    })
}

/// The hours of a duration such as `45m`, for a field with hours.
fn hours_of(field: &Field, value: &Value) -> Option<Number> {
    let is_hours = field.name.to_ascii_lowercase().contains("hours");
    let hours = coerce::hours(value).filter(|_| is_hours)?;
    Number::from_f64((hours * 10_000.0).round() / 10_000.0)
}

/// An integer; a boolean too for the few flags that are 0 or 1, such as `Contacts.isActive` and
/// `ServiceCalls.isComplete`.
fn integer(field: &Field, value: &Value) -> Option<i64> {
    match as_bool(value).filter(|_| is_flag(field)) {
        Some(flag) => Some(flag.into()),
        None => coerce::as_integer(value),
    }
    .filter(|number| field.kind == DataType::Long || i32::try_from(*number).is_ok())
}

fn is_flag(field: &Field) -> bool {
    let rest = field.name.strip_prefix("is").and_then(|rest| rest.chars().next());
    rest.is_some_and(char::is_uppercase) && !field.picklist.is_yes()
}

/// A name or label, if the field's numbers have names.
fn name_value(field: &Field, value: &Value) -> Option<Value> {
    number_or_name(value).filter(|name| field.has_names() && name.is_string())
}

/// The date or instant in a value from Autotask.
#[must_use]
pub fn parse_date(value: &Value) -> Option<DateOrInstant> {
    DateOrInstant::read(value.as_str()?)
}
