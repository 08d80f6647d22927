//! Codes of `bound` mode: good once, for ten minutes, for exactly the write that was shown.
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
    let shown = harness.json(tool, arguments);
    assert_eq!(shown["error"]["code"], "confirm-required", "{shown}");
    let accepted = shown["error"]["accepted"].as_str().expect("a code");
    accepted.strip_prefix("confirm: ").expect("a code").to_owned()
}

fn with(mut arguments: Value, more: Value) -> Value {
    let (Some(all), Value::Object(more)) = (arguments.as_object_mut(), more) else {
        return arguments;
    };
    all.extend(more);
    arguments
}

fn outcome(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or("written")
}

/// Uses a contact's code for a call; what came of it.
fn check(tool: &str, arguments: Value, as_written: &dyn Fn(&str) -> String) -> String {
    let harness = bound();
    let confirm = as_written(&code(&harness, "create-contact", &contact()));
    let call = with(arguments, json!({ "confirm": confirm }));
    let answer = harness.json(tool, &call);
    let made = usize::from(outcome(&answer) == "written");
    assert_eq!(harness.sandbox.created("Contacts"), made, "{call}");
    outcome(&answer).to_owned()
}

#[test]
fn a_code_is_good_for_what_was_shown() {
    let same = json!({ "lastName": "Ebb", "firstName": "Ada", "companyID": "412" });
    for (arguments, expected) in [
        (contact(), "written"),
        (same, "written"),
        (with(contact(), json!({ "firstName": "Eda" })), "confirm-mismatch"),
        (with(contact(), json!({ "companyID": 413 })), "confirm-mismatch"),
        (with(contact(), json!({ "title": "x" })), "confirm-mismatch"),
        (with(contact(), json!({ "allowDuplicate": true })), "confirm-mismatch"),
    ] {
        let printed = check("create-contact", arguments.clone(), &str::to_owned);
        assert_eq!(printed, expected, "{arguments}");
    }
    let fields = with(contact(), json!({ "isActive": 1 }));
    let alike = json!({ "entity": "Contacts", "fields": fields });
    let other = |code: &str| code.replace("CREATE_CONTACT", "CREATE_ENTITY");
    assert_eq!(check("create-entity", alike, &other), "confirm-mismatch");
}

#[test]
fn a_code_is_taken_as_it_is() {
    let spellings: [fn(&str) -> String; 5] = [
        |code| code.to_lowercase(),
        |code| format!(" {code}"),
        |code| format!("{code}\n"),
        |code| format!("{code}A"),
        |code| code.replace(':', ""),
    ];
    for as_written in spellings {
        let printed = check("create-contact", contact(), &as_written);
        assert_eq!(printed, "confirm-mismatch", "{}", as_written("CREATE_CONTACT:aB"));
    }
}

#[test]
fn a_code_is_good_once() {
    let harness = bound();
    let given = with(contact(), json!({ "allowDuplicate": true }));
    let confirm = code(&harness, "create-contact", &given);
    let call = with(given, json!({ "confirm": confirm }));
    assert_eq!(outcome(&harness.json("create-contact", &call)), "written");
    let again = harness.json("create-contact", &call);
    assert_eq!(outcome(&again), "confirm-mismatch");
    assert!(again.to_string().contains("already used"), "{again}");
    assert_eq!(harness.sandbox.created("Contacts"), 1);
}

#[test]
fn of_two_uses_at_the_same_moment_one_writes() {
    let harness = bound();
    let given = with(contact(), json!({ "allowDuplicate": true }));
    let confirm = code(&harness, "create-contact", &given);
    let call = with(given, json!({ "confirm": confirm }));
    let call = call.as_object().expect("an object");
    let calls = (0..8).map(|_| harness.app.call_as_operator("create-contact", call.clone()));
    let answers: Vec<_> = harness.runtime.block_on(join_all(calls));
    let written =
        |answer: &&Option<ToolResponse>| answer.as_ref().is_some_and(|a| a.error.is_none());
    assert_eq!(answers.iter().filter(written).count(), 1, "{answers:?}");
    assert_eq!(harness.sandbox.created("Contacts"), 1);
}

#[test]
fn a_code_is_good_for_ten_minutes() {
    for (seconds, expected) in [(597, "written"), (603, "confirm-mismatch")] {
        let harness = bound();
        let confirm = code(&harness, "create-contact", &contact());
        let wait = Duration::from_secs(seconds);
        harness.runtime.block_on(async { tokio::time::sleep(wait).await });
        let call = with(contact(), json!({ "confirm": confirm }));
        let answer = harness.json("create-contact", &call);
        assert_eq!(outcome(&answer), expected, "{seconds}: {answer}");
    }
}

#[test]
fn a_code_is_good_in_its_process_alone() {
    let confirm = code(&bound(), "create-contact", &contact());
    let call = with(contact(), json!({ "confirm": confirm }));
    let answer = bound().json("create-contact", &call);
    assert_eq!(outcome(&answer), "confirm-mismatch");
}

/// Without Redis nobody would know that another process took the code.
#[test]
fn a_common_key_alone_does_not_carry_a_code_over() {
    let keyed = || {
        let key = "the-same-key-in-every-process-of-ours";
        let settings = [("AUTOTASK_CONFIRM_MODE", "bound"), ("AUTOTASK_HTTP_STATE_KEY", key)];
        Harness::with(settings)
    };
    let confirm = code(&keyed(), "create-contact", &contact());
    let call = with(contact(), json!({ "confirm": confirm }));
    let answer = keyed().json("create-contact", &call);
    assert_eq!(outcome(&answer), "confirm-mismatch");
}

#[test]
fn a_code_is_good_for_its_caller_alone() {
    let harness = bound();
    let confirm = code(&harness, "create-contact", &contact());
    let call = with(contact(), json!({ "confirm": confirm }));
    let call = call.as_object().expect("an object");
    let gate: Access = harness.app.operator().access().clone();
    let other = Caller::named("night shift", gate);
    let sent_request = harness.app.call_tool(&other, &NoClient, "create-contact", call.clone());
    let answer = harness.runtime.block_on(sent_request).expect("a tool");
    assert!(answer.text.starts_with("confirm-mismatch"), "{}", answer.text);
    assert_eq!(harness.sandbox.created("Contacts"), 0);
}

/// Two previews of the same write have codes of their own; each unlocks one write.
#[test]
fn no_two_codes_are_equal() {
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
