//! Every write tool with every fault, at every request of its call: nothing is written without confirmation, or twice.

use crate::support;

use std::time::Duration;

use autotask_mcp::tools::Tool;
use autotask_sandbox::Fault;
use serde_json::{Value, json};
use support::Harness;

/// A valid call of each write tool; each turn has different values.
fn calls(turn: usize) -> Vec<(&'static str, Value)> {
    let text = format!("Turn {turn}");
    let contact =
        json!({ "companyID": 412, "firstName": "Ada", "lastName": text, "isActive": true });
    vec![
        ("create-entity", json!({ "entity": "Contacts", "fields": contact })),
        ("update-entity", json!({ "entity": "Tickets", "id": 8107, "fields": { "title": text } })),
        ("delete-entity", json!({ "entity": "TimeEntries", "id": 5501 + turn })),
        (
            "create-ticket",
            json!({ "title": text, "companyID": 412, "status": 1, "priority": 1, "queueID": 8 }),
        ),
        ("update-ticket", json!({ "id": 8147, "title": text })),
        (
            "create-ticket-note",
            json!({ "ticketID": 8107, "description": text, "noteType": 3, "publish": 2 }),
        ),
        (
            "create-company",
            json!({ "companyName": text, "companyType": 1, "phone": "1", "ownerResourceID": 3001 }),
        ),
        ("update-company", json!({ "id": 412, "phone": text })),
        ("create-contact", json!({ "companyID": 412, "firstName": "Eve", "lastName": text })),
        ("update-contact", json!({ "id": 71, "companyID": 405, "phone": text })),
        (
            "create-time-entry",
            json!({ "ticketID": 8107, "resourceID": 3002, "roleID": 501, "hoursWorked": 1, "dateWorked": "2026-06-30", "summaryNotes": text,
                "startDateTime": "2026-06-30T10:00:00Z", "endDateTime": "2026-06-30T11:00:00Z" }),
        ),
    ]
}

fn faults() -> Vec<Fault> {
    let after = |text: &str| Fault::TooManyRequests { retry_after: Some(text.into()) };
    vec![
        Fault::TooManyRequests { retry_after: None },
        after("45"),
        after("never"),
        Fault::ThreadLimit,
        Fault::ValidationError,
        Fault::PermissionDenied,
        Fault::Empty500,
        Fault::Html500,
        Fault::BadGateway,
        Fault::Unavailable,
        Fault::GatewayTimeout,
        Fault::Truncated,
        Fault::NotJson,
        Fault::InvalidUtf8,
        Fault::EmptyObject,
        Fault::WrongContentType,
        Fault::Redirect,
        Fault::Delayed(Duration::from_secs(70)),
        Fault::NoResponse { handled: false },
        Fault::NoResponse { handled: true },
        Fault::Disconnect { handled: false },
        Fault::Disconnect { handled: true },
        Fault::SlowBody(Duration::from_secs(20)),
        Fault::Unauthorized,
        Fault::EchoHeaders,
        Fault::Oversized(1 << 20),
        Fault::WrongLength,
        Fault::ThresholdExceeded,
        Fault::ConnectionRefused,
    ]
}

fn confirmed(tool: &str, mut call: Value) -> Value {
    let token = Tool::find(tool).and_then(Tool::token);
    call["confirm"] = token.into();
    call
}

/// How many requests that change data were sent, and whether they are deletes.
fn changes(harness: &mut Harness) -> (usize, bool) {
    let sent = harness.requests();
    let is_change = |request: &&String| {
        let post = request.starts_with("POST") && !request.contains("/query");
        post || request.starts_with("PATCH") || request.starts_with("DELETE")
    };
    let changes: Vec<_> = sent.iter().filter(is_change).collect();
    let deletes = changes.iter().all(|request| request.starts_with("DELETE"));
    (changes.len(), deletes)
}

fn pass_a_minute(harness: &Harness) {
    let pause = Duration::from_secs(65);
    harness.runtime.block_on(async { tokio::time::sleep(pause).await });
}

#[test]
fn each_call_writes_without_faults() {
    let mut harness = Harness::new();
    let tools: Vec<_> = calls(0).iter().map(|(tool, _)| *tool).collect();
    let write_tools = Tool::ALL.into_iter().filter(|tool| tool.token().is_some());
    assert_eq!(tools, write_tools.map(Tool::name).collect::<Vec<_>>());
    for (tool, call) in calls(0) {
        let response = harness.json(tool, &confirmed(tool, call));
        assert!(response["itemId"].is_i64(), "{tool}: {response}");
        assert_eq!(changes(&mut harness).0, 1, "{tool}");
    }
}

/// At most one request is sent for each write; deletes may be retried.
#[test]
fn a_write_is_sent_once_whatever_the_fault() {
    const STEPS: usize = 4;
    for fault in faults() {
        for at in 0..calls(0).len() {
            let mut harness = Harness::new();
            let mut sent = 0;
            for step in 0..STEPS {
                let (tool, call) = calls(step).swap_remove(at);
                let before = std::iter::repeat_n(None, step);
                harness.sandbox.queue_faults(before.chain([Some(fault.clone())]));
                let response = harness.json(tool, &confirmed(tool, call));
                let (count, deletes) = changes(&mut harness);
                let max = if deletes { 4 } else { 1 };
                assert!(count <= max, "{fault:?} at {step}, {tool}, {count}: {response}");
                sent += count;
                harness.sandbox.clear_faults();
                pass_a_minute(&harness);
            }
            assert!(sent > 0, "{fault:?} {at}: no write was sent");
        }
    }
}

/// Only the exact token of the tool itself confirms a call.
#[test]
fn no_other_confirm_value_is_accepted() {
    let mut harness = Harness::new();
    let spellings: [fn(&str) -> String; 7] = [
        |token| token.to_lowercase(),
        |token| format!(" {token}"),
        |token| format!("{token} "),
        |token| format!("{token}\n"),
        |token| format!("{token}:"),
        |token| format!("\"{token}\""),
        |token| format!("{token}\u{200b}"),
    ];
    for (tool, call) in calls(0) {
        let own = Tool::find(tool).and_then(Tool::token).unwrap_or_default();
        let others = Tool::ALL.into_iter().filter_map(Tool::token);
        let others = others.filter(|token| *token != own).map(str::to_owned);
        let variants = spellings.iter().map(|spell| spell(own));
        let values = others.chain(variants).map(Value::from);
        for value in values.chain([json!(true), json!([own]), json!(1)]) {
            let mut call = call.clone();
            call["confirm"] = value;
            let response = harness.json(tool, &call);
            assert_eq!(response["error"]["code"], "confirm-mismatch", "{call}");
            assert_eq!(changes(&mut harness).0, 0, "{call}");
        }
    }
}
