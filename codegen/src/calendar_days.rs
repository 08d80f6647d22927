//! Parses `calendar-days.toml`: the datetime fields that hold a calendar day.

use std::collections::BTreeSet;

use serde::Deserialize;

use autotask_schema::SchemaError;
use autotask_schema::schema::{DataType, Schema};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarDaysFile {
    #[serde(default)]
    days: Vec<Days>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Days {
    source: String,
    fields: Vec<String>,
}

/// Parses the fields, as `Entity.field`.
///
/// # Errors
/// Names a field that does not exist, is not a datetime, is listed twice or has no source.
pub fn read(text: &str, schema: &Schema) -> Result<BTreeSet<String>, SchemaError> {
    let file: CalendarDaysFile = toml::from_str(text)
        .map_err(|e| SchemaError::new(e.to_string()).context("calendar-days.toml"))?;
    let mut fields = BTreeSet::new();
    for days in &file.days {
        for name in &days.fields {
            check(schema, name, &days.source)
                .and_then(|()| check_unique(fields.insert(name.clone())))
                .map_err(|e| e.context(&format!("calendar-days.toml: {name}")))?;
        }
    }
    Ok(fields)
}

fn check(schema: &Schema, name: &str, source: &str) -> Result<(), SchemaError> {
    if source.trim().is_empty() {
        return Err(SchemaError::new("a calendar day needs a source"));
    }
    let (entity, field) =
        name.split_once('.').ok_or_else(|| SchemaError::new("write it as Entity.field"))?;
    match schema.entity(entity)?.field(field)?.data_type {
        DataType::Datetime => Ok(()),
        _ => Err(SchemaError::new("the field is not a datetime")),
    }
}

fn check_unique(is_new: bool) -> Result<(), SchemaError> {
    match is_new {
        true => Ok(()),
        false => Err(SchemaError::new("the field is listed twice")),
    }
}
