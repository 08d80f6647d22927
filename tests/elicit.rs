//! `elicit` mode: the user decides, with older and newer clients; a client without elicitation needs a code.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support;

use std::future::ready;
use std::sync::Mutex;

use autotask_mcp::access::caller::{
    ClientChannel, ConfirmationReply, ConfirmationRequest, NoClient, ReplyFuture,
};
use autotask_mcp::app::parse_arguments;
use autotask_mcp::confirm::decision::RejectReason;
use autotask_sandbox::SchemaOverride;
use serde_json::{Value, json};
use support::Harness;

/// A user with a fixed reply; an approval returns the code of the request.
struct Person {
    reply: fn(String) -> ConfirmationReply,
    requests: Mutex<Vec<ConfirmationRequest>>,
}

impl ClientChannel for Person {
    fn supports_elicitation(&self) -> bool {
        true
    }

    fn elicit<'a>(&'a self, question: &'a ConfirmationRequest) -> ReplyFuture<'a> {
        self.requests.lock().expect("one test").push(question.clone());
        Box::pin(ready((self.reply)(question.code.clone())))
    }
}

fn person(reply: fn(String) -> ConfirmationReply) -> Person {
    Person { reply, requests: Mutex::default() }
}

fn elicit() -> Harness {
    Harness::with([("AUTOTASK_CONFIRM_MODE", "elicit")])
}

fn call(harness: &Harness, channel: &dyn ClientChannel, tool: &str, arguments: &Value) -> Value {
    let arguments = parse_arguments(&arguments.to_string()).expect("arguments");
    let call = harness.app.call_tool(harness.app.operator(), channel, tool, arguments);
    let response = harness.runtime.block_on(call).expect("a tool");
    let parse = || serde_json::from_str(&response.text).expect("JSON");
    response.error.clone().unwrap_or_else(parse)
}

fn contact() -> Value {
    json!({ "companyID": 412, "firstName": "Ada", "lastName": "Ebb" })
}

/// The reply of the user, and two parts of the response.
type Row = (fn(String) -> ConfirmationReply, &'static str, &'static str);

#[test]
fn the_user_decides() {
    let rows: [Row; 6] = [
        (ConfirmationReply::Accepted, "itemId", ""),
        (
            |_| ConfirmationReply::Rejected(RejectReason::Declined, None),
            "confirm-required",
            "declined",
        ),
        (
            |_| ConfirmationReply::Rejected(RejectReason::Cancelled, None),
            "confirm-required",
            "closed",
        ),
        (
            |_| ConfirmationReply::Rejected(RejectReason::NoResponse, None),
            "confirm-required",
            "did not arrive",
        ),
        (|_| ConfirmationReply::Deferred, "confirm-required", "is asked"),
        (|_| ConfirmationReply::Accepted("CREATE_CONTACT".into()), "confirm-mismatch", ""),
    ];
    for (reply, expected, words) in rows {
        let (harness, person) = (elicit(), person(reply));
        let response = call(&harness, &person, "create-contact", &contact());
        let text = response.to_string();
        assert!(text.contains(expected) && text.contains(words), "{text}");
        let made = usize::from(expected == "itemId");
        assert_eq!(harness.sandbox.created("Contacts"), made, "{text}");
        let requests = person.requests.lock().expect("one test");
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].preview["body"]["firstName"], "Ada");
    }
}

#[test]
fn no_confirm_value_bypasses_the_user() {
    for confirm in ["CREATE_CONTACT", "CREATE_CONTACT:AAAAAAAAAAAAAAAAAAAAAAAA", ""] {
        let (harness, person) =
            (elicit(), person(|_| ConfirmationReply::Rejected(RejectReason::Declined, None)));
        let mut arguments = contact();
        arguments["confirm"] = confirm.into();
        call(&harness, &person, "create-contact", &arguments);
        assert_eq!(harness.sandbox.created("Contacts"), 0, "{confirm}");
        assert_eq!(person.requests.lock().expect("one test").len(), 1);
    }
}

