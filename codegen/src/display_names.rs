//! What an entity's records are called: by rule, or as `names.toml` says.

use std::collections::BTreeMap;

use serde::Deserialize;

use autotask_schema::SchemaError;
use autotask_schema::schema::{Entity, Schema};

/// The names of one entity's records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// Fields that name a record; the first is shown. Two fields make one name with a space between.
    pub by: Vec<String>,
    /// Fields that tell records of one name apart.
    pub disambiguating: Vec<String>,
}

/// The names of every entity, by collection.
///
/// # Errors
/// Names the entity or field that is not declared, or the entry that only repeats the rule.
pub fn read(text: &str, schema: &Schema) -> Result<BTreeMap<String, Names>, SchemaError> {
    let declared: BTreeMap<String, Names> =
        toml::from_str(text).map_err(|e| SchemaError::new(e.to_string()).context("names.toml"))?;
    for (name, names) in &declared {
        check(schema, name, names).map_err(|p| p.context(&format!("names.toml: {name}")))?;
    }
    let of = |entity: &Entity| declared.get(&entity.name).cloned();
    let named = |entity: &Entity| of(entity).unwrap_or_else(|| by_rule(entity));
    let all = schema.entities.values();
    Ok(all.map(|entity| (entity.name.clone(), named(entity))).collect())
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

/// `{entity}Name`, else `name`, else `title`.
fn by_rule(entity: &Entity) -> Names {
    let own = entity.singular.as_deref().map(own_name).unwrap_or_default();
    let has = |name: &&str| entity.field(name).is_ok();
    let by = [own.as_str(), "name", "title"].into_iter().find(has);
    Names { by: by.into_iter().map(str::to_owned).collect(), disambiguating: Vec::new() }
}

/// `HolidaySet` as `holidaySetName`.
fn own_name(singular: &str) -> String {
    let mut letters = singular.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).chain("Name".chars()).collect()
}
