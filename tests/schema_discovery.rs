//! Fields of the tenant that the schema does not have: every tool accepts them once they are discovered, with a warning.
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
use support::{Harness, config, in_process_reply};

/// The requests that the sandbox cannot handle, with their bodies.
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

/// A tenant with additional fields of tickets.
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

/// The sandbox has these fields in its metadata, but not in records: requests with them are handled here.
fn harness() -> (Harness, Sent) {
    let (mut harness, sent) = (Harness::new(), Sent::default());
    let (sandbox, log) = (Arc::new(tenant()), sent.clone());
    let config = config([]).with_sandbox_credentials(USERNAME, SECRET, INTEGRATION_CODE);
    let tenant = sandbox.clone();
    let backend = Backend::local(&config, move |request| match handle(&request, &log) {
        Some(body) => InProcessReply::Reply(Response::new(Bytes::from(body.to_string()))),
        None => in_process_reply(tenant.respond(request)),
    });
    harness.app = Arc::new(App::new(&config, backend).expect("valid settings"));
    harness.sandbox = sandbox;
    (harness, sent)
}

fn handle(request: &Request<Bytes>, log: &Sent) -> Option<Value> {
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
    let mut sent = log.lock().expect("no test panics here");
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
    let mut transcript = String::new();
    for (tool, arguments) in calls {
        let response = harness.call(tool, arguments);
        let bodies = std::mem::take(&mut *sent.lock().expect("no test panics here"));
        let requests = [harness.requests(), bodies].concat().join("\n  ");
        writeln!(transcript, "> {tool} {arguments}\n  {requests}\n{response}\n")
            .expect("writing to a string succeeds");
    }
    transcript
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

/// Two names that differ only in case are two fields.
#[test]
fn field_names_that_differ_in_case_are_distinct() {
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

/// A call with unknown names ends without a request per name.
#[test]
fn many_unknown_names_cost_few_requests() {
    let mut harness = Harness::new();
    let names: Vec<_> = (0..200).map(|n| format!("Nope {n}")).collect();
    let filter = json!([{ "op": "in", "field": "companyID", "value": names }]);
    let response = harness.json("query-entity", &json!({ "entity": "Tickets", "query": filter }));
    assert_eq!(response["error"]["code"], "no-such-name", "{response}");
    let requests = harness.requests();
    assert!(requests.len() < 15, "{} requests", requests.len());
}
