//! Values of a body, read as the type of their field or refused as the JSON reader would.

use serde_json::{Map, Value};

use crate::catalog::{DataType, Entity, Field};

use super::super::date;
use super::super::filter::property;
use super::super::reply::Refusal;
use super::super::store::{Record, UDFS};
use super::super::udf::Udf;
use super::{Draft, udf_of};

/// A value as a field keeps it.
pub(super) fn read(field: &Field, value: &Value) -> Result<Value, Refusal> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    match field.kind {
        DataType::Text | DataType::Bytes => text(value),
        DataType::Boolean => flag(value),
        DataType::Date | DataType::Datetime => instant(value),
        kind if kind.is_fraction() => fraction(value),
        _ => whole(value),
    }
    .ok_or_else(|| unreadable(field, value))
}

/// The value of a field, cut to its day where the field keeps no time.
pub(super) fn dated(entity: Entity, field: &Field, value: Value) -> Value {
    let is_day = match entity {
        Entity::ConfigurationItems => {
            matches!(field.name, "installDate" | "warrantyExpirationDate")
        }
        Entity::Contracts => matches!(field.name, "startDate" | "endDate"),
        Entity::TimeOffRequests => field.name == "requestDate",
        Entity::TimeEntries => field.name == "dateWorked",
        _ => false,
    };
    let day = value.as_str().filter(|_| is_day).and_then(date::midnight);
    day.map_or(value, Value::from)
}

fn text(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(value.clone()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(flag) => Some(flag.to_string().into()),
        _ => None,
    }
}

fn flag(value: &Value) -> Option<Value> {
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

fn fraction(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => text.trim().parse::<f64>().ok().map(Value::from),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) => number.as_i64().map(Value::from),
        Value::String(text) => text.trim().parse::<i64>().ok().map(Value::from),
        _ => None,
    }
}

fn unreadable(field: &Field, value: &Value) -> Refusal {
    let name = field.name;
    if let Value::String(text) = value {
        let kind = match field.kind {
            DataType::Date | DataType::Datetime => "DateTime",
            DataType::Boolean => "boolean",
            kind if kind.is_fraction() => "decimal",
            _ => "integer",
        };
        let words = format!("Could not convert string to {kind}: {text}. Path '{name}'.");
        return Refusal::because(words);
    }
    let sign = value.to_string().chars().next().unwrap_or('?');
    Refusal::because(format!(
        "Unexpected character encountered while parsing value: {sign}. Path '{name}'."
    ))
}

/// Sets the UDFs that a list names; a list's value must be one of its codes.
pub(super) fn set_udfs(draft: &mut Draft, pairs: &Value) -> Result<(), Refusal> {
    for pair in pairs.as_array().into_iter().flatten() {
        let name = property(pair, "name").and_then(Value::as_str).unwrap_or_default();
        let udf = udf_of(draft.entity, name)?;
        let value = udf_value(udf, property(pair, "value").unwrap_or(&Value::Null))?;
        let all = draft.after.entry(UDFS).or_insert_with(|| Map::new().into());
        if let Some(all) = all.as_object_mut() {
            all.insert(udf.name.clone(), value);
        }
    }
    Ok(())
}

/// Empties all UDFs of a record.
pub(super) fn empty_udfs(record: &mut Record) {
    record.remove(UDFS);
}

fn udf_value(udf: &Udf, value: &Value) -> Result<Value, Refusal> {
    let Some(Value::String(text)) = text(value) else {
        return Ok(Value::Null);
    };
    let name = &udf.name;
    let fits = udf.choices.is_empty() || udf.choices.iter().any(|choice| choice.value == text);
    if !fits {
        let words = format!("Picklist value [{text}] does not exist for {name}.");
        return Err(Refusal::of_record(words));
    }
    if udf.is_date() {
        let words = format!("Could not convert string to DateTime: {text}. Path '{name}'.");
        return instant(value).ok_or_else(|| Refusal::because(words));
    }
    Ok(text.into())
}
