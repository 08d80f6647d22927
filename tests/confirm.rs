//! Confirmation codes of `bound` mode: valid once, for ten minutes, and only for the previewed write.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support;

use std::time::Duration;

use autotask_mcp::access::Access;
use autotask_mcp::access::caller::{Caller, NoClient};
use autotask_mcp::render::ToolResponse;
use futures_util::future::join_all;
use serde_json::{Value, json};
use support::Harness;

fn bound() -> Harness {
    Harness::with([("AUTOTASK_CONFIRM_MODE", "bound")])
}

fn contact() -> Value {
    json!({ "companyID": 412, "firstName": "Ada", "lastName": "Ebb" })
}

/// The code of a call's preview.
fn code(harness: &Harness, tool: &str, arguments: &Value) -> String {
    let preview = harness.json(tool, arguments);
    assert_eq!(preview["error"]["code"], "confirm-required", "{preview}");
    let accepted = preview["error"]["accepted"].as_str().expect("a code");
    accepted.strip_prefix("confirm: ").expect("a code").to_owned()
}

fn with(mut arguments: Value, more: Value) -> Value {
    let (Some(all), Value::Object(more)) = (arguments.as_object_mut(), more) else {
        return arguments;
    };
    all.extend(more);
    arguments
}

fn outcome(response: &Value) -> &str {
    response["error"]["code"].as_str().unwrap_or("written")
}

/// The outcome of a call with the code of a contact's preview, after a change to the code.
fn outcome_with_code(tool: &str, arguments: Value, change: &dyn Fn(&str) -> String) -> String {
    let harness = bound();
    let confirm = change(&code(&harness, "create-contact", &contact()));
    let call = with(arguments, json!({ "confirm": confirm }));
    let response = harness.json(tool, &call);
    let expected = usize::from(outcome(&response) == "written");
    assert_eq!(harness.sandbox.created("Contacts"), expected, "{call}");
    outcome(&response).to_owned()
}

#[test]
fn a_code_is_valid_only_for_the_previewed_write() {
    let same = json!({ "lastName": "Ebb", "firstName": "Ada", "companyID": "412" });
    for (arguments, expected) in [
        (contact(), "written"),
        (same, "written"),
        (with(contact(), json!({ "firstName": "Eda" })), "confirm-mismatch"),
        (with(contact(), json!({ "companyID": 413 })), "confirm-mismatch"),
        (with(contact(), json!({ "title": "x" })), "confirm-mismatch"),
        (with(contact(), json!({ "allowDuplicate": true })), "confirm-mismatch"),
    ] {
        let outcome = outcome_with_code("create-contact", arguments.clone(), &str::to_owned);
        assert_eq!(outcome, expected, "{arguments}");
    }
    let fields = with(contact(), json!({ "isActive": 1 }));
    let generic = json!({ "entity": "Contacts", "fields": fields });
    let other = |code: &str| code.replace("CREATE_CONTACT", "CREATE_ENTITY");
    assert_eq!(outcome_with_code("create-entity", generic, &other), "confirm-mismatch");
}

#[test]
fn a_changed_code_is_rejected() {
    let changes: [fn(&str) -> String; 5] = [
        |code| code.to_lowercase(),
        |code| format!(" {code}"),
        |code| format!("{code}\n"),
        |code| format!("{code}A"),
        |code| code.replace(':', ""),
    ];
    for change in changes {
        let outcome = outcome_with_code("create-contact", contact(), &change);
        assert_eq!(outcome, "confirm-mismatch", "{}", change("CREATE_CONTACT:aB"));
    }
}

#[test]
fn a_code_is_valid_once() {
    let harness = bound();
    let arguments = with(contact(), json!({ "allowDuplicate": true }));
    let confirm = code(&harness, "create-contact", &arguments);
    let call = with(arguments, json!({ "confirm": confirm }));
    assert_eq!(outcome(&harness.json("create-contact", &call)), "written");
    let repeated = harness.json("create-contact", &call);
    assert_eq!(outcome(&repeated), "confirm-mismatch");
    assert!(repeated.to_string().contains("already used"), "{repeated}");
    assert_eq!(harness.sandbox.created("Contacts"), 1);
}

