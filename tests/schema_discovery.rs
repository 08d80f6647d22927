//! What a tenant has beyond the schema: unknown until the tenant tells of it, then taken in every tool, with a warning.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support;

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use autotask_mcp::app::App;
use autotask_mcp::client::backend::{Backend, InProcessReply};
use autotask_sandbox::{INTEGRATION_CODE, SECRET, Sandbox, SchemaOverride, USERNAME};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use support::{Harness, config, delivered};

/// Bodies of the requests about what the sandbox keeps no records of.
type Sent = Arc<Mutex<Vec<String>>>;

fn row(name: &str, kind: &str, more: &Value) -> Value {
    let mut row = json!({
        "name": name, "dataType": kind, "length": 0, "isRequired": false, "isReadOnly": false,
        "isQueryable": true, "isReference": false, "referenceEntityType": "", "isPickList": false,
        "picklistValues": null, "picklistParentValueField": "", "isSupportedWebhookField": false,
    });
    let more = more.as_object().into_iter().flatten();
    more.for_each(|(key, value)| row[key] = value.clone());
    row
}

/// A tenant that grades its tickets and keeps gadgets.
fn tenant() -> Sandbox {
    let sandbox = Sandbox::new();
    let grades = json!([
        { "value": "1", "label": "Gold", "isActive": true },
        { "value": "2", "label": "Tin", "isActive": true },
    ]);
    let grade =
        row("slaGrade", "integer", &json!({ "isPickList": true, "picklistValues": grades }));
    sandbox.override_schema(SchemaOverride::add_field("Tickets", grade));
    sandbox.override_schema(SchemaOverride::add_field(
        "Tickets",
        row("orbit", "quaternion", &json!({})),
    ));
    sandbox
}

/// The sandbox says these things of itself, but holds no such records: those are answered here.
fn harness() -> (Harness, Sent) {
    let (mut harness, sent) = (Harness::new(), Sent::default());
    let (sandbox, noted) = (Arc::new(tenant()), sent.clone());
    let config = config([]).with_sandbox_credentials(USERNAME, SECRET, INTEGRATION_CODE);
    let behind = sandbox.clone();
    let wire = Backend::local(&config, move |request| match beyond(&request, &noted) {
        Some(body) => InProcessReply::Reply(Response::new(Bytes::from(body.to_string()))),
        None => delivered(behind.respond(request)),
    });
    harness.app = Arc::new(App::new(&config, wire).expect("settings that name tools"));
    harness.sandbox = sandbox;
    (harness, sent)
}

fn beyond(request: &Request<Bytes>, noted: &Sent) -> Option<Value> {
    let (method, path) = (request.method().as_str(), request.uri().path());
    let path = path.split("/V1.0/").nth(1)?;
    let body = String::from_utf8_lossy(request.body());
    let records = match path {
        "Gadgets/query" => json!([{ "id": 7, "label": "lamp", "weight": 2.5 }]),
        "Gadgets" => json!([]),
        "Tickets/query" if body.contains("slaGrade") => json!([{ "id": 8107, "slaGrade": 1 }]),
        "Tickets" if body.contains("slaGrade") => json!([]),
        _ => return None,
    };
    let mut sent = noted.lock().expect("no test panics here");
    sent.push(format!("{method} {path} {body}"));
    Some(match method {
        "POST" if path.ends_with("query") => json!({
            "items": records,
            "pageDetails": { "count": 1, "requestCount": 500, "prevPageUrl": null, "nextPageUrl": null },
        }),
        _ => json!({ "itemId": 8 }),
    })
}

fn conversation(calls: &[(&str, &str)]) -> String {
    let (mut harness, sent) = harness();
    let mut response = String::new();
    for (tool, arguments) in calls {
        let answer = harness.call(tool, arguments);
        let bodies = std::mem::take(&mut *sent.lock().expect("no test panics here"));
        let sent_request = [harness.requests(), bodies].concat().join("\n  ");
        writeln!(response, "> {tool} {arguments}\n  {sent_request}\n{answer}\n")
            .expect("a text takes it");
    }
    response
}

