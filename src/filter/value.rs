//! Values that fit their field: the type Autotask wants, or a sentence on what it would be.

use serde_json::Value;

use crate::moment::Moment;
use crate::scalar::{self, flag, number, number_or_name, text};
use crate::schema::{Field, Kind};

/// The value in the field's own type; the error says what the field takes.
///
/// # Errors
/// What would fit, as a short phrase.
pub fn fit(field: &Field, value: &Value) -> Result<Value, String> {
    let fitted = match field.kind {
        Kind::Boolean => flag(value).map(Value::Bool),
        Kind::Integer | Kind::Long | Kind::Short => {
            whole(field, value).map(Value::from).or_else(|| name(field, value))
        }
        Kind::Decimal | Kind::Double | Kind::Float => number(value).map(Value::Number),
        Kind::Datetime => moment(value).map(|moment| moment.to_string().into()),
        Kind::Text | Kind::Bytes => text(value).map(Value::String),
        Kind::Unknown => text(value).map(|_| value.clone()),
    };
    let fitted = fitted.ok_or_else(|| takes(field))?;
    match over_length(field, &fitted) {
        Some(length) => Err(format!("at most {length} characters")),
        None => Ok(fitted),
    }
}

/// What a field takes, as a short phrase.
#[must_use]
pub fn takes(field: &Field) -> String {
    let phrase = match field.kind {
        Kind::Boolean => "true or false",
        Kind::Integer | Kind::Long | Kind::Short if field.picklist.is_yes() => {
            "a picklist code, such as 5, or its label of at most 200 characters"
        }
        Kind::Integer | Kind::Long | Kind::Short if field.refers_to.is_some() => {
            "an id, such as 5, or a name of at most 200 characters"
        }
        Kind::Integer | Kind::Long | Kind::Short => "a whole number, such as 5",
        Kind::Decimal | Kind::Double | Kind::Float => "a number, such as 1.5",
        Kind::Datetime => "an ISO 8601 date or instant, such as 2026-05-31 or 2026-05-31T14:00:00Z",
        Kind::Text => "a text",
        Kind::Unknown => "a text, a number, true or false",
        Kind::Bytes => "base64 text",
    };
    phrase.to_owned()
}

fn over_length(field: &Field, value: &Value) -> Option<u32> {
    let length = field.length.filter(|length| *length > 0)?;
    let characters = value.as_str()?.chars().count();
    (characters > length as usize).then_some(length)
}

/// Contacts alone keep `isActive` as 0 or 1; everywhere else it is a boolean.
fn whole(field: &Field, value: &Value) -> Option<i64> {
    match value {
        _ if field.name == "isActive" && flag(value).is_some() => flag(value).map(i64::from),
        value => scalar::whole(value),
    }
    .filter(|number| field.kind == Kind::Long || i32::try_from(*number).is_ok())
}

/// What a number is called, where the field's numbers are called something.
fn name(field: &Field, value: &Value) -> Option<Value> {
    number_or_name(value).filter(|name| field.has_names() && name.is_string())
}

/// The date or instant in a value.
#[must_use]
pub fn moment(value: &Value) -> Option<Moment> {
    Moment::read(value.as_str()?)
}
