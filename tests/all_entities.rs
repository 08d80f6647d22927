//! Every verb on every entity: supported ones are sent to declared routes, others are rejected without a request.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

#[path = "support/harness.rs"]
mod support;

use std::fs;
use std::path::Path;

use autotask_mcp::catalog::{Entity, Verb};
use serde_json::{Value, json};
use support::Harness;

/// The arguments that address an entity, below its parent if it has one.
fn address(entity: Entity) -> Value {
    match entity.as_child() {
        Some(child) => {
            json!({ "entity": child.name, "parentEntity": child.parent_name(), "parentId": 1 })
        }
        None => json!({ "entity": entity.name() }),
    }
}

fn supports(entity: Entity, verb: Verb) -> bool {
    entity.root_supports(verb) || entity.as_child().is_some_and(|child| child.supports(verb))
}

fn with(mut arguments: Value, more: &Value) -> Value {
    if let (Some(arguments), Some(more)) = (arguments.as_object_mut(), more.as_object()) {
        arguments.extend(more.clone());
    }
    arguments
}

/// The declared routes of an entity.
fn routes(entity: Entity) -> Value {
    let file = format!("schema/entities/{}.json", entity.name());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let declared: Value =
        serde_json::from_str(&fs::read_to_string(path).expect("a declaration")).expect("JSON");
    declared["routes"].clone()
}

/// `POST /…/V1.0/Tickets/1/Notes` becomes `POST` and `Tickets/{parentId}/Notes`.
fn pattern(request: &str) -> (&str, String) {
    let (method, path) = request.split_once(' ').expect("a method and a path");
    let (_, path) = path.split_once("/V1.0/").expect("a version");
    let segments: Vec<_> = path.split('/').collect();
    let is_id = |segment: &str| segment.bytes().all(|byte| byte.is_ascii_digit());
    let last = segments.len() - 1;
    let placeholder = |(index, segment): (usize, &&str)| match is_id(segment) {
        true if index == last => "{id}".to_owned(),
        true => "{parentId}".to_owned(),
        false => (*segment).to_owned(),
    };
    (method, segments.iter().enumerate().map(placeholder).collect::<Vec<_>>().join("/"))
}

/// Asserts that the entity declares the path and method of every request.
fn check_routes(entity: Entity, requests: &[String], context: &str) {
    let routes = routes(entity);
    let is_overhead = |request: &&String| {
        request.ends_with("zoneInformation") || request.ends_with("ThresholdInformation")
    };
    for request in requests.iter().filter(|request| !is_overhead(request)) {
        let (method, path) = pattern(request);
        let methods = routes[&path].as_array().cloned().unwrap_or_default();
        assert!(methods.contains(&method.into()), "{context}: {method} {path} is not declared");
    }
}

/// Asserts that a supported call sends requests to declared routes, and any other call sends none.
fn check(
    harness: &mut Harness,
    entity: Entity,
    (tool, arguments): (&str, &Value),
    is_supported: bool,
) {
    let response = harness.json(tool, arguments);
    let requests = harness.requests();
    let code = response["error"]["code"].as_str().unwrap_or_default();
    let context = format!("{tool} {arguments}: {response} after {requests:?}");
    check_routes(entity, &requests, &context);
    if is_supported {
        assert!(!requests.is_empty(), "{context}");
        assert_ne!(code, "not-allowed", "{context}");
    } else {
        assert_eq!(code, "not-allowed", "{context}");
        assert!(requests.is_empty(), "{context}");
    }
}

#[test]
fn every_entity_is_read_only_if_supported() {
    let mut harness = Harness::new();
    for entity in Entity::ALL {
        let listed = supports(entity, Verb::Query) || supports(entity, Verb::List);
        let clause = match entity {
            Entity::TicketHistory => json!({ "op": "eq", "field": "ticketID", "value": 1 }),
            _ => json!({ "op": "gte", "field": "id", "value": 0 }),
        };
        let filter = if entity.field("id").is_some() { json!([clause]) } else { json!([]) };
        let query = with(address(entity), &json!({ "query": filter }));
        check(&mut harness, entity, ("query-entity", &query), listed);
        check(&mut harness, entity, ("count-entity", &query), listed);
        let get = with(address(entity), &json!({ "id": 1 }));
        check(&mut harness, entity, ("get-entity", &get), supports(entity, Verb::Get));
        check(&mut harness, entity, ("describe-entity-fields", &address(entity)), true);
    }
}

#[test]
fn every_entity_is_deleted_only_if_supported() {
    let mut harness = Harness::new();
    for entity in Entity::ALL {
        let delete = with(address(entity), &json!({ "id": 999_999, "confirm": "DELETE_ENTITY" }));
        check(&mut harness, entity, ("delete-entity", &delete), supports(entity, Verb::Delete));
    }
}

/// A create may fail because of its values, but never because of its route.
#[test]
fn every_entity_is_created_only_if_supported() {
    let mut harness = Harness::new();
    for entity in Entity::ALL {
        let fields: serde_json::Map<_, _> = entity
            .fields()
            .iter()
            .filter(|field| field.required.is_yes() && field.name != "id")
            .map(|field| (field.name.to_owned(), sample(field)))
            .collect();
        let create =
            with(address(entity), &json!({ "fields": fields, "confirm": "CREATE_ENTITY" }));
        let response = harness.json("create-entity", &create);
        let requests = harness.requests();
        let code = response["error"]["code"].as_str().unwrap_or_default();
        let context = format!("{} {create}: {response} after {requests:?}", entity.name());
        check_routes(entity, &requests, &context);
        if supports(entity, Verb::Create) {
            assert!(
                matches!(
                    code,
                    "" | "rejected"
                        | "missing-field"
                        | "bad-argument"
                        | "no-such-name"
                        | "not-found"
                ),
                "{context}"
            );
        } else {
            assert_eq!(code, "not-allowed", "{context}");
            assert!(requests.is_empty(), "{context}");
        }
    }
}

fn sample(field: &autotask_mcp::catalog::Field) -> Value {
    use autotask_mcp::catalog::DataType;
    match field.kind {
        DataType::Boolean => json!(true),
        DataType::Datetime => json!("2026-06-30"),
        DataType::Text | DataType::Bytes => json!("x"),
        _ => json!(1),
    }
}
