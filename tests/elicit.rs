//! `elicit` mode: the person decides, in the manner of either era; who cannot be asked needs a code.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

mod room;

use std::future::ready;
use std::sync::Mutex;

use autotask_mcp::caller::{Asking, Line, No, Question, Said, Silent};
use autotask_mcp::desk::arguments;
use autotask_sandbox::SchemaOverride;
use room::Room;
use serde_json::{Value, json};

/// A person who says what they are told to; a yes brings back the code of the question.
struct Person {
    says: fn(String) -> Said,
    heard: Mutex<Vec<Question>>,
}

impl Line for Person {
    fn can_ask(&self) -> bool {
        true
    }

    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a> {
        self.heard.lock().expect("one test").push(question.clone());
        Box::pin(ready((self.says)(question.code.clone())))
    }
}

fn person(says: fn(String) -> Said) -> Person {
    let heard = Mutex::default();
    Person { says, heard }
}

fn elicit() -> Room {
    Room::with([("AUTOTASK_CONFIRM_MODE", "elicit")])
}

fn call(room: &Room, line: &dyn Line, tool: &str, given: &Value) -> Value {
    let given = arguments(&given.to_string()).expect("arguments");
    let asked = room.desk.answer(room.desk.owner(), line, tool, given);
    let answer = room.runtime.block_on(asked).expect("a tool");
    let read = || serde_json::from_str(&answer.text).expect("JSON");
    answer.error.clone().unwrap_or_else(read)
}

fn contact() -> Value {
    json!({ "companyID": 412, "firstName": "Ada", "lastName": "Ebb" })
}

/// What the person says; what is answered, in part.
type Row = (fn(String) -> Said, &'static str, &'static str);

#[test]
fn the_person_decides() {
    let rows: [Row; 6] = [
        (Said::Yes, "itemId", ""),
        (|_| Said::No(No::Declined, None), "confirm-required", "declined"),
        (|_| Said::No(No::Dismissed, None), "confirm-required", "closed"),
        (|_| Said::No(No::Unanswered, None), "confirm-required", "did not arrive"),
        (|_| Said::Later, "confirm-required", "is asked"),
        (|_| Said::Yes("CREATE_CONTACT".into()), "confirm-mismatch", ""),
    ];
    for (says, expected, words) in rows {
        let (room, person) = (elicit(), person(says));
        let answer = call(&room, &person, "create-contact", &contact());
        let text = answer.to_string();
        assert!(text.contains(expected) && text.contains(words), "{text}");
        let made = usize::from(expected == "itemId");
        assert_eq!(room.sandbox.created("Contacts"), made, "{text}");
        let heard = person.heard.lock().expect("one test");
        assert_eq!(heard.len(), 1);
        assert_eq!(heard[0].preview["body"]["firstName"], "Ada");
    }
}

/// The model's word counts for nothing where the person can be asked.
#[test]
fn no_word_goes_around_the_person() {
    for confirm in ["CREATE_CONTACT", "CREATE_CONTACT:AAAAAAAAAAAAAAAAAAAAAAAA", ""] {
        let (room, person) = (elicit(), person(|_| Said::No(No::Declined, None)));
        let mut given = contact();
        given["confirm"] = confirm.into();
        call(&room, &person, "create-contact", &given);
        assert_eq!(room.sandbox.created("Contacts"), 0, "{confirm}");
        assert_eq!(person.heard.lock().expect("one test").len(), 1);
    }
}

/// The code behind a question comes back with the answer alone: as `confirm` it unlocks nothing, nor twice.
#[test]
fn a_persons_yes_is_good_once_and_for_its_own_write() {
    let (room, asked) = (elicit(), person(|_| Said::Later));
    call(&room, &asked, "create-contact", &contact());
    let code = asked.heard.lock().expect("one test")[0].code.clone();
    let mut given = contact();
    given["confirm"] = format!("CREATE_CONTACT:{code}").into();
    let told = call(&room, &Silent, "create-contact", &given);
    assert_eq!(told["error"]["code"], "confirm-mismatch", "{told}");

    let given = |code: &str| Given(Said::Yes(code.into()));
    let mut other = contact();
    other["firstName"] = "Eda".into();
    let changed = call(&room, &given(&code), "create-contact", &other);
    assert_eq!(changed["error"]["code"], "confirm-mismatch", "{changed}");
    let written = call(&room, &given(&code), "create-contact", &contact());
    assert!(written["itemId"].is_i64(), "{written}");
    let mut twice = contact();
    twice["allowDuplicate"] = true.into();
    let again = call(&room, &given(&code), "create-contact", &twice);
    assert_eq!(again["error"]["code"], "confirm-mismatch", "{again}");
    assert_eq!(room.sandbox.created("Contacts"), 1);
}

/// A call that came with an answer.
struct Given(Said);

impl Line for Given {
    fn can_ask(&self) -> bool {
        true
    }

    fn ask<'a>(&'a self, _: &'a Question) -> Asking<'a> {
        Box::pin(ready(self.0.clone()))
    }
}

/// What would be refused anyway is no question.
#[test]
fn nobody_is_asked_about_a_duplicate() {
    let (room, person) = (elicit(), person(Said::Yes));
    call(&room, &person, "create-contact", &contact());
    let again = call(&room, &person, "create-contact", &contact());
    assert_eq!(again["error"]["code"], "duplicate-write", "{again}");
    assert_eq!(person.heard.lock().expect("one test").len(), 1);
    let shown = call(&room, &Silent, "create-contact", &contact());
    let warnings = shown["error"]["preview"]["warnings"].to_string();
    assert!(warnings.contains("An equal Contact was created"), "{shown}");
}

