//! Parses the values of a body by the type of their field; errors are those of Autotask's JSON parser.

use autotask_schema::schema::{DataType, Field};
use serde_json::{Map, Value};

use crate::catalog::Entity;
use crate::date;
use crate::error::ApiError;
use crate::pending_write::PendingRecord;
use crate::record::UDFS;
use crate::request::member;
use crate::udf::{self, Udf};

/// Parses a value into the format of records.
pub(crate) fn parse(field: &Field, value: &Value) -> Result<Value, ApiError> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    match field.data_type {
        DataType::String | DataType::Bytes => text(value),
        DataType::Boolean => boolean(value),
        DataType::Datetime => instant(value),
        data_type if data_type.is_fraction() => number(value),
        _ => integer(value),
    }
    .ok_or_else(|| type_error(field, value))
}

/// Sets the time of a value to midnight if the field is a date.
pub(crate) fn without_time(entity: &Entity, field: &Field, value: Value) -> Value {
    let name = field.name.as_str();
    let is_date = match entity.name {
        "ConfigurationItems" => matches!(name, "installDate" | "warrantyExpirationDate"),
        "Contracts" => matches!(name, "startDate" | "endDate"),
        "TimeOffRequests" => name == "requestDate",
        "TimeEntries" => name == "dateWorked",
        _ => false,
    };
    let date = value.as_str().filter(|_| is_date).and_then(date::midnight);
    date.map_or(value, Value::from)
}

fn text(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(value.clone()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(flag) => Some(flag.to_string().into()),
        _ => None,
    }
}

fn boolean(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::Number(number) => Some((number.as_f64() != Some(0.0)).into()),
        Value::String(text) => text.to_ascii_lowercase().parse::<bool>().ok().map(Value::from),
        _ => None,
    }
}

fn instant(value: &Value) -> Option<Value> {
    date::canonical(value.as_str()?).map(Value::from)
}

fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => text.trim().parse::<f64>().ok().map(Value::from),
        _ => None,
    }
}

fn integer(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) => number.as_i64().map(Value::from),
        Value::String(text) => text.trim().parse::<i64>().ok().map(Value::from),
        _ => None,
    }
}

fn type_error(field: &Field, value: &Value) -> ApiError {
    let name = &field.name;
    if let Value::String(text) = value {
        let type_name = match field.data_type {
            DataType::Datetime => "DateTime",
            DataType::Boolean => "boolean",
            data_type if data_type.is_fraction() => "decimal",
            _ => "integer",
        };
        return not_convertible(type_name, text, name);
    }
    let character = value.to_string().chars().next().unwrap_or('?');
    ApiError::rejected(format!(
        "Unexpected character encountered while parsing value: {character}. Path '{name}'."
    ))
}

fn not_convertible(type_name: &str, text: &str, name: &str) -> ApiError {
    let message = format!("Could not convert string to {type_name}: {text}. Path '{name}'.");
    ApiError::rejected(message)
}

/// Sets the UDFs of a list of name and value pairs.
pub(crate) fn set_udfs(record: &mut PendingRecord, pairs: &Value) -> Result<(), ApiError> {
    for pair in pairs.as_array().into_iter().flatten() {
        let name = member(pair, "name").and_then(Value::as_str).unwrap_or_default();
        let udf = udf::find(record.entity, name);
        let udf = udf.ok_or_else(|| ApiError::unknown_field(record.entity.singular(), name))?;
        let value = udf_value(udf, member(pair, "value").unwrap_or(&Value::Null))?;
        let values = record.after.entry(UDFS).or_insert_with(|| Map::new().into());
        if let Some(values) = values.as_object_mut() {
            values.insert(udf.name.clone(), value);
        }
    }
    Ok(())
}

/// The value of a UDF; for a picklist, it must be one of its codes.
fn udf_value(udf: &Udf, value: &Value) -> Result<Value, ApiError> {
    let Some(Value::String(text)) = text(value) else {
        return Ok(Value::Null);
    };
    let name = &udf.name;
    let is_listed = udf.values.is_empty() || udf.values.iter().any(|listed| listed.value == text);
    if !is_listed {
        let message = format!("Picklist value [{text}] does not exist for {name}.");
        return Err(ApiError::record(message));
    }
    if udf.is_date() {
        return instant(value).ok_or_else(|| not_convertible("DateTime", &text, name));
    }
    Ok(text.into())
}
