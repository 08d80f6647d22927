//! Protection of the tenant: bursts of failing calls, duplicate creates, and cancelled calls.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support;

use std::time::Duration;

use autotask_mcp::app::parse_arguments;
use autotask_mcp::render::ToolResponse;
use autotask_sandbox::Fault;
use futures_util::future::join_all;
use serde_json::{Value, json};
use support::Harness;

/// Makes all calls concurrently.
fn call_all(harness: &Harness, calls: &[(&str, Value)]) -> Vec<ToolResponse> {
    let call = |(tool, arguments): &(&str, Value)| {
        let arguments = parse_arguments(&arguments.to_string()).expect("arguments");
        let (app, tool) = (harness.app.clone(), (*tool).to_owned());
        async move { app.call_as_operator(&tool, arguments).await.expect("a tool") }
    };
    harness.runtime.block_on(join_all(calls.iter().map(call)))
}

fn code(response: &ToolResponse) -> String {
    let error = response.error.as_ref().map(|error| error["error"]["code"].clone());
    error.and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default()
}

fn contact(name: &str) -> (&'static str, Value) {
    let fields = json!({ "companyID": 412, "firstName": "Ada", "lastName": name, "confirm": "CREATE_CONTACT" });
    ("create-contact", fields)
}

fn tickets(count: i64) -> Vec<(&'static str, Value)> {
    (0..count)
        .map(|number| ("get-ticket", json!({ "id": 8001 + number, "fields": "id" })))
        .collect()
}

fn sent(harness: &mut Harness, part: &str) -> usize {
    harness.requests().iter().filter(|request| request.contains(part)).count()
}

#[test]
fn a_burst_with_bad_credentials_is_stopped_after_those_in_flight() {
    let mut harness = Harness::new();
    harness.call("get-threshold-information", "{}");
    harness.sandbox.queue_faults(std::iter::repeat_n(Some(Fault::Unauthorized), 60));
    let responses = call_all(&harness, &tickets(30));
    assert!(responses.iter().all(|response| code(response) == "auth-failed"));
    let requests = harness.requests();
    let count = |part: &str| requests.iter().filter(|request| request.contains(part)).count();
    assert!(count("/Tickets/") <= 3, "{requests:?}");
    assert!(count("zoneInformation") <= 4, "{requests:?}");
}

/// At most three reads are sent together with the first reading of the usage; they fail like the others.
#[test]
fn almost_nothing_is_sent_if_the_threshold_is_reached_at_the_start() {
    let mut harness = Harness::new();
    harness.sandbox.set_used(9_600);
    let mut calls = tickets(10);
    calls.push(contact("Loaf"));
    let responses = call_all(&harness, &calls);
    assert!(
        responses.iter().all(|response| code(response) == "threshold-reached"),
        "{responses:?}"
    );
    let requests = harness.requests();
    let is_service = |request: &&String| {
        request.contains("zoneInformation") || request.contains("ThresholdInformation")
    };
    assert!(requests.iter().filter(|request| !is_service(request)).count() <= 3, "{requests:?}");
    assert_eq!(harness.sandbox.created("Contacts"), 0);
    call_all(&harness, &calls);
    assert_eq!(harness.requests().len(), 0, "the usage is known");
}

#[test]
fn a_burst_does_not_exceed_the_threshold() {
    let mut harness = Harness::new();
    harness.sandbox.set_used(9_489);
    call_all(&harness, &tickets(40));
    let sent = sent(&mut harness, "/Tickets/");
    assert!((5..=13).contains(&sent), "{sent} requests were sent, about 10 were left");
}

#[test]
fn a_threshold_error_of_autotask_stops_requests() {
    let mut harness = Harness::new();
    harness.call("get-version", "{}");
    harness.sandbox.queue_faults([Some(Fault::ThresholdExceeded)]);
    harness.call("get-ticket", "{\"id\":8107}");
    harness.requests();
    assert!(harness.call("get-ticket", "{\"id\":8107}").starts_with("threshold-reached"));
    assert_eq!(harness.requests().len(), 0);
}