#[test]
fn fields_that_only_the_tenant_knows() {
    let graded = r#"{"entity":"Tickets","query":{"filter":[{"op":"eq","field":"slagrade","value":"Gold"}],"IncludeFields":["id","slaGrade"]},"labels":true}"#;
    let talk = conversation(&[
        ("query-entity", graded),
        ("describe-entity-fields", r#"{"entity":"Tickets","field":"slaGrade"}"#),
        ("query-entity", graded),
        ("query-entity", &graded.replace("\"Gold\"", "\"Lead\"")),
        ("query-entity", &graded.replace("\"Gold\"", "true")),
        ("query-entity", &graded.replace("slagrade", "slagrades")),
        ("query-entity", &graded.replace("slagrade", "orbit")),
        ("query-entity", &graded.replace("slagrade", "orbit").replace("\"Gold\"", "5")),
        ("search-tickets", r#"{"companyID":412,"fields":"id,slaGrade","maxRecords":1}"#),
        ("update-ticket", r#"{"id":8107,"slaGrade":"Tin"}"#),
        ("update-entity", r#"{"entity":"Tickets","id":8107,"fields":{"slaGrade":"Tin"}}"#),
        ("update-entity", r#"{"entity":"Tickets","id":8107,"fields":{"slaGrade":9}}"#),
    ]);
    insta::assert_snapshot!(talk);
}

#[test]
fn entities_that_only_the_tenant_knows() {
    let heavy =
        r#"{"entity":"Gadgets","query":{"filter":[{"op":"gt","field":"weight","value":1}]}}"#;
    let talk = conversation(&[
        ("query-entity", heavy),
        ("describe-entity-fields", r#"{"entity":"Gizmos"}"#),
        ("describe-entity-fields", r#"{"entity":"Tickts"}"#),
        ("describe-entity-fields", r#"{"entity":"../Tickets"}"#),
        ("describe-entity-fields", r#"{"entity":"Gadgets"}"#),
        ("query-entity", heavy),
        ("query-entity", &heavy.replace("weight", "wait")),
        ("create-entity", r#"{"entity":"Gadgets","fields":{"weight":3}}"#),
        (
            "create-entity",
            r#"{"entity":"Gadgets","fields":{"label":"lamp"},"confirm":"CREATE_ENTITY"}"#,
        ),
        ("create-entity", r#"{"entity":"Gadgets","fields":{"label":"lamp"},"confirm":"CREATE"}"#),
    ]);
    insta::assert_snapshot!(talk);
}

/// Whole entities are not discovered: an unknown name costs no request.
#[test]
fn an_unknown_entity_costs_no_request() {
    let mut harness = Harness::new();
    harness.requests();
    let text = harness.call("describe-entity-fields", r#"{"entity":"Gizmos"}"#);
    assert!(text.starts_with("unknown-entity"), "{text}");
    assert!(harness.requests().is_empty());
}

/// Two names that differ in letter case alone are two fields.
#[test]
fn names_are_told_apart_by_their_letter_case() {
    let (harness, _) = harness();
    for name in ["Rank", "rank"] {
        let field = row(name, "string", &json!({}));
        harness.sandbox.override_schema(SchemaOverride::add_field("Companies", field));
    }
    harness.call("describe-entity-fields", r#"{"entity":"Companies"}"#);
    for name in ["Rank", "rank"] {
        let query = json!({ "filter": [{ "op": "eq", "field": name, "value": "x" }] });
        let planned =
            harness.json("query-entity", &json!({ "entity": "Companies", "query": query }));
        let words = format!("Unable to find {name} in the Company Entity.");
        assert!(planned.to_string().contains(&words), "{planned}");
    }
}

/// Names that mean nothing end the call at once, however many there are.
#[test]
fn many_wrong_names_cost_few_requests() {
    let mut harness = Harness::new();
    let names: Vec<_> = (0..200).map(|n| format!("Nope {n}")).collect();
    let filter = json!([{ "op": "in", "field": "companyID", "value": names }]);
    let response = harness.json("query-entity", &json!({ "entity": "Tickets", "query": filter }));
    assert_eq!(response["error"]["code"], "no-such-name", "{response}");
    let requests = harness.requests();
    assert!(requests.len() < 15, "{} requests", requests.len());
}
