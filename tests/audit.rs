//! The audit log: every attempted write has a record, a sent write has two, and no write is sent without one.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use autotask_mcp::access::caller::{
    Caller, ClientChannel, ConfirmationReply, ConfirmationRequest, NoClient, ReplyFuture,
};
use autotask_mcp::confirm::decision::RejectReason;
use autotask_mcp::tools::Tool;
use autotask_sandbox::{Fault, SECRET};
use serde_json::{Value, json};
use support::Harness;

/// A folder for one test, deleted when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "autotask-mcp-audit-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("writes.jsonl")
    }

    fn lines(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.file()).unwrap_or_default();
        assert!(text.is_empty() || text.ends_with('\n'), "the last line is incomplete");
        let parse = |line| serde_json::from_str(line).expect("a line of JSON");
        text.lines().map(parse).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn harness(path: &Path, settings: &[(&str, &str)]) -> Harness {
    let path = path.to_str().expect("a UTF-8 path");
    let log = [("AUTOTASK_AUDIT_LOG", path)];
    Harness::with(log.into_iter().chain(settings.iter().copied()))
}

fn contact(confirm: &str) -> Value {
    json!({ "companyID": 412, "firstName": "Ada", "lastName": "Hidden Ebb", "confirm": confirm })
}

/// The records of outcomes, without those written before a request is sent.
fn outcomes(lines: &[Value]) -> Vec<Value> {
    lines.iter().filter(|line| line["outcome"] != "sending").cloned().collect()
}

fn outcome_words(lines: &[Value]) -> Vec<&str> {
    let has_outcome = |line: &'_ Value| line["outcome"].is_string();
    assert!(lines.iter().all(has_outcome), "{lines:?}");
    lines.iter().filter_map(|line| line["outcome"].as_str()).collect()
}

#[test]
fn every_attempt_has_a_record() {
    let folder = Folder::new();
    let harness = harness(
        &folder.file(),
        &[
            ("AUTOTASK_WRITE_ENTITIES", "Contacts,Tickets,TimeEntries"),
            ("AUTOTASK_TOOLS", "-create-company"),
        ],
    );
    let rows = [
        ("create-contact", json!({ "companyID": 412 }), "missing-field"),
        ("create-contact", json!({ "secretNote": "x" }), "unknown-argument"),
        ("create-contact", contact("nope"), "confirm-mismatch"),
        ("create-contact", contact("CREATE_CONTACT"), "written"),
        ("create-contact", contact("CREATE_CONTACT"), "duplicate-write"),
        ("update-ticket", json!({ "id": 8107, "priority": 1 }), "confirm-required"),
        ("update-ticket", json!({ "id": 1, "priority": 1 }), "not-found"),
        ("create-company", json!({}), "not-allowed"),
        ("update-company", json!({ "id": 412, "phone": "1" }), "not-allowed"),
        (
            "delete-entity",
            json!({ "entity": "timeentry", "id": 5501, "confirm": "DELETE_ENTITY" }),
            "written",
        ),
    ];
    for (tool, arguments, _) in &rows {
        harness.call_tool(tool, &arguments.to_string());
        harness.call("get-ticket", "{\"id\":8107}");
    }
    let lines = folder.lines();
    let expected: Vec<_> = rows.iter().map(|(_, _, word)| *word).collect();
    assert_eq!(outcome_words(&outcomes(&lines)), expected);
    let is_sent = |word: &&&str| **word == "written";
    assert_eq!(lines.len(), rows.len() + expected.iter().filter(is_sent).count());
}

