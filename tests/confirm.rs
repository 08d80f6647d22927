//! Codes of `bound` mode: good once, for ten minutes, for exactly the write that was shown.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

mod room;

use std::time::Duration;

use autotask_mcp::answer::Answer;
use autotask_mcp::caller::{Caller, Silent};
use autotask_mcp::gate::Gate;
use futures_util::future::join_all;
use room::Room;
use serde_json::{Value, json};

fn bound() -> Room {
    Room::with([("AUTOTASK_CONFIRM_MODE", "bound")])
}

fn contact() -> Value {
    json!({ "companyID": 412, "firstName": "Ada", "lastName": "Ebb" })
}

/// The code of a call's preview.
fn code(room: &Room, tool: &str, arguments: &Value) -> String {
    let shown = room.json(tool, arguments);
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
fn check(tool: &str, arguments: Value, spelled: &dyn Fn(&str) -> String) -> String {
    let room = bound();
    let confirm = spelled(&code(&room, "create-contact", &contact()));
    let call = with(arguments, json!({ "confirm": confirm }));
    let answer = room.json(tool, &call);
    let made = usize::from(outcome(&answer) == "written");
    assert_eq!(room.sandbox.created("Contacts"), made, "{call}");
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
        let said = check("create-contact", arguments.clone(), &str::to_owned);
        assert_eq!(said, expected, "{arguments}");
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
    for spelled in spellings {
        let said = check("create-contact", contact(), &spelled);
        assert_eq!(said, "confirm-mismatch", "{}", spelled("CREATE_CONTACT:aB"));
    }
}

#[test]
fn a_code_is_good_once() {
    let room = bound();
    let given = with(contact(), json!({ "allowDuplicate": true }));
    let confirm = code(&room, "create-contact", &given);
    let call = with(given, json!({ "confirm": confirm }));
    assert_eq!(outcome(&room.json("create-contact", &call)), "written");
    let again = room.json("create-contact", &call);
    assert_eq!(outcome(&again), "confirm-mismatch");
    assert!(again.to_string().contains("used already"), "{again}");
    assert_eq!(room.sandbox.created("Contacts"), 1);
}

#[test]
fn of_two_uses_at_the_same_moment_one_writes() {
    let room = bound();
    let given = with(contact(), json!({ "allowDuplicate": true }));
    let confirm = code(&room, "create-contact", &given);
    let call = with(given, json!({ "confirm": confirm }));
    let call = call.as_object().expect("an object");
    let calls = (0..8).map(|_| room.desk.call("create-contact", call.clone()));
    let answers: Vec<_> = room.runtime.block_on(join_all(calls));
    let written = |answer: &&Option<Answer>| answer.as_ref().is_some_and(|a| a.error.is_none());
    assert_eq!(answers.iter().filter(written).count(), 1, "{answers:?}");
    assert_eq!(room.sandbox.created("Contacts"), 1);
}

#[test]
fn a_code_is_good_for_ten_minutes() {
    for (seconds, expected) in [(597, "written"), (603, "confirm-mismatch")] {
        let room = bound();
        let confirm = code(&room, "create-contact", &contact());
        let wait = Duration::from_secs(seconds);
        room.runtime.block_on(async { tokio::time::sleep(wait).await });
        let call = with(contact(), json!({ "confirm": confirm }));
        let answer = room.json("create-contact", &call);
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
        Room::with(settings)
    };
    let confirm = code(&keyed(), "create-contact", &contact());
    let call = with(contact(), json!({ "confirm": confirm }));
    let answer = keyed().json("create-contact", &call);
    assert_eq!(outcome(&answer), "confirm-mismatch");
}

#[test]
fn a_code_is_good_for_its_caller_alone() {
    let room = bound();
    let confirm = code(&room, "create-contact", &contact());
    let call = with(contact(), json!({ "confirm": confirm }));
    let call = call.as_object().expect("an object");
    let gate: Gate = room.desk.owner().gate().clone();
    let other = Caller::named("night shift", gate);
    let asked = room.desk.answer(&other, &Silent, "create-contact", call.clone());
    let answer = room.runtime.block_on(asked).expect("a tool");
    assert!(answer.text.starts_with("confirm-mismatch"), "{}", answer.text);
    assert_eq!(room.sandbox.created("Contacts"), 0);
}

/// Two previews of the same write have codes of their own; each unlocks one write.
#[test]
fn no_two_codes_are_equal() {
    let room = bound();
    let codes: Vec<_> = (0..100).map(|_| code(&room, "create-contact", &contact())).collect();
    let different: std::collections::HashSet<_> = codes.iter().collect();
    assert_eq!(different.len(), codes.len());
}

#[test]
fn an_update_is_bound_to_its_record() {
    let room = bound();
    let update = json!({ "id": 8107, "priority": 1 });
    let confirm = code(&room, "update-ticket", &update);
    let other = json!({ "id": 8147, "priority": 1, "confirm": confirm });
    assert_eq!(outcome(&room.json("update-ticket", &other)), "confirm-mismatch");
    let own = with(update, json!({ "confirm": confirm }));
    assert_eq!(outcome(&room.json("update-ticket", &own)), "written");
}
