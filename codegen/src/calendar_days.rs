//! `calendar-days.toml`: the datetime fields that hold a calendar day.

use std::collections::BTreeSet;

use serde::Deserialize;

use autotask_facts::Problem;
use autotask_facts::schema::{DataType, Schema};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    days: Vec<Days>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Days {
    source: String,
    fields: Vec<String>,
}

/// The fields as `Entity.field`.
///
/// # Errors
/// Names the field that does not exist, is no datetime, stands there twice or has no source.
pub fn read(text: &str, schema: &Schema) -> Result<BTreeSet<String>, Problem> {
    let file: File = toml::from_str(text)
        .map_err(|e| Problem::new(e.to_string()).within("calendar-days.toml"))?;
    let mut fields = BTreeSet::new();
    for days in &file.days {
        for name in &days.fields {
            check(schema, name, &days.source)
                .and_then(|()| unique(fields.insert(name.clone())))
                .map_err(|p| p.within(&format!("calendar-days.toml: {name}")))?;
        }
    }
    Ok(fields)
}

fn check(schema: &Schema, name: &str, source: &str) -> Result<(), Problem> {
    if source.trim().is_empty() {
        return Err(Problem::new("a calendar day needs a source"));
    }
    let (entity, field) =
        name.split_once('.').ok_or_else(|| Problem::new("write it as Entity.field"))?;
    match schema.entity(entity)?.field(field)?.data_type {
        DataType::Datetime => Ok(()),
        _ => Err(Problem::new("the field is no datetime")),
    }
}

fn unique(is_new: bool) -> Result<(), Problem> {
    match is_new {
        true => Ok(()),
        false => Err(Problem::new("the field stands there twice")),
    }
}