#[test]
fn identical_concurrent_creates_create_one_record() {
    let harness = Harness::new();
    let first = json!({ "companyID": 412, "firstName": "Ada", "lastName": "Loaf", "isActive": 1 });
    let other =
        json!({ "isActive": "1", "lastName": "Loaf", "firstName": "Ada", "companyID": "412" });
    let generic = |fields: &Value| {
        (
            "create-entity",
            json!({ "entity": "Contacts", "fields": fields, "confirm": "CREATE_ENTITY" }),
        )
    };
    let responses =
        call_all(&harness, &[generic(&first), generic(&other), contact("Loaf"), contact("Other")]);
    let codes: Vec<_> = responses.iter().map(code).collect();
    assert_eq!(codes.iter().filter(|code| *code == "duplicate-write").count(), 2, "{codes:?}");
    assert_eq!(harness.sandbox.created("Contacts"), 2);
}

#[test]
fn a_failed_create_can_be_repeated() {
    let harness = Harness::new();
    harness.call("describe-entity-fields", "{\"entity\":\"Contacts\"}");
    harness.sandbox.queue_faults([Some(Fault::ValidationError)]);
    assert_eq!(code(&call_all(&harness, &[contact("Loaf")])[0]), "rejected");
    assert_eq!(code(&call_all(&harness, &[contact("Loaf")])[0]), "");
}

/// After an unknown outcome, the same create is rejected with a search that shows whether the record exists.
#[test]
fn a_create_with_an_unknown_outcome_is_not_repeated() {
    for handled in [true, false] {
        let mut harness = Harness::new();
        harness.call("describe-entity-fields", "{\"entity\":\"Contacts\"}");
        harness.sandbox.queue_faults([Some(Fault::Disconnect { handled })]);
        assert_eq!(code(&call_all(&harness, &[contact("Loaf")])[0]), "outcome-unknown");
        let made = harness.sandbox.created("Contacts");
        harness.requests();
        let repeated = &call_all(&harness, &[contact("Loaf")])[0];
        assert_eq!(code(repeated), "duplicate-write");
        assert!(repeated.text.contains("query-entity {"), "{}", repeated.text);
        assert_eq!(harness.requests().len(), 0);
        let (tool, mut expected) = contact("Loaf");
        expected["allowDuplicate"] = true.into();
        assert_eq!(code(&call_all(&harness, &[(tool, expected)])[0]), "");
        assert_eq!(harness.sandbox.created("Contacts"), made + 1);
    }
}

#[test]
fn a_deleted_record_can_be_created_again() {
    let mut harness = Harness::new();
    let fields = json!({ "companyID": 412, "description": "c", "startDateTime": "2026-07-01T10:00:00Z",
        "endDateTime": "2026-07-01T11:00:00Z", "status": 1 });
    let create = json!({ "entity": "ServiceCalls", "fields": fields, "confirm": "CREATE_ENTITY" });
    let created = harness.json("create-entity", &create);
    let repeated = harness.json("create-entity", &create);
    assert_eq!(repeated["error"]["code"], "duplicate-write", "{repeated}");
    let removed =
        json!({ "entity": "ServiceCalls", "id": created["itemId"], "confirm": "DELETE_ENTITY" });
    harness.json("delete-entity", &removed);
    let repeated = harness.json("create-entity", &create);
    assert!(repeated["itemId"].is_i64(), "{repeated}");
    assert_eq!(sent(&mut harness, "POST /atservicesrest/V1.0/ServiceCalls"), 2);
    let mut allowed = create.clone();
    allowed["allowDuplicate"] = true.into();
    let duplicate = harness.json("create-entity", &allowed);
    let removed =
        json!({ "entity": "ServiceCalls", "id": duplicate["itemId"], "confirm": "DELETE_ENTITY" });
    harness.json("delete-entity", &removed);
    let rejection = harness.json("create-entity", &create);
    assert_eq!(rejection["error"]["code"], "duplicate-write", "one is left: {rejection}");
    assert!(rejection.to_string().contains(&repeated["itemId"].to_string()), "{rejection}");
}

/// A record of an earlier create is not reported as the possibly created one.
#[test]
fn an_outcome_check_excludes_records_of_other_calls() {
    let harness = Harness::new();
    let (tool, mut arguments) = contact("Ebb");
    let created = harness.json(tool, &arguments)["itemId"].clone();
    arguments["allowDuplicate"] = true.into();
    for fault in [Fault::Empty500, Fault::NoResponse { handled: false }] {
        harness.sandbox.queue_faults([Some(fault)]);
        let lost = harness.json(tool, &arguments);
        assert_eq!(lost["error"]["code"], "outcome-unknown", "{lost}");
        let response = lost["error"]["message"].as_str().unwrap_or_default();
        assert!(response.contains("found no such Contact"), "{response}");
        assert!(response.contains(&format!("Created by other calls: {created}.")), "{response}");
    }
}