/// The code of a request is valid only with the user's reply: not as `confirm`, and not twice.
#[test]
fn an_approval_is_valid_once_and_for_its_own_write() {
    let (harness, person) = (elicit(), person(|_| ConfirmationReply::Deferred));
    call(&harness, &person, "create-contact", &contact());
    let code = person.requests.lock().expect("one test")[0].code.clone();
    let mut arguments = contact();
    arguments["confirm"] = format!("CREATE_CONTACT:{code}").into();
    let response = call(&harness, &NoClient, "create-contact", &arguments);
    assert_eq!(response["error"]["code"], "confirm-mismatch", "{response}");

    let accepted = |code: &str| WithReply(ConfirmationReply::Accepted(code.into()));
    let mut other = contact();
    other["firstName"] = "Eda".into();
    let changed = call(&harness, &accepted(&code), "create-contact", &other);
    assert_eq!(changed["error"]["code"], "confirm-mismatch", "{changed}");
    let written = call(&harness, &accepted(&code), "create-contact", &contact());
    assert!(written["itemId"].is_i64(), "{written}");
    let mut twice = contact();
    twice["allowDuplicate"] = true.into();
    let repeated = call(&harness, &accepted(&code), "create-contact", &twice);
    assert_eq!(repeated["error"]["code"], "confirm-mismatch", "{repeated}");
    assert_eq!(harness.sandbox.created("Contacts"), 1);
}

/// A call that contains a reply.
struct WithReply(ConfirmationReply);

impl ClientChannel for WithReply {
    fn supports_elicitation(&self) -> bool {
        true
    }

    fn elicit<'a>(&'a self, _: &'a ConfirmationRequest) -> ReplyFuture<'a> {
        Box::pin(ready(self.0.clone()))
    }
}

#[test]
fn a_duplicate_is_rejected_without_asking() {
    let (harness, person) = (elicit(), person(ConfirmationReply::Accepted));
    call(&harness, &person, "create-contact", &contact());
    let repeated = call(&harness, &person, "create-contact", &contact());
    assert_eq!(repeated["error"]["code"], "duplicate-write", "{repeated}");
    assert_eq!(person.requests.lock().expect("one test").len(), 1);
    let preview = call(&harness, &NoClient, "create-contact", &contact());
    let warnings = preview["error"]["preview"]["warnings"].to_string();
    assert!(warnings.contains("An identical Contact was created"), "{preview}");
}

#[test]
fn a_rejection_uses_up_the_code() {
    for reason in [RejectReason::Declined, RejectReason::Cancelled, RejectReason::NoResponse] {
        let (harness, person) = (elicit(), person(|_| ConfirmationReply::Deferred));
        call(&harness, &person, "create-contact", &contact());
        let code = person.requests.lock().expect("one test")[0].code.clone();
        let rejection = WithReply(ConfirmationReply::Rejected(reason, Some(code.clone())));
        let response = call(&harness, &rejection, "create-contact", &contact());
        assert_eq!(response["error"]["code"], "confirm-required", "{response}");
        let approval = WithReply(ConfirmationReply::Accepted(code));
        let late = call(&harness, &approval, "create-contact", &contact());
        assert_eq!(late["error"]["code"], "confirm-mismatch", "{late}");
        assert_eq!(harness.sandbox.created("Contacts"), 0);
    }
}

#[test]
fn clients_without_elicitation_need_a_code() {
    let harness = elicit();
    let mut arguments = contact();
    arguments["confirm"] = "CREATE_CONTACT".into();
    let open = call(&harness, &NoClient, "create-contact", &arguments);
    assert_eq!(open["error"]["code"], "confirm-mismatch", "{open}");
    let preview = call(&harness, &NoClient, "create-contact", &contact());
    let accepted = preview["error"]["accepted"].as_str().expect("a code");
    arguments["confirm"] = accepted.trim_start_matches("confirm: ").into();
    let written = call(&harness, &NoClient, "create-contact", &arguments);
    assert!(written["itemId"].is_i64(), "{written}");
}

