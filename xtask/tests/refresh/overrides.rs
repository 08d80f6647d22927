//! Overrides of the sandbox's schema that only these tests need.

use autotask_sandbox::{BASE_URL, INTEGRATION_CODE, SECRET, Sandbox, SchemaOverride, USERNAME};
use serde_json::{Map, Value, json};

const SWAGGER: &str = "swagger/docs/v1";

pub fn remove_field(entity: &str, field: &str) -> SchemaOverride {
    patch(&fields_path(entity), json!({ "fields": { field: null } }))
}

/// Renames a field, also in the record's model.
pub fn rename_field(entity: &str, from: &str, to: &str) -> SchemaOverride {
    let model = format!(
        "{}Model",
        get(&format!("V1.0/{}", rights_path(entity)))["info"]["name"].as_str().expect("a name")
    );
    let properties = json!({ "properties": { from: null, to: {} } });
    SchemaOverride(Map::from_iter([
        (fields_path(entity), json!({ "fields": { from: { "name": to } } })),
        (SWAGGER.to_owned(), json!({ "definitions": { model: properties } })),
    ]))
}

pub fn set_right(entity: &str, key: &str, value: &Value) -> SchemaOverride {
    patch(&rights_path(entity), json!({ "info": { key: value } }))
}

pub fn add_route(path: &str, method: &str) -> SchemaOverride {
    let entity = path.split('/').next().expect("an entity");
    let operation = json!({ "tags": [entity], "operationId": format!("{entity}_Query") });
    patch_route(path, method, &operation)
}

pub fn remove_route(path: &str, method: &str) -> SchemaOverride {
    patch_route(path, method, &Value::Null)
}

pub fn remove_entity(name: &str) -> SchemaOverride {
    let paths = paths(name).into_iter().map(|(path, _)| (path, Value::Null));
    SchemaOverride(Map::from_iter([
        (SWAGGER.to_owned(), json!({ "paths": paths.collect::<Map<_, _>>() })),
        (rights_path(name), Value::Null),
        (fields_path(name), Value::Null),
    ]))
}

/// Renames an entity that is not a child.
pub fn rename_entity(from: &str, to: &str) -> SchemaOverride {
    let SchemaOverride(mut documents) = remove_entity(from);
    for (path, mut operations) in paths(from) {
        let all = operations.as_object_mut().expect("operations");
        all.values_mut().for_each(|operation| operation["tags"] = json!([to]));
        documents[SWAGGER]["paths"][path.replacen(from, to, 1)] = operations;
    }
    documents.insert(rights_path(to), get(&format!("V1.0/{}", rights_path(from))));
    documents.insert(fields_path(to), get(&format!("V1.0/{}", fields_path(from))));
    SchemaOverride(documents)
}

fn patch(path: &str, patch: Value) -> SchemaOverride {
    SchemaOverride::new(path, patch)
}

fn patch_route(path: &str, method: &str, operation: &Value) -> SchemaOverride {
    let path = format!("/V1.0/{path}");
    patch(SWAGGER, json!({ "paths": { path: { method.to_lowercase(): operation } } }))
}

fn rights_path(entity: &str) -> String {
    format!("{entity}/entityInformation")
}

fn fields_path(entity: &str) -> String {
    format!("{entity}/entityInformation/fields")
}

/// The routes of an entity, including those below a parent.
fn paths(name: &str) -> Vec<(String, Value)> {
    let document = get(SWAGGER);
    let paths = document["paths"].as_object().expect("paths").clone();
    let is_own = |operations: &Value| {
        let tag = operations.as_object().and_then(|all| all.values().next());
        let tag = tag.and_then(|operation| operation["tags"][0].as_str()).unwrap_or_default();
        tag.strip_suffix("Child").unwrap_or(tag) == name
    };
    paths.into_iter().filter(|(_, operations)| is_own(operations)).collect()
}

/// A document of the sandbox without overrides.
fn get(path: &str) -> Value {
    let request = http::Request::get(format!("{BASE_URL}{path}"))
        .header("UserName", USERNAME)
        .header("Secret", SECRET)
        .header("ApiIntegrationCode", INTEGRATION_CODE);
    let response = Sandbox::new().handle(request.body(bytes::Bytes::new()).expect("a request"));
    serde_json::from_slice(response.body()).expect("JSON")
}
