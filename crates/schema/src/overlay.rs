//! Applies manual corrections (`overlay.toml`): each needs a reason, and one that changes nothing is an error.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::SchemaError;
use crate::schema::{Field, Schema};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Overlay {
    correction: Vec<Correction>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    reason: String,
    entities: Vec<String>,
    fields: Vec<String>,
    set: Map<String, Value>,
}

/// Applies the corrections of `overlay.toml` to a schema.
///
/// # Errors
/// Names a correction that cannot be parsed, names an unknown entity or field, changes nothing or has no reason.
pub fn apply(schema: &mut Schema, text: &str) -> Result<(), SchemaError> {
    let overlay: Overlay = toml::from_str(text)
        .map_err(|e| SchemaError::new(e.to_string()).context("overlay.toml"))?;
    for correction in &overlay.correction {
        for (entity, field) in places(correction) {
            let place = format!("overlay.toml: {entity}.{field}");
            correct(schema, correction, entity, field).map_err(|p| p.context(&place))?;
        }
    }
    Ok(())
}

/// Every field of every entity that a correction names.
fn places(correction: &Correction) -> impl Iterator<Item = (&str, &str)> {
    let fields = |entity| correction.fields.iter().map(move |field| (entity, field.as_str()));
    correction.entities.iter().flat_map(move |entity| fields(entity.as_str()))
}

fn correct(
    schema: &mut Schema,
    correction: &Correction,
    entity: &str,
    field: &str,
) -> Result<(), SchemaError> {
    if correction.reason.trim().is_empty() {
        return Err(SchemaError::new("the correction needs a reason"));
    }
    let before = schema.entity(entity)?.field(field)?.clone();
    let after = changed(&before, &correction.set)?;
    if after == before {
        return Err(SchemaError::new("the correction changes nothing; remove it"));
    }
    let fields = schema.entities.get_mut(entity).map(|e| &mut e.fields);
    for field in fields.into_iter().flatten().filter(|f| f.name == after.name) {
        field.clone_from(&after);
    }
    Ok(())
}

fn changed(field: &Field, set: &Map<String, Value>) -> Result<Field, SchemaError> {
    let invalid = |e: serde_json::Error| SchemaError::new(e.to_string());
    let mut values = serde_json::to_value(field).map_err(invalid)?;
    if let Some(values) = values.as_object_mut() {
        values.extend(set.clone());
    }
    serde_json::from_value(values).map_err(invalid)
}
