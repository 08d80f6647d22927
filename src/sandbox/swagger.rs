//! The public Swagger document: every address the desk takes, with its methods and models.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Map, Value, json};

use crate::catalog::{Child, DataType, Entity, Field, Verb};

use super::desk;
use super::path::{Info, Route};
use super::store::is_attachment;

const METHODS: [Method; 5] =
    [Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE];

/// Operations by method, by address.
pub(super) type Paths = BTreeMap<String, Map<String, Value>>;

/// The addresses of every entity.
pub(super) fn paths() -> Paths {
    let all = Entity::ALL.into_iter().flat_map(|entity| {
        let told = addresses(entity).into_iter();
        told.map(move |(path, route)| (format!("/V1.0/{path}"), operations(entity, route)))
    });
    all.filter(|(_, operations)| !operations.is_empty()).collect()
}

/// The shape of every entity's records.
pub(super) fn definitions() -> Map<String, Value> {
    let named = |entity: Entity| (format!("{}Model", entity.singular()), model(entity));
    Entity::ALL.into_iter().map(named).collect()
}

/// The whole document.
pub(super) fn document(paths: &Paths, definitions: &Map<String, Value>) -> Value {
    json!({
        "swagger": "2.0",
        "info": { "version": "v1", "title": "Autotask REST API" },
        "host": "webservices14.autotask.net",
        "basePath": "/ATServicesRest",
        "schemes": ["https"],
        "paths": paths,
        "definitions": definitions,
    })
}

fn addresses(entity: Entity) -> Vec<(String, Route)> {
    let name = entity.name();
    let mut all = vec![
        (name.to_owned(), Route::Collection(entity)),
        (format!("{name}/{{id}}"), Route::Item(entity, 0)),
    ];
    if entity.root_supports(Verb::Query) {
        all.push((format!("{name}/query"), Route::Query(entity)));
        all.push((format!("{name}/query/count"), Route::Count(entity)));
    }
    all.extend(pages(name, entity));
    if let Some(child) = entity.as_child() {
        all.extend(below(child));
    }
    all
}

fn below(child: &'static Child) -> Vec<(String, Route)> {
    let base = format!("{}/{{parentId}}/{}", child.segment, child.name);
    let key = if child.entity == Entity::ResourceTimeOffBalances { "year" } else { "id" };
    let mut all = vec![
        (base.clone(), Route::Under(child, 0)),
        (format!("{base}/{{{key}}}"), Route::UnderItem(child, 0, 0)),
    ];
    if !is_attachment(child.entity) {
        all.extend(pages(&base, child.entity));
    }
    all
}

fn pages(base: &str, entity: Entity) -> Vec<(String, Route)> {
    let page =
        |end: &str, info| (format!("{base}/entityInformation{end}"), Route::Info(entity, info));
    let mut pages = vec![page("", Info::Summary), page("/fields", Info::Fields)];
    if !is_attachment(entity) {
        pages.push(page("/userDefinedFields", Info::Udfs));
    }
    pages
}

fn operations(entity: Entity, route: Route) -> Map<String, Value> {
    let taken = METHODS.iter().filter(|method| desk::takes(route, method));
    taken
        .map(|method| {
            let key = method.as_str().to_lowercase();
            (key, operation(entity, route, method))
        })
        .collect()
}

fn operation(entity: Entity, route: Route, method: &Method) -> Value {
    let end = match route {
        Route::Under(..) | Route::UnderItem(..) => "Child",
        _ => "",
    };
    let tag = format!("{}{end}", entity.name());
    let mut operation = json!({
        "tags": [tag],
        "operationId": format!("{tag}_{}", act(route, method)),
        "parameters": [],
        "responses": { "200": { "description": "OK" } },
    });
    if let Some(sent) = sent(entity, route, method) {
        operation["parameters"] =
            json!([{ "name": "restModelInput", "in": "body", "schema": sent }]);
    }
    if shows(route, method) {
        let model = format!("#/definitions/QueryActionResult[{}Model]", entity.singular());
        operation["responses"]["200"]["schema"] = json!({ "$ref": model });
    }
    operation
}

fn act(route: Route, method: &Method) -> &'static str {
    match (route, method.as_str()) {
        (Route::Info(_, Info::Summary), _) => "QueryEntityInformation",
        (Route::Info(_, Info::Fields), _) => "QueryFieldDefinitions",
        (Route::Info(..), _) => "QueryUserDefinedFieldDefinitions",
        (Route::Count(_), _) => "QueryCount",
        (Route::Query(_), "GET") => "UrlParameterQuery",
        (Route::Item(..) | Route::UnderItem(..), "GET") => "QueryItem",
        (_, "DELETE") => "DeleteEntity",
        (_, "PATCH") => "PatchEntity",
        (_, "PUT") => "UpdateEntity",
        (Route::Under(child, _), "GET") if child.entity == Entity::TimeOffRequestsApprove => {
            "CreateEntity"
        }
        (Route::Query(_), _) | (_, "GET") => "Query",
        _ => "CreateEntity",
    }
}

fn shows(route: Route, method: &Method) -> bool {
    match route {
        Route::Query(_) => true,
        Route::Under(child, _) => method == Method::GET && child.supports(Verb::List),
        _ => false,
    }
}

/// The body of a request; that of a query has a model of its own.
fn sent(entity: Entity, route: Route, method: &Method) -> Option<Value> {
    let model = match (route, method.as_str()) {
        (Route::Query(_) | Route::Count(_), "POST") => "Query",
        (Route::Collection(_) | Route::Under(..), "POST" | "PATCH" | "PUT") => entity.singular(),
        _ => return None,
    };
    Some(json!({ "$ref": format!("#/definitions/{model}Model") }))
}

fn model(entity: Entity) -> Value {
    let fields = entity.fields().iter();
    let mut properties: Map<_, _> =
        fields.map(|field| (field.name.to_owned(), property(field))).collect();
    if entity.has_udfs() {
        properties.insert("userDefinedFields".to_owned(), json!({ "type": "array" }));
    }
    json!({ "type": "object", "properties": properties })
}

fn property(field: &Field) -> Value {
    match field.kind {
        DataType::Boolean => json!({ "type": "boolean" }),
        DataType::Bytes => json!({ "format": "byte", "type": "string" }),
        DataType::Date | DataType::Datetime => json!({ "format": "date-time", "type": "string" }),
        DataType::Decimal | DataType::Double | DataType::Float => {
            json!({ "format": "double", "type": "number" })
        }
        DataType::Integer | DataType::Short => json!({ "format": "int32", "type": "integer" }),
        DataType::Long => json!({ "format": "int64", "type": "integer" }),
        DataType::Text | DataType::Unknown => json!({ "type": "string" }),
    }
}