#[test]
fn a_record_has_everything_but_the_values() {
    let folder = Folder::new();
    let harness = harness(&folder.file(), &[("AUTOTASK_IMPERSONATION_RESOURCE_ID", "3002")]);
    harness.json("create-contact", &contact("CREATE_CONTACT"));
    harness.json("create-contact", &contact("CREATE_CONTACT"));
    let removed = json!({ "entity": "timeentry", "id": 5501 });
    harness.json("delete-entity", &removed);
    let lines = folder.lines();
    assert_eq!(
        outcome_words(&lines),
        ["sending", "written", "duplicate-write", "confirm-required"]
    );
    let (sending, created) = (&lines[0], &lines[1]);
    assert!(sending["itemId"].is_null() && sending["ms"].is_null(), "{sending}");
    assert!(sending["attempt"].is_string() && sending["attempt"] != lines[2]["attempt"]);
    for (name, value) in [
        ("tool", "create-contact"),
        ("method", "POST"),
        ("path", "Companies/412/Contacts"),
        ("entity", "Contacts"),
    ] {
        assert_eq!((&created[name], &sending[name]), (&json!(value), &json!(value)));
    }
    for name in ["attempt", "arguments", "fields", "as"] {
        assert_eq!(created[name], sending[name]);
    }
    assert_eq!(created["as"], 3002);
    assert!(created["itemId"].is_i64() && created["ms"].is_u64(), "{created}");
    let time = created["time"].as_str();
    assert!(time.is_some_and(|time| time.ends_with('Z')), "{created}");
    assert_eq!(created["arguments"], lines[2]["arguments"], "equal values");
    assert_ne!(created["arguments"]["firstName"], created["arguments"]["lastName"]);
    assert_eq!((&lines[3]["entity"], &lines[3]["id"]), (&json!("TimeEntries"), &json!(5501)));
}

/// The record of an invalid call still has the entity, the id, and the names of arguments and fields.
#[test]
fn an_invalid_call_is_recorded_with_its_target() {
    let folder = Folder::new();
    let harness = harness(&folder.file(), &[]);
    let note = json!({ "title": "x", "nosuch": 1 });
    let rows = [
        ("create-ticket", json!({ "bogus": 1, "title": 2 }), "Tickets null bogus,title -"),
        ("update-contact", json!({ "id": "7x", "phone": 1 }), "Contacts null id,phone -"),
        (
            "create-entity",
            json!({ "entity": "Notes", "parentEntity": "tickets", "parentId": "x", "fields": note }),
            "TicketNotes null entity,parentEntity,parentId,fields title,nosuch",
        ),
        (
            "update-entity",
            json!({ "entity": "contact", "fields": "{\"id\":\"9\",\"nosuch\":1}" }),
            "Contacts 9 entity,fields id,nosuch",
        ),
        (
            "delete-entity",
            json!({ "entity": "ticket", "parentEntity": "Companies", "id": 4 }),
            "Tickets 4 entity,parentEntity,id -",
        ),
        ("delete-entity", json!({ "entity": "Nothing", "id": "12" }), "null 12 entity,id -"),
    ];
    for (tool, input, _) in &rows {
        harness.call_tool(tool, &input.to_string());
    }
    let names = |value: &Value| match value {
        Value::Object(members) => members.keys().cloned().collect::<Vec<_>>().join(","),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        _ => "-".to_owned(),
    };
    for ((tool, _, expected), line) in rows.iter().zip(folder.lines()) {
        let entity = line["entity"].as_str().unwrap_or("null");
        let (arguments, fields) = (names(&line["arguments"]), names(&line["fields"]));
        let response = format!("{entity} {} {arguments} {fields}", line["id"]);
        assert_eq!(response, *expected, "{tool}: {line}");
    }
}

/// The length of a record is limited, however many or long the names of arguments and fields are.
#[test]
fn a_record_stays_short() {
    let folder = Folder::new();
    let harness = harness(&folder.file(), &[]);
    let many: serde_json::Map<_, _> =
        (0..5_000).map(|n| (format!("name{n}"), json!("x".repeat(100)))).collect();
    let arguments = json!({ "entity": "Tickets", "fields": many.clone(), "x".repeat(9_000): 1 });
    harness.call_tool("create-entity", &arguments.to_string());
    harness.call_tool("create-entity", &Value::from(many).to_string());
    let lines = folder.lines();
    assert_eq!(outcome_words(&lines), ["unknown-argument", "unknown-argument"]);
    assert!(lines.iter().all(|line| line.to_string().len() < 8_000));
}

