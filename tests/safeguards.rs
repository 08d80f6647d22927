//! What protects the tenant when many callers stumble at once, and what a caller who leaves takes along.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support;

use std::time::Duration;

use autotask_mcp::app::parse_arguments;
use autotask_mcp::render::ToolResponse;
use autotask_sandbox::Fault;
use futures_util::future::join_all;
use serde_json::{Value, json};
use support::Harness;

/// Calls all at once.
fn all(harness: &Harness, calls: &[(&str, Value)]) -> Vec<ToolResponse> {
    let call = |(tool, given): &(&str, Value)| {
        let given = parse_arguments(&given.to_string()).expect("arguments");
        let (app, tool) = (harness.app.clone(), (*tool).to_owned());
        async move { app.call_as_operator(&tool, given).await.expect("a tool") }
    };
    harness.runtime.block_on(join_all(calls.iter().map(call)))
}

fn code(answer: &ToolResponse) -> String {
    let error = answer.error.as_ref().map(|error| error["error"]["code"].clone());
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
    let answers = all(&harness, &tickets(30));
    assert!(answers.iter().all(|answer| code(answer) == "auth-failed"));
    let requests = harness.requests();
    let of = |part: &str| requests.iter().filter(|request| request.contains(part)).count();
    assert!(of("/Tickets/") <= 3, "{requests:?}");
    assert!(of("zoneInformation") <= 4, "{requests:?}");
}

/// At most three reads are sent together with the first reading of the usage; they fail like the others.
#[test]
fn almost_nothing_is_sent_when_the_budget_is_used_up_already() {
    let mut harness = Harness::new();
    harness.sandbox.set_used(9_600);
    let mut calls = tickets(10);
    calls.push(contact("Loaf"));
    let answers = all(&harness, &calls);
    assert!(answers.iter().all(|answer| code(answer) == "threshold-reached"), "{answers:?}");
    let requests = harness.requests();
    let is_service = |request: &&String| {
        request.contains("zoneInformation") || request.contains("ThresholdInformation")
    };
    assert!(requests.iter().filter(|request| !is_service(request)).count() <= 3, "{requests:?}");
    assert_eq!(harness.sandbox.created("Contacts"), 0);
    all(&harness, &calls);
    assert_eq!(harness.requests().len(), 0, "the usage is known");
}

#[test]
fn a_burst_does_not_cross_the_budget() {
    let mut harness = Harness::new();
    harness.sandbox.set_used(9_489);
    all(&harness, &tickets(40));
    let sent = sent(&mut harness, "/Tickets/");
    assert!((5..=13).contains(&sent), "{sent} were sent of about 10 that were left");
}

#[test]
fn autotasks_own_word_on_the_budget_is_heeded() {
    let mut harness = Harness::new();
    harness.call("get-version", "{}");
    harness.sandbox.queue_faults([Some(Fault::ThresholdExceeded)]);
    harness.call("get-ticket", "{\"id\":8107}");
    harness.requests();
    assert!(harness.call("get-ticket", "{\"id\":8107}").starts_with("threshold-reached"));
    assert_eq!(harness.requests().len(), 0);
}

#[test]
fn equal_creates_make_one_record_even_at_once_and_in_any_order() {
    let harness = Harness::new();
    let one = json!({ "companyID": 412, "firstName": "Ada", "lastName": "Loaf", "isActive": 1 });
    let other =
        json!({ "isActive": "1", "lastName": "Loaf", "firstName": "Ada", "companyID": "412" });
    let generic = |fields: &Value| {
        (
            "create-entity",
            json!({ "entity": "Contacts", "fields": fields, "confirm": "CREATE_ENTITY" }),
        )
    };
    let answers =
        all(&harness, &[generic(&one), generic(&other), contact("Loaf"), contact("Other")]);
    let codes: Vec<_> = answers.iter().map(code).collect();
    assert_eq!(codes.iter().filter(|code| *code == "duplicate-write").count(), 2, "{codes:?}");
    assert_eq!(harness.sandbox.created("Contacts"), 2);
}

