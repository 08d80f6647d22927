//! Reads a compiled facts file (JSON) into the types of `schema/entities`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use autotask_schema::SchemaError;
use autotask_schema::schema::{Can, Entity, Field, Parent, Schema};
use serde_json::{Value, json};

/// Reads the current entities of a facts file.
///
/// # Errors
/// Names the file or the entity that is invalid.
pub fn read(path: &Path) -> Result<Schema, SchemaError> {
    let text = fs::read_to_string(path).map_err(|e| SchemaError::in_file(path, &e))?;
    let facts: Value = serde_json::from_str(&text).map_err(|e| SchemaError::in_file(path, &e))?;
    let listed = facts["entities"].as_array().map(Vec::as_slice).unwrap_or_default();
    let current = listed.iter().filter(|e| e["current"] == json!(true));
    let entities: Result<BTreeMap<_, _>, _> = current.map(named_entity).collect();
    let schema = Schema { entities: entities? };
    for entity in listed.iter().filter(|e| e["current"] == json!(true)) {
        check_children(&schema, entity)?;
    }
    Ok(schema)
}

fn named_entity(facts: &Value) -> Result<(String, Entity), SchemaError> {
    let name = facts["name"].as_str().unwrap_or_default().to_owned();
    let entity = entity(facts).map_err(|e| e.context(&name))?;
    Ok((name, entity))
}

fn entity(facts: &Value) -> Result<Entity, SchemaError> {
    let parent = facts["parents"].as_array().and_then(|p| p.first());
    Ok(Entity {
        name: parse(&facts["name"])?,
        singular: parse(&facts["model"])?,
        legacy: parse(&facts["soapName"])?,
        can: can(&facts["info"])?,
        has_user_defined_fields: parse(&facts["info"]["hasUserDefinedFields"])?,
        supports_webhook_callouts: parse(&facts["info"]["supportsWebhookCallouts"])?,
        parent: parent.map(parent_of).transpose()?,
        actions: actions(&facts["actions"])?,
        routes: routes(facts, parent)?,
        fields: fields(&facts["fields"])?,
    })
}

fn can(info: &Value) -> Result<Can, SchemaError> {
    Ok(Can {
        query: parse(&info["canQuery"])?,
        create: parse(&info["canCreate"])?,
        update: parse(&info["canUpdate"])?,
        delete: parse(&info["canDelete"])?,
    })
}

fn parent_of(facts: &Value) -> Result<Parent, SchemaError> {
    Ok(Parent {
        entity: parse(&facts["entity"])?,
        segment: parse(&facts["segment"])?,
        child: parse(&facts["childName"])?,
        parent_id_field: parse(&facts["parentIdField"])?,
        inferred: parse::<Option<_>>(&facts["inferred"])?.unwrap_or_default(),
    })
}

fn actions(facts: &Value) -> Result<Vec<String>, SchemaError> {
    let listed: Vec<Value> = parse(facts)?;
    listed.iter().map(|action| parse(&action["path"])).collect()
}

fn routes(
    facts: &Value,
    parent: Option<&Value>,
) -> Result<BTreeMap<String, Vec<String>>, SchemaError> {
    let mut routes: BTreeMap<String, Vec<String>> = parse(&facts["rootVerbs"])?;
    if let Some(parent) = parent {
        let child_routes: BTreeMap<String, Vec<String>> = parse(&parent["verbs"])?;
        routes.extend(child_routes);
    }
    Ok(routes)
}

/// Sorts the fields by name, and drops the file's bookkeeping (`seenIn`, `requiredFrom`).
fn fields(facts: &Value) -> Result<Vec<Field>, SchemaError> {
    let mut rows: Vec<Value> = parse(facts)?;
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        row.remove("seenIn");
        row.remove("requiredFrom");
    }
    let fields: Result<Vec<Field>, _> = rows.iter().map(parse).collect();
    let mut fields = fields?;
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(fields)
}

/// Checks that the listed children of an entity are the entities whose parent it is.
fn check_children(schema: &Schema, facts: &Value) -> Result<(), SchemaError> {
    let listed: Vec<String> = parse(&facts["children"])?;
    let name = facts["name"].as_str().unwrap_or_default();
    let is_child =
        |e: &&Entity| e.parent.as_ref().is_some_and(|p| p.entity.as_deref() == Some(name));
    let derived: Vec<_> =
        schema.entities.values().filter(is_child).map(|e| e.name.clone()).collect();
    if listed == derived {
        return Ok(());
    }
    Err(SchemaError::new(format!(
        "{name}: the facts file lists the children {listed:?}, but {derived:?} have it as their parent"
    )))
}

fn parse<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, SchemaError> {
    serde_json::from_value(value.clone()).map_err(|e| SchemaError::new(format!("{e} in {value}")))
}