#[test]
fn no_record_contains_a_value() {
    let folder = Folder::new();
    let harness = harness(&folder.file(), &[]);
    harness.call_tool("create-contact", &json!({ SECRET: 1 }).to_string());
    harness.call_tool("create-contact", &contact("CREATE_CONTACT").to_string());
    harness.call_tool("create-contact", &json!({ "A Hidden text": "Hidden" }).to_string());
    harness.call_tool(
        "update-entity",
        &json!({ "entity": "Hidden", "id": "Hidden", "fields": { "Hidden Ebb": "Hidden", SECRET: 1 } })
            .to_string(),
    );
    harness.sandbox.queue_faults([Some(Fault::EchoHeaders)]);
    harness.call_tool("create-contact", &contact("CREATE_CONTACT").to_string());
    let text = fs::read_to_string(folder.file()).expect("a log");
    assert!(!text.contains("Hidden") && !text.contains(SECRET), "{text}");
    assert!(!text.contains("Ada") && !text.contains("412,"), "{text}");
}

#[test]
fn a_record_names_the_caller() {
    let folder = Folder::new();
    let harness = harness(&folder.file(), &[("AUTOTASK_READ_ONLY", "true")]);
    let caller = Caller::named("night shift", harness.app.operator().access().clone());
    let arguments = contact("CREATE_CONTACT");
    let arguments = arguments.as_object().expect("an object").clone();
    let call = harness.app.call_tool(&caller, &NoClient, "create-contact", arguments);
    harness.runtime.block_on(call);
    let lines = folder.lines();
    assert_eq!(outcome_words(&lines), ["read-only"]);
    assert_eq!(lines[0]["caller"], "night shift");
}

/// `/dev/full` behaves as a full disk.
#[test]
fn without_a_writable_log_no_write_is_sent() {
    let folder = Folder::new();
    let missing = folder.0.join("no/such/folder.jsonl");
    for path in [missing.as_path(), folder.0.as_path(), Path::new("/dev/full")] {
        let mut harness = harness(path, &[]);
        for confirm in ["CREATE_CONTACT", "nope"] {
            let rejection = harness.json("create-contact", &contact(confirm));
            assert_eq!(rejection["error"]["code"], "not-allowed", "{rejection}");
            let next = rejection["error"]["next"].as_str().expect("advice");
            assert!(next.contains("AUTOTASK_AUDIT_LOG"), "{next}");
        }
        assert_eq!(harness.requests(), [""; 0], "{}", path.display());
        assert!(harness.call("get-ticket", "{\"id\":8107}").starts_with("{\"item\""));
    }
}

/// A pipe without a reader, or with a slow one, blocks writes but not reads.
#[cfg(unix)]
#[test]
fn a_blocked_pipe_blocks_only_writes() {
    let folder = Folder::new();
    let created = std::process::Command::new("mkfifo").arg(folder.file()).status();
    assert!(created.expect("mkfifo runs").success());
    let harness = harness(&folder.file(), &[]);
    let rejected = harness.call("create-contact", &contact("CREATE_CONTACT").to_string());
    assert!(rejected.contains("no process reads the pipe"), "{rejected}");
    assert!(harness.call("get-ticket", "{\"id\":8107}").starts_with("{\"item\""));
    let mut pipe = fs::File::options();
    let mut pipe = pipe.read(true).write(true).open(folder.file()).expect("a reader");
    let written = harness.json("create-contact", &contact("CREATE_CONTACT"));
    assert!(written["itemId"].is_i64(), "{written}");
    let mut bytes = [0; 4096];
    let length = std::io::Read::read(&mut pipe, &mut bytes).expect("records");
    assert!(String::from_utf8_lossy(&bytes[..length]).contains("\"sending\""));
    let rejected = (0..1_000).map(|_| harness.call("create-contact", "{}"));
    let mut blocked = rejected.filter(|text| text.contains("the reader of the pipe is too slow"));
    assert!(blocked.next().is_some());
}

