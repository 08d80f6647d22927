//! The fields that name an entity's records: by rule, or from `names.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use autotask_schema::SchemaError;
use autotask_schema::schema::{Entity, Schema};

/// The fields that name one entity's records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// Fields that name a record; the first is displayed. An entry of two field names joins both values with a space.
    pub by: Vec<String>,
    /// Fields that distinguish records of the same name.
    pub disambiguating: Vec<String>,
}

/// Returns the name fields of every entity, by collection.
///
/// # Errors
/// Names an entity or field that is not declared, or an entry that only repeats the rule.
pub fn read(text: &str, schema: &Schema) -> Result<BTreeMap<String, Names>, SchemaError> {
    let declared: BTreeMap<String, Names> =
        toml::from_str(text).map_err(|e| SchemaError::new(e.to_string()).context("names.toml"))?;
    for (name, names) in &declared {
        check(schema, name, names).map_err(|e| e.context(&format!("names.toml: {name}")))?;
    }
    let names =
        |entity: &Entity| declared.get(&entity.name).cloned().unwrap_or_else(|| by_rule(entity));
    let entities = schema.entities.values();
    Ok(entities.map(|entity| (entity.name.clone(), names(entity))).collect())
}

fn check(schema: &Schema, name: &str, names: &Names) -> Result<(), SchemaError> {
    let entity = schema.entity(name)?;
    for field in names.by.iter().flat_map(|by| by.split(' ')) {
        entity.field(field)?;
    }
    for field in &names.disambiguating {
        entity.field(field)?;
    }
    match *names == by_rule(entity) {
        true => Err(SchemaError::new("the entry repeats the rule; remove it")),
        false => Ok(()),
    }
}

/// The first existing field of `{entity}Name`, `name` and `title`.
fn by_rule(entity: &Entity) -> Names {
    let own = entity.singular.as_deref().map(entity_name_field).unwrap_or_default();
    let has_field = |name: &&str| entity.field(name).is_ok();
    let by = [own.as_str(), "name", "title"].into_iter().find(has_field);
    Names { by: by.into_iter().map(str::to_owned).collect(), disambiguating: Vec::new() }
}

/// `HolidaySet` becomes `holidaySetName`.
fn entity_name_field(singular: &str) -> String {
    let mut letters = singular.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).chain("Name".chars()).collect()
}