/// The preview of a duplicate warns, and offers a confirm value only with `allowDuplicate`.
#[test]
fn the_preview_of_a_duplicate_warns() {
    for mode in ["token", "bound"] {
        let harness = Harness::with([("AUTOTASK_CONFIRM_MODE", mode)]);
        let (tool, mut arguments) = contact("Ebb");
        arguments["confirm"] = Value::Null;
        let confirm_value = |preview: &Value| {
            let accepted = preview["error"]["accepted"].as_str().expect("accepted values");
            accepted.strip_prefix("confirm: ").map(str::to_owned)
        };
        arguments["confirm"] = confirm_value(&harness.json(tool, &arguments)).into();
        let created = harness.json(tool, &arguments)["itemId"].clone();
        arguments["confirm"] = Value::Null;
        for allow in [false, true] {
            arguments["allowDuplicate"] = allow.into();
            let preview = harness.json(tool, &arguments);
            let warnings = preview["error"]["preview"]["warnings"].to_string();
            assert!(warnings.contains(&format!("its id is {created}")), "{preview}");
            assert_eq!(confirm_value(&preview).is_some(), allow, "{preview}");
            let response = preview["error"]["next"].to_string();
            assert!(allow || response.contains("allowDuplicate"), "{preview}");
        }
    }
}

#[test]
fn a_waiting_write_is_cancelled_with_its_call() {
    let harness = Harness::new();
    harness.call("get-version", "{}");
    harness.sandbox.queue_faults([Some(Fault::TooManyRequests { retry_after: Some("20".into()) })]);
    harness.runtime.block_on(async {
        let (tool, arguments) = contact("Loaf");
        let arguments = parse_arguments(&arguments.to_string()).expect("arguments");
        let call = harness.app.call_as_operator(tool, arguments);
        assert!(tokio::time::timeout(Duration::from_secs(5), call).await.is_err());
        tokio::time::sleep(Duration::from_secs(60)).await;
    });
    assert_eq!(harness.sandbox.created("Contacts"), 0);
    assert_eq!(code(&call_all(&harness, &[contact("Loaf")])[0]), "", "the reservation is released");
}

/// A read after a write does not join an identical read that started before it.
#[test]
fn a_read_after_a_write_sends_a_new_request() {
    let harness = Harness::new();
    harness.call("get-version", "{}");
    harness.sandbox.queue_faults([Some(Fault::Delayed(Duration::from_secs(9)))]);
    let call = |tool: &'static str, arguments: Value| {
        let arguments = parse_arguments(&arguments.to_string()).expect("arguments");
        harness.app.call_as_operator(tool, arguments)
    };
    let list = json!({ "entity": "Contacts", "query": [{ "op": "eq", "field": "lastName", "value": "Loaf" }] });
    let (before, after) = harness.runtime.block_on(async {
        tokio::join!(call("query-entity", list.clone()), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let (tool, arguments) = contact("Loaf");
            call(tool, arguments).await;
            call("query-entity", list.clone()).await
        })
    });
    let count = |response: Option<ToolResponse>| {
        let text = response.expect("a response").text;
        serde_json::from_str::<Value>(&text).expect("JSON")["count"].clone()
    };
    assert_eq!((count(before), count(after)), (json!(0), json!(1)));
}

/// Redaction does not change a customer's text that looks like a header.
#[test]
fn texts_that_look_like_headers_are_unchanged() {
    let harness = Harness::new();
    for title in ["Authorization:", "Secret:\nhello", "Secret: \"", "Secret: Santa", "UserName=x"] {
        let ticket = json!({ "title": title, "companyID": 412, "status": 1, "priority": 2, "queueID": 8, "confirm": "CREATE_TICKET" });
        let created = harness.json("create-ticket", &ticket);
        let read =
            harness.json("get-ticket", &json!({ "id": created["itemId"], "fields": "title" }));
        assert_eq!(read["item"]["title"], title, "{created}");
    }
}