#[test]
fn writes_continue_once_the_log_is_writable() {
    let folder = Folder::new();
    let later = Folder(folder.0.join("later"));
    let harness = harness(&later.file(), &[]);
    let rejection = harness.json("create-contact", &contact("CREATE_CONTACT"));
    assert_eq!(rejection["error"]["code"], "not-allowed");
    fs::create_dir(&later.0).expect("a folder");
    let written = harness.json("create-contact", &contact("CREATE_CONTACT"));
    assert!(written["itemId"].is_i64(), "{written}");
    assert_eq!(outcome_words(&later.lines()), ["sending", "written"]);
}

/// A user who rejects every request.
struct RejectingUser(RejectReason);

impl ClientChannel for RejectingUser {
    fn supports_elicitation(&self) -> bool {
        true
    }

    fn elicit<'a>(&'a self, _: &'a ConfirmationRequest) -> ReplyFuture<'a> {
        Box::pin(std::future::ready(ConfirmationReply::Rejected(self.0, None)))
    }
}

#[test]
fn a_rejection_by_the_user_is_recorded_with_its_reason() {
    for reason in [RejectReason::Declined, RejectReason::Cancelled, RejectReason::NoResponse] {
        let folder = Folder::new();
        let harness = harness(&folder.file(), &[("AUTOTASK_CONFIRM_MODE", "elicit")]);
        let (channel, arguments) = (RejectingUser(reason), contact(""));
        let arguments = arguments.as_object().expect("an object").clone();
        let owner = harness.app.operator();
        let call = harness.app.call_tool(owner, &channel, "create-contact", arguments);
        harness.runtime.block_on(call).expect("a tool");
        assert_eq!(outcome_words(&folder.lines()), [reason.as_str()]);
    }
}

/// A user who approves after the folder of the log was deleted.
struct ApprovalAfterDeletion<'a>(&'a Path);

impl ClientChannel for ApprovalAfterDeletion<'_> {
    fn supports_elicitation(&self) -> bool {
        true
    }

    fn elicit<'a>(&'a self, question: &'a ConfirmationRequest) -> ReplyFuture<'a> {
        fs::remove_dir_all(self.0).expect("the folder exists");
        Box::pin(std::future::ready(ConfirmationReply::Accepted(question.code.clone())))
    }
}

#[test]
fn a_log_deleted_during_the_confirmation_stops_the_write() {
    let folder = Folder::new();
    let harness = harness(&folder.file(), &[("AUTOTASK_CONFIRM_MODE", "elicit")]);
    let channel = ApprovalAfterDeletion(&folder.0);
    let arguments = contact("");
    let arguments = arguments.as_object().expect("an object").clone();
    let owner = harness.app.operator();
    let call = harness.app.call_tool(owner, &channel, "create-contact", arguments);
    let response = harness.runtime.block_on(call).expect("a tool");
    assert!(response.text.starts_with("not-allowed"), "{}", response.text);
    assert_eq!(harness.sandbox.created("Contacts"), 0);
}

#[test]
fn a_rotated_log_continues_in_a_new_file() {
    let folder = Folder::new();
    let harness = harness(&folder.file(), &[]);
    harness.json("create-contact", &contact("nope"));
    fs::rename(folder.file(), folder.0.join("writes.jsonl.1")).expect("moved");
    harness.json("create-contact", &contact("CREATE_CONTACT"));
    assert_eq!(outcome_words(&folder.lines()), ["sending", "written"]);
}