/// One question has one answer: after a no, the same code brings no yes.
#[test]
fn a_no_spends_the_code() {
    for why in [No::Declined, No::Dismissed, No::Unanswered] {
        let (room, asked) = (elicit(), person(|_| Said::Later));
        call(&room, &asked, "create-contact", &contact());
        let code = asked.heard.lock().expect("one test")[0].code.clone();
        let no = Given(Said::No(why, Some(code.clone())));
        let told = call(&room, &no, "create-contact", &contact());
        assert_eq!(told["error"]["code"], "confirm-required", "{told}");
        let yes = Given(Said::Yes(code));
        let late = call(&room, &yes, "create-contact", &contact());
        assert_eq!(late["error"]["code"], "confirm-mismatch", "{late}");
        assert_eq!(room.sandbox.created("Contacts"), 0);
    }
}

#[test]
fn who_cannot_be_asked_needs_a_code() {
    let room = elicit();
    let mut given = contact();
    given["confirm"] = "CREATE_CONTACT".into();
    let open = call(&room, &Silent, "create-contact", &given);
    assert_eq!(open["error"]["code"], "confirm-mismatch", "{open}");
    let shown = call(&room, &Silent, "create-contact", &contact());
    let accepted = shown["error"]["accepted"].as_str().expect("a code");
    given["confirm"] = accepted.trim_start_matches("confirm: ").into();
    let written = call(&room, &Silent, "create-contact", &given);
    assert!(written["itemId"].is_i64(), "{written}");
}

#[test]
fn a_question_reads_well() {
    let (room, person) = (elicit(), person(|_| Said::No(No::Declined, None)));
    let long = "ab ".repeat(600);
    let update = json!({ "id": 8107, "priority": 1, "description": long });
    call(&room, &person, "update-ticket", &update);
    let text = room.desk.question(&person.heard.lock().expect("one test")[0]);
    assert!(text.starts_with("Shall Autotask change Ticket 8107?\nPATCH Tickets\n"), "{text}");
    assert!(text.contains("\npriority: 3 (Low) → 1 (High)"), "{text}");
    assert!(text.contains("[cut: "), "{text}");
    let note =
        json!({ "ticketID": 8107, "description": "x", "noteType": "Task Notes", "publish": 1 });
    call(&room, &person, "create-ticket-note", &note);
    let heard = person.heard.lock().expect("one test");
    let text = room.desk.question(&heard[1]);
    for line in ["publish: 1 (All Autotask Users)", "noteType: \"Task Notes\" was taken for 3"] {
        assert!(text.lines().any(|one| one == line), "{text}");
    }
}

fn asked(tool: &str, given: &Value, room: &Room) -> String {
    let person = person(|_| Said::No(No::Declined, None));
    let told = call(room, &person, tool, given);
    let heard = person.heard.lock().expect("one test");
    assert_eq!(heard.len(), 1, "{told}");
    room.desk.question(&heard[0])
}

/// What the tenant's people wrote adds no line of its own, and moves no cursor.
#[test]
fn no_text_forges_a_line() {
    let room = elicit();
    let forged = "Low)\r\nstatus: 1 → 5\u{1b}[2J\tx";
    let values = json!([{ "value": "1", "label": forged, "isActive": true }, { "value": "3", "label": forged, "isActive": true }]);
    let list = SchemaOverride::set_field("Tickets", "priority", "picklistValues", values);
    room.sandbox.override_schema(list);
    let text = asked("update-ticket", &json!({ "id": 8107, "priority": 1 }), &room);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.iter().filter(|line| line.contains("status")).count(), 1, "{text}");
    assert!(
        lines.iter().any(|line| line.starts_with("priority: 3 (Low)  status: 1 → 5[2J x)")),
        "{text}"
    );
    assert!(!text.contains(['\r', '\t', '\u{1b}']), "{text}");
}

/// UDFs by name, each with its label; what has no room is named.
#[test]
fn each_udf_has_its_line() {
    let room = elicit();
    let udfs = json!({ "Escalation Level": "Owner", "Asset Tag": "TW-1" });
    let text = asked("update-ticket", &json!({ "id": 8107, "userDefinedFields": udfs }), &room);
    for line in [
        "UDF Escalation Level: \"1\" (None) → \"3\" (Owner)",
        "UDF Asset Tag: \"TW-1003\" → \"TW-1\"",
    ] {
        assert!(text.lines().any(|one| one == line), "{text}");
    }
    let named = |number: usize| format!("Note {number:02}");
    let change = |number| (named(number), json!({ "from": null, "to": "ab ".repeat(600) }));
    let changes: serde_json::Map<_, _> = (0..30).map(change).collect();
    let question = Question {
        would: "change Ticket 8107".to_owned(),
        preview: json!({ "changes": { "userDefinedFields": changes }, "besides": ["Mind."] }),
        code: String::new(),
    };
    let text = room.desk.question(&question);
    let lines: Vec<_> = text.lines().collect();
    let cut = lines.iter().filter(|line| line.ends_with("1802 characters]"));
    assert!(cut.count() > 3, "{text}");
    let left = lines.iter().find(|line| line.starts_with("No room to show: "));
    assert!(
        left.is_some_and(|left| left.contains("UDF Note 10") && left.contains("more")),
        "{text}"
    );
    assert_eq!(lines.last(), Some(&"Mind."));
    assert!(text.chars().count() < 5000);
}
