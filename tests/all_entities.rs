//! Walks every entity and every verb: what the schema grants is sent where the tenant takes it, what it
//! denies is refused before anything is sent.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

#[path = "support/harness.rs"]
mod support;

use std::fs;
use std::path::Path;

use autotask_mcp::catalog::{Entity, Verb};
use serde_json::{Value, json};
use support::Harness;

/// The words for an entity, under its parent where it has one.
fn place(entity: Entity) -> Value {
    match entity.as_child() {
        Some(child) => {
            json!({ "entity": child.name, "parentEntity": child.parent_name(), "parentId": 1 })
        }
        None => json!({ "entity": entity.name() }),
    }
}

fn takes(entity: Entity, verb: Verb) -> bool {
    entity.root_supports(verb) || entity.as_child().is_some_and(|child| child.supports(verb))
}

fn with(mut place: Value, more: &Value) -> Value {
    if let (Some(place), Some(more)) = (place.as_object_mut(), more.as_object()) {
        place.extend(more.clone());
    }
    place
}

/// The addresses of an entity, as its declaration lists them.
fn routes(entity: Entity) -> Value {
    let file = format!("schema/entities/{}.json", entity.name());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let declared: Value =
        serde_json::from_str(&fs::read_to_string(path).expect("a declaration")).expect("JSON");
    declared["routes"].clone()
}

/// `POST /…/V1.0/Tickets/1/Notes` as `POST` and `Tickets/{parentId}/Notes`.
fn pattern(request: &str) -> (&str, String) {
    let (method, path) = request.split_once(' ').expect("a method and a path");
    let (_, path) = path.split_once("/V1.0/").expect("a version");
    let segments: Vec<_> = path.split('/').collect();
    let is_id = |segment: &str| segment.bytes().all(|byte| byte.is_ascii_digit());
    let last = segments.len() - 1;
    let blank = |(at, segment): (usize, &&str)| match is_id(segment) {
        true if at == last => "{id}".to_owned(),
        true => "{parentId}".to_owned(),
        false => (*segment).to_owned(),
    };
    (method, segments.iter().enumerate().map(blank).collect::<Vec<_>>().join("/"))
}

/// Every request goes to an address and a method that the entity's declaration lists.
fn check_addresses(entity: Entity, requests: &[String], what: &str) {
    let routes = routes(entity);
    let aside = |request: &&String| {
        request.ends_with("zoneInformation") || request.ends_with("ThresholdInformation")
    };
    for request in requests.iter().filter(|request| !aside(request)) {
        let (method, path) = pattern(request);
        let methods = routes[&path].as_array().cloned().unwrap_or_default();
        assert!(methods.contains(&method.into()), "{what}: {method} {path} is not declared");
    }
}

/// Granted: something was sent, to declared addresses. Denied: nothing was sent.
fn check(harness: &mut Harness, entity: Entity, (tool, arguments): (&str, &Value), granted: bool) {
    let said = harness.json(tool, arguments);
    let requests = harness.requests();
    let code = said["error"]["code"].as_str().unwrap_or_default();
    let what = format!("{tool} {arguments}: {said} after {requests:?}");
    check_addresses(entity, &requests, &what);
    if granted {
        assert!(!requests.is_empty(), "{what}");
        assert_ne!(code, "not-allowed", "{what}");
    } else {
        assert_eq!(code, "not-allowed", "{what}");
        assert!(requests.is_empty(), "{what}");
    }
}

#[test]
fn every_entity_is_read_where_it_can_be() {
    let mut harness = Harness::new();
    for entity in Entity::ALL {
        let listed = takes(entity, Verb::Query) || takes(entity, Verb::List);
        let clause = match entity {
            Entity::TicketHistory => json!({ "op": "eq", "field": "ticketID", "value": 1 }),
            _ => json!({ "op": "gte", "field": "id", "value": 0 }),
        };
        let filter = if entity.field("id").is_some() { json!([clause]) } else { json!([]) };
        let query = with(place(entity), &json!({ "query": filter }));
        check(&mut harness, entity, ("query-entity", &query), listed);
        check(&mut harness, entity, ("count-entity", &query), listed);
        let get = with(place(entity), &json!({ "id": 1 }));
        check(&mut harness, entity, ("get-entity", &get), takes(entity, Verb::Get));
        check(&mut harness, entity, ("describe-entity-fields", &place(entity)), true);
    }
}

#[test]
fn every_entity_is_deleted_only_where_it_can_be() {
    let mut harness = Harness::new();
    for entity in Entity::ALL {
        let delete = with(place(entity), &json!({ "id": 999_999, "confirm": "DELETE_ENTITY" }));
        check(&mut harness, entity, ("delete-entity", &delete), takes(entity, Verb::Delete));
    }
}

/// A create goes to the one address that takes it: what it lacks is told by our check or the tenant's, never
/// by a missing address.
#[test]
fn every_entity_is_created_only_where_it_can_be() {
    let mut harness = Harness::new();
    for entity in Entity::ALL {
        let fields: serde_json::Map<_, _> = entity
            .fields()
            .iter()
            .filter(|field| field.required.is_yes() && field.name != "id")
            .map(|field| (field.name.to_owned(), sample(field)))
            .collect();
        let create = with(place(entity), &json!({ "fields": fields, "confirm": "CREATE_ENTITY" }));
        let said = harness.json("create-entity", &create);
        let requests = harness.requests();
        let code = said["error"]["code"].as_str().unwrap_or_default();
        let what = format!("{} {create}: {said} after {requests:?}", entity.name());
        check_addresses(entity, &requests, &what);
        if takes(entity, Verb::Create) {
            assert!(
                matches!(
                    code,
                    "" | "rejected"
                        | "missing-field"
                        | "bad-argument"
                        | "no-such-name"
                        | "not-found"
                ),
                "{what}"
            );
        } else {
            assert_eq!(code, "not-allowed", "{what}");
            assert!(requests.is_empty(), "{what}");
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