#[test]
fn a_cancelled_call_is_recorded() {
    let folder = Folder::new();
    for late in [5, 120] {
        let harness = harness(&folder.file(), &[]);
        read_metadata(&harness);
        let late = Fault::Delayed(Duration::from_secs(late));
        harness.sandbox.queue_faults([Some(late)]);
        harness.runtime.block_on(async {
            let arguments = contact("CREATE_CONTACT");
            let arguments = arguments.as_object().expect("an object").clone();
            let call = harness.app.call_as_operator("create-contact", arguments);
            let cancelled = tokio::time::timeout(Duration::from_secs(1), call).await;
            assert!(cancelled.is_err(), "the call ended before it was cancelled");
            tokio::time::sleep(Duration::from_secs(200)).await;
        });
    }
    assert_eq!(
        outcome_words(&folder.lines()),
        ["sending", "written", "sending", "outcome-unknown"]
    );
}

/// Reads the tenant's metadata, so that the faults affect the requests after it.
fn read_metadata(harness: &Harness) {
    for entity in ["Companies", "Contacts", "Tickets", "TicketNotes", "TimeEntries"] {
        harness.json("describe-entity-fields", &json!({ "entity": entity }));
    }
}

/// Calls every tool repeatedly, with valid and invalid arguments and with faults.
#[test]
fn every_write_of_a_long_mixed_run_is_recorded() {
    let folder = Folder::new();
    let mut harness = harness(&folder.file(), &[]);
    let faults = [
        None,
        Some(Fault::ValidationError),
        Some(Fault::Empty500),
        Some(Fault::NoResponse { handled: true }),
        Some(Fault::Truncated),
        Some(Fault::Disconnect { handled: true }),
    ];
    let mut sent = Vec::new();
    for turn in 0..80_usize {
        read_metadata(&harness);
        harness.requests();
        for tool in Tool::ALL {
            let confirm = tool.token().filter(|_| turn % 3 != 0).unwrap_or("nope");
            let entity = if turn % 2 == 0 { "Tickets" } else { "x" };
            let input = json!({
                "id": 8107 + turn % 4, "priority": turn % 5, "title": turn.to_string(), "companyID": 412,
                "firstName": "Ada", "lastName": turn.to_string(), "entity": entity,
                "fields": { "title": turn.to_string() }, "confirm": confirm,
            });
            let is_accepted = |name: &String| {
                tool.arguments().iter().any(|argument| argument.name == name || turn == 0)
            };
            let input: serde_json::Map<_, _> = input
                .as_object()
                .expect("an object")
                .clone()
                .into_iter()
                .filter(|(name, _)| is_accepted(name))
                .collect();
            // An update reads the record first, so half of the faults affect the second request.
            let before = std::iter::repeat_n(None, turn / faults.len() % 2);
            let fault = faults[turn % faults.len()].clone();
            harness.sandbox.queue_faults(before.chain([fault]));
            harness.call_tool(tool.name(), &Value::from(input).to_string());
            let changes = |request: &&String| {
                let change = request.starts_with("PATCH") || request.starts_with("DELETE");
                change || (request.starts_with("POST") && !request.contains("/query"))
            };
            let changed = harness.requests().iter().filter(changes).count();
            sent.extend(tool.token().map(|_| changed));
        }
    }
    let lines = folder.lines();
    let outcomes = outcomes(&lines);
    assert_eq!(outcomes.len(), sent.len());
    for ((word, sent), outcome) in outcome_words(&outcomes).into_iter().zip(&sent).zip(&outcomes) {
        let is_same_attempt = |line: &&Value| line["attempt"] == outcome["attempt"];
        let records = lines.iter().filter(is_same_attempt).count();
        assert!(records == 2 || (records == 1 && *sent == 0), "{records} records: {outcome}");
        let is_consistent = match word {
            "written" | "outcome-unknown" => *sent == 1,
            // The tenant may reject the read before the write.
            "rejected" => *sent <= 1,
            _ => *sent == 0,
        };
        assert!(is_consistent, "{word}, {sent} requests that change data");
    }
    assert!(sent.iter().sum::<usize>() > 50);
    assert!(harness.sandbox.created("Contacts") > 5);
}
