//! Checks values of the tenant's user-defined fields.

use serde_json::Value;

use super::tenant_fields::{TenantField, TenantFields};
use super::{Entity, nearest};
use crate::error::{Code, Error};
use crate::value::coerce::{abbreviated, as_bool, as_integer, number};
use crate::value::datetime::DateOrInstant;

/// The values that a UDF accepts, if this is not one of them.
#[must_use]
pub fn type_error(field: &TenantField, value: &Value) -> Option<String> {
    let accepted = match field.kind.as_str() {
        "integer" | "long" | "short" if as_integer(value).is_none() => "a whole number",
        "double" | "decimal" | "float" if number(value).is_none() => "a number",
        "boolean" if as_bool(value).is_none() => "true or false",
        "datetime" if value.as_str().and_then(DateOrInstant::read).is_none() => "an ISO 8601 date",
        _ if is_longer(value, field.length) => "a shorter text",
        _ => return None,
    };
    let max_chars = match field.length {
        0 => String::new(),
        max_chars => format!(" of at most {max_chars} characters"),
    };
    Some(format!("{}: {accepted}{max_chars}", field.name))
}

fn is_longer(value: &Value, max_chars: u64) -> bool {
    let length = value.as_str().map_or(0, |text| text.chars().count());
    max_chars > 0 && length as u64 > max_chars
}

/// The error for a UDF that does not exist, with the closest UDFs.
#[must_use]
pub fn unknown_udf_error(entity: Entity, name: &str, live: &TenantFields) -> Error {
    let names = || live.iter().map(|udf| udf.name.as_str());
    let closest = nearest(name, names());
    let accepted = match closest.is_empty() {
        true => names().take(20).collect::<Vec<_>>().join(", "),
        false => closest.join(", "),
    };
    let message =
        format!("{} has no user-defined field {}.", entity.name(), abbreviated(&name.into()));
    let error = Error::new(Code::UnknownField, message);
    let error = match accepted.is_empty() {
        true => error,
        false => error.accepts(accepted),
    };
    error.next(format!(
        "describe-entity-fields {{\"entity\":\"{}\",\"include\":\"udf\"}}",
        entity.name()
    ))
}