#[test]
fn a_create_that_failed_may_be_made_again() {
    let harness = Harness::new();
    harness.call("describe-entity-fields", "{\"entity\":\"Contacts\"}");
    harness.sandbox.queue_faults([Some(Fault::ValidationError)]);
    assert_eq!(code(&all(&harness, &[contact("Loaf")])[0]), "rejected");
    assert_eq!(code(&all(&harness, &[contact("Loaf")])[0]), "");
}

/// Whoever tries again after an unknown outcome is told to look first.
#[test]
fn a_create_of_unknown_outcome_is_not_just_made_again() {
    for handled in [true, false] {
        let mut harness = Harness::new();
        harness.call("describe-entity-fields", "{\"entity\":\"Contacts\"}");
        harness.sandbox.queue_faults([Some(Fault::Disconnect { handled })]);
        assert_eq!(code(&all(&harness, &[contact("Loaf")])[0]), "outcome-unknown");
        let made = harness.sandbox.created("Contacts");
        harness.requests();
        let again = &all(&harness, &[contact("Loaf")])[0];
        assert_eq!(code(again), "duplicate-write");
        assert!(again.text.contains("query-entity {"), "{}", again.text);
        assert_eq!(harness.requests().len(), 0);
        let (tool, mut expected) = contact("Loaf");
        expected["allowDuplicate"] = true.into();
        assert_eq!(code(&all(&harness, &[(tool, expected)])[0]), "");
        assert_eq!(harness.sandbox.created("Contacts"), made + 1);
    }
}

/// What is gone is no reason to refuse its like.
#[test]
fn a_deleted_record_may_be_made_again() {
    let mut harness = Harness::new();
    let fields = json!({ "companyID": 412, "description": "c", "startDateTime": "2026-07-01T10:00:00Z",
        "endDateTime": "2026-07-01T11:00:00Z", "status": 1 });
    let create = json!({ "entity": "ServiceCalls", "fields": fields, "confirm": "CREATE_ENTITY" });
    let made = harness.json("create-entity", &create);
    let again = harness.json("create-entity", &create);
    assert_eq!(again["error"]["code"], "duplicate-write", "{again}");
    let removed =
        json!({ "entity": "ServiceCalls", "id": made["itemId"], "confirm": "DELETE_ENTITY" });
    harness.json("delete-entity", &removed);
    let again = harness.json("create-entity", &create);
    assert!(again["itemId"].is_i64(), "{again}");
    assert_eq!(sent(&mut harness, "POST /atservicesrest/V1.0/ServiceCalls"), 2);
    let mut beside = create.clone();
    beside["allowDuplicate"] = true.into();
    let duplicate = harness.json("create-entity", &beside);
    let removed =
        json!({ "entity": "ServiceCalls", "id": duplicate["itemId"], "confirm": "DELETE_ENTITY" });
    harness.json("delete-entity", &removed);
    let rejection = harness.json("create-entity", &create);
    assert_eq!(rejection["error"]["code"], "duplicate-write", "one is left: {rejection}");
    assert!(rejection.to_string().contains(&again["itemId"].to_string()), "{rejection}");
}

/// A record of an earlier create is not taken for the one that was lost.
#[test]
fn a_look_leaves_out_what_was_made_before() {
    let harness = Harness::new();
    let (tool, mut given) = contact("Ebb");
    let made = harness.json(tool, &given)["itemId"].clone();
    given["allowDuplicate"] = true.into();
    for fault in [Fault::Empty500, Fault::NoResponse { handled: false }] {
        harness.sandbox.queue_faults([Some(fault)]);
        let lost = harness.json(tool, &given);
        assert_eq!(lost["error"]["code"], "outcome-unknown", "{lost}");
        let response = lost["error"]["message"].as_str().unwrap_or_default();
        assert!(response.contains("found no such Contact"), "{response}");
        assert!(response.contains(&format!("Created by other calls: {made}.")), "{response}");
    }
}