#[test]
fn of_concurrent_uses_of_a_code_one_writes() {
    let harness = bound();
    let arguments = with(contact(), json!({ "allowDuplicate": true }));
    let confirm = code(&harness, "create-contact", &arguments);
    let call = with(arguments, json!({ "confirm": confirm }));
    let call = call.as_object().expect("an object");
    let calls = (0..8).map(|_| harness.app.call_as_operator("create-contact", call.clone()));
    let responses: Vec<_> = harness.runtime.block_on(join_all(calls));
    let written =
        |response: &&Option<ToolResponse>| response.as_ref().is_some_and(|a| a.error.is_none());
    assert_eq!(responses.iter().filter(written).count(), 1, "{responses:?}");
    assert_eq!(harness.sandbox.created("Contacts"), 1);
}

#[test]
fn a_code_is_valid_for_ten_minutes() {
    for (seconds, expected) in [(597, "written"), (603, "confirm-mismatch")] {
        let harness = bound();
        let confirm = code(&harness, "create-contact", &contact());
        let wait = Duration::from_secs(seconds);
        harness.runtime.block_on(async { tokio::time::sleep(wait).await });
        let call = with(contact(), json!({ "confirm": confirm }));
        let response = harness.json("create-contact", &call);
        assert_eq!(outcome(&response), expected, "{seconds}: {response}");
    }
}

#[test]
fn a_code_is_valid_only_in_its_process() {
    let confirm = code(&bound(), "create-contact", &contact());
    let call = with(contact(), json!({ "confirm": confirm }));
    let response = bound().json("create-contact", &call);
    assert_eq!(outcome(&response), "confirm-mismatch");
}

/// Without Redis, a process cannot know that another one has already accepted the code.
#[test]
fn a_shared_key_without_redis_does_not_share_codes() {
    let keyed = || {
        let key = "the-same-key-in-every-process-of-ours";
        let settings = [("AUTOTASK_CONFIRM_MODE", "bound"), ("AUTOTASK_HTTP_STATE_KEY", key)];
        Harness::with(settings)
    };
    let confirm = code(&keyed(), "create-contact", &contact());
    let call = with(contact(), json!({ "confirm": confirm }));
    let response = keyed().json("create-contact", &call);
    assert_eq!(outcome(&response), "confirm-mismatch");
}

#[test]
fn a_code_is_valid_only_for_its_caller() {
    let harness = bound();
    let confirm = code(&harness, "create-contact", &contact());
    let call = with(contact(), json!({ "confirm": confirm }));
    let call = call.as_object().expect("an object");
    let access: Access = harness.app.operator().access().clone();
    let other = Caller::named("night shift", access);
    let call = harness.app.call_tool(&other, &NoClient, "create-contact", call.clone());
    let response = harness.runtime.block_on(call).expect("a tool");
    assert!(response.text.starts_with("confirm-mismatch"), "{}", response.text);
    assert_eq!(harness.sandbox.created("Contacts"), 0);
}

/// Each preview of the same write has a different code.
#[test]
fn codes_are_unique() {
    let harness = bound();
    let codes: Vec<_> = (0..100).map(|_| code(&harness, "create-contact", &contact())).collect();
    let different: std::collections::HashSet<_> = codes.iter().collect();
    assert_eq!(different.len(), codes.len());
}

#[test]
fn an_update_is_bound_to_its_record() {
    let harness = bound();
    let update = json!({ "id": 8107, "priority": 1 });
    let confirm = code(&harness, "update-ticket", &update);
    let other = json!({ "id": 8147, "priority": 1, "confirm": confirm });
    assert_eq!(outcome(&harness.json("update-ticket", &other)), "confirm-mismatch");
    let own = with(update, json!({ "confirm": confirm }));
    assert_eq!(outcome(&harness.json("update-ticket", &own)), "written");
}
