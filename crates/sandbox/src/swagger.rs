//! The public Swagger document: every route of the schema, with its methods and models.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::catalog::{self, Entity};
use crate::record::UDFS;

/// The whole document.
pub(crate) fn document() -> Value {
    let paths: BTreeMap<_, _> = catalog::entities().flat_map(paths).collect();
    let models =
        catalog::entities().map(|entity| (format!("{}Model", entity.singular()), model(entity)));
    json!({
        "swagger": "2.0",
        "info": { "version": "v1", "title": "Autotask REST API" },
        "host": "webservices14.autotask.net",
        "basePath": "/ATServicesRest",
        "schemes": ["https"],
        "paths": paths,
        "definitions": models.collect::<Map<_, _>>(),
    })
}

/// The operations of an entity's routes by path, then by method.
pub(crate) fn paths(entity: &'static Entity) -> Vec<(String, Map<String, Value>)> {
    let operations = |path: &str, methods: &[&str]| {
        let operation = |method: &&str| (method.to_lowercase(), operation(entity, path, method));
        methods.iter().map(operation).collect()
    };
    let routes = entity.routes.iter();
    routes.map(|(path, methods)| (format!("/V1.0/{path}"), operations(path, methods))).collect()
}

/// An operation without a model.
pub(crate) fn bare_operation(tag: &str, verb: &str) -> Value {
    json!({
        "tags": [tag],
        "operationId": format!("{tag}_{verb}"),
        "parameters": [],
        "responses": { "200": { "description": "OK" } },
    })
}

/// A reference to the model of a query's result.
pub(crate) fn result_model(singular: &str) -> Value {
    json!({ "$ref": format!("#/definitions/QueryActionResult[{singular}Model]") })
}

fn operation(entity: &Entity, path: &str, method: &str) -> Value {
    let is_child = path.contains("{parentId}") && !path.contains("/entityInformation");
    let tag = format!("{}{}", entity.name, if is_child { "Child" } else { "" });
    let mut operation = bare_operation(&tag, verb(entity, path, method));
    if let Some(model) = body_model(entity, path, method) {
        let schema = json!({ "$ref": format!("#/definitions/{model}Model") });
        operation["parameters"] =
            json!([{ "name": "restModelInput", "in": "body", "schema": schema }]);
    }
    let is_list =
        is_child && method == "GET" && !path.ends_with('}') && !entity.actions.contains(&path);
    if is_list || path.ends_with("/query") {
        operation["responses"]["200"]["schema"] = result_model(entity.singular());
    }
    operation
}

/// The verb in the operation id; readers use only `CreateEntity` of a GET, which changes data.
fn verb(entity: &Entity, path: &str, method: &str) -> &'static str {
    match method {
        "POST" if path.contains("/query") => "Query",
        "GET" if !entity.actions.contains(&path) => "Query",
        "PATCH" => "PatchEntity",
        "PUT" => "UpdateEntity",
        "DELETE" => "DeleteEntity",
        _ => "CreateEntity",
    }
}

/// The model of a request's body; queries have a separate one.
fn body_model(entity: &Entity, path: &str, method: &str) -> Option<&'static str> {
    match (method, path.contains("/query")) {
        ("POST", true) => Some("Query"),
        ("POST" | "PATCH" | "PUT", false) => Some(entity.singular()),
        _ => None,
    }
}

/// The names in a record, without their types.
fn model(entity: &Entity) -> Value {
    let names = entity.fields().iter().map(|field| field.name.as_str());
    let udfs = entity.has_user_defined_fields.then_some(UDFS);
    let properties: Map<_, _> =
        names.chain(udfs).map(|name| (name.to_owned(), json!({}))).collect();
    json!({ "type": "object", "properties": properties })
}