/// The preview of a second one says so, and how it may be made; what cannot be confirmed offers no word.
#[test]
fn a_preview_of_an_equal_create_says_so() {
    for mode in ["token", "bound"] {
        let harness = Harness::with([("AUTOTASK_CONFIRM_MODE", mode)]);
        let (tool, mut given) = contact("Ebb");
        given["confirm"] = Value::Null;
        let word = |shown: &Value| {
            let accepted = shown["error"]["accepted"].as_str().expect("a word");
            accepted.strip_prefix("confirm: ").map(str::to_owned)
        };
        given["confirm"] = word(&harness.json(tool, &given)).into();
        let made = harness.json(tool, &given)["itemId"].clone();
        given["confirm"] = Value::Null;
        for allow in [false, true] {
            given["allowDuplicate"] = allow.into();
            let shown = harness.json(tool, &given);
            let warnings = shown["error"]["preview"]["warnings"].to_string();
            assert!(warnings.contains(&format!("its id is {made}")), "{shown}");
            assert_eq!(word(&shown).is_some(), allow, "{shown}");
            let response = shown["error"]["next"].to_string();
            assert!(allow || response.contains("allowDuplicate"), "{shown}");
        }
    }
}

#[test]
fn a_write_that_waits_leaves_with_its_caller() {
    let harness = Harness::new();
    harness.call("get-version", "{}");
    harness.sandbox.queue_faults([Some(Fault::TooManyRequests { retry_after: Some("20".into()) })]);
    harness.runtime.block_on(async {
        let (tool, given) = contact("Loaf");
        let given = parse_arguments(&given.to_string()).expect("arguments");
        let call = harness.app.call_as_operator(tool, given);
        assert!(tokio::time::timeout(Duration::from_secs(5), call).await.is_err());
        tokio::time::sleep(Duration::from_secs(60)).await;
    });
    assert_eq!(harness.sandbox.created("Contacts"), 0);
    assert_eq!(code(&all(&harness, &[contact("Loaf")])[0]), "", "its place is free again");
}

/// What is read after a write is not what somebody began to read before it.
#[test]
fn who_reads_after_a_write_reads_anew() {
    let harness = Harness::new();
    harness.call("get-version", "{}");
    harness.sandbox.queue_faults([Some(Fault::Delayed(Duration::from_secs(9)))]);
    let call = |tool: &'static str, given: Value| {
        let given = parse_arguments(&given.to_string()).expect("arguments");
        harness.app.call_as_operator(tool, given)
    };
    let list = json!({ "entity": "Contacts", "query": [{ "op": "eq", "field": "lastName", "value": "Loaf" }] });
    let (before, after) = harness.runtime.block_on(async {
        tokio::join!(call("query-entity", list.clone()), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let (tool, given) = contact("Loaf");
            call(tool, given).await;
            call("query-entity", list.clone()).await
        })
    });
    let count = |answer: Option<ToolResponse>| {
        let text = answer.expect("an answer").text;
        serde_json::from_str::<Value>(&text).expect("JSON")["count"].clone()
    };
    assert_eq!((count(before), count(after)), (json!(0), json!(1)));
}

/// What a customer wrote stays as it is, however much it looks like a header.
#[test]
fn texts_that_look_like_headers_stay() {
    let harness = Harness::new();
    for title in ["Authorization:", "Secret:\nhello", "Secret: \"", "Secret: Santa", "UserName=x"] {
        let ticket = json!({ "title": title, "companyID": 412, "status": 1, "priority": 2, "queueID": 8, "confirm": "CREATE_TICKET" });
        let made = harness.json("create-ticket", &ticket);
        let read = harness.json("get-ticket", &json!({ "id": made["itemId"], "fields": "title" }));
        assert_eq!(read["item"]["title"], title, "{made}");
    }
}