#[test]
fn dialogs_list_every_change() {
    let (harness, person) =
        (elicit(), person(|_| ConfirmationReply::Rejected(RejectReason::Declined, None)));
    let long = "ab ".repeat(600);
    let update = json!({ "id": 8107, "priority": 1, "description": long });
    call(&harness, &person, "update-ticket", &update);
    let text = harness.app.confirmation_text(&person.requests.lock().expect("one test")[0]);
    assert!(text.starts_with("Update Ticket 8107 (\"T20260305.0011 Oven tablet offline\", Company \"Marrow Bakery\")?\nPATCH Tickets\n"), "{text}");
    assert!(text.contains("\npriority: 3 (Low) → 1 (High)"), "{text}");
    assert!(text.contains("[cut: "), "{text}");
    let note =
        json!({ "ticketID": 8107, "description": "x", "noteType": "Task Notes", "publish": 1 });
    call(&harness, &person, "create-ticket-note", &note);
    let requests = person.requests.lock().expect("one test");
    let text = harness.app.confirmation_text(&requests[1]);
    for line in ["publish: 1 (All Autotask Users)", "noteType: \"Task Notes\" matched 3"] {
        assert!(text.lines().any(|other| other == line), "{text}");
    }
}

fn dialog(tool: &str, arguments: &Value, harness: &Harness) -> String {
    let person = person(|_| ConfirmationReply::Rejected(RejectReason::Declined, None));
    let response = call(harness, &person, tool, arguments);
    let requests = person.requests.lock().expect("one test");
    assert_eq!(requests.len(), 1, "{response}");
    harness.app.confirmation_text(&requests[0])
}

/// Text from the tenant adds no lines and no control characters.
#[test]
fn text_from_the_tenant_forges_no_line() {
    let harness = elicit();
    let forged = "Low)\r\nstatus: 1 → 5\u{1b}[2J\tx";
    let values = json!([{ "value": "1", "label": forged, "isActive": true }, { "value": "3", "label": forged, "isActive": true }]);
    let list = SchemaOverride::set_field("Tickets", "priority", "picklistValues", values);
    harness.sandbox.override_schema(list);
    let text = dialog("update-ticket", &json!({ "id": 8107, "priority": 1 }), &harness);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.iter().filter(|line| line.contains("status")).count(), 1, "{text}");
    assert!(
        lines.iter().any(|line| line.starts_with("priority: 3 (Low)  status: 1 → 5[2J x)")),
        "{text}"
    );
    assert!(!text.contains(['\r', '\t', '\u{1b}']), "{text}");
}

/// UDFs are shown by name with their labels; those that do not fit are listed.
#[test]
fn each_udf_has_a_line() {
    let harness = elicit();
    let udfs = json!({ "Escalation Level": "Owner", "Asset Tag": "TW-1" });
    let text = dialog("update-ticket", &json!({ "id": 8107, "userDefinedFields": udfs }), &harness);
    for line in [
        "UDF Escalation Level: \"1\" (None) → \"3\" (Owner)",
        "UDF Asset Tag: \"TW-1003\" → \"TW-1\"",
    ] {
        assert!(text.lines().any(|other| other == line), "{text}");
    }
    let named = |number: usize| format!("Note {number:02}");
    let change = |number| (named(number), json!({ "from": null, "to": "ab ".repeat(600) }));
    let changes: serde_json::Map<_, _> = (0..30).map(change).collect();
    let question = ConfirmationRequest {
        would: "change Ticket 8107".to_owned(),
        preview: json!({ "changes": { "userDefinedFields": changes }, "sideEffects": ["Mind."] }),
        code: String::new(),
    };
    let text = harness.app.confirmation_text(&question);
    let lines: Vec<_> = text.lines().collect();
    let cut = lines.iter().filter(|line| line.ends_with("1802 characters]"));
    assert!(cut.count() > 3, "{text}");
    let left = lines.iter().find(|line| line.starts_with("Not shown: "));
    assert!(
        left.is_some_and(|left| left.contains("UDF Note 10") && left.contains("more")),
        "{text}"
    );
    assert_eq!(lines.last(), Some(&"Mind."));
    assert!(text.chars().count() < 5000);
}

/// If a call changes several records, each has a line with its name and changes.
#[test]
fn each_record_has_a_line() {
    let harness = elicit();
    let ids = json!({ "ids": [8261, 8268, 8274], "priority": "Critical" });
    let text = dialog("update-ticket", &ids, &harness);
    for line in [
        "Update 2 Tickets?",
        "priority: 4 (Critical)",
        "Ticket 8268 (\"T20260611.0001 Printer jams on every page\", Company \"Pinecrest Veterinary Clinic\"): priority 3 (Low) → 4 (Critical)",
        "Skipped, as they have these values already: 8261",
    ] {
        assert!(text.lines().any(|other| other == line), "{line}: {text}");
    }
}
