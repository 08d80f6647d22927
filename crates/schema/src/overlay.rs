//! Corrections by hand: each has a reason, and one that changes nothing is an error.

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

/// Applies the corrections of `overlay.toml` to the facts.
///
/// # Errors
/// Names the correction that does not read, fits nothing, changes nothing or gives no reason.
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
        return Err(SchemaError::new("a correction gives its reason"));
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
    let unreadable = |e: serde_json::Error| SchemaError::new(e.to_string());
    let mut facts = serde_json::to_value(field).map_err(unreadable)?;
    if let Some(facts) = facts.as_object_mut() {
        facts.extend(set.clone());
    }
    serde_json::from_value(facts).map_err(unreadable)
}
