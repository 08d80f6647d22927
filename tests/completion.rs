//! Completion is a help: what it costs, how long it is remembered, and that trouble leaves it empty.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

mod room;

use std::time::Duration;

use autotask_mcp::desk::prompting::{Of, Suggestions};
use autotask_sandbox::{BASE_URL, Fault, INTEGRATION_CODE, SECRET, USERNAME};
use bytes::Bytes;
use http::Request;
use room::Room;
use serde_json::json;

const COMPANY: (&str, &str) = ("company-brief", "company");
const RESOURCE: (&str, &str) = ("my-day", "resource");
const TICKET: (&str, &str) = ("ticket-brief", "ticket");

fn complete(room: &Room, (prompt, argument): (&str, &str), beginning: &str) -> Suggestions {
    let of = Of::Prompt(prompt);
    let owner = room.desk.owner();
    let complete = room.desk.complete(owner, of, argument, beginning);
    room.runtime.block_on(complete).expect("such a prompt")
}

/// Queries since the last look.
fn asked(room: &mut Room) -> usize {
    let requests = room.requests();
    requests.iter().filter(|one| one.ends_with("/query")).count()
}

fn pass(room: &Room, seconds: u64) {
    let pause = Duration::from_secs(seconds);
    room.runtime.block_on(async { tokio::time::sleep(pause).await });
}

#[test]
fn typing_a_name_costs_one_look() {
    let rows = [
        (COMPANY, "marrow bakery", 901, "Marrow Bakery"),
        (RESOURCE, "jonah whitlock", 901, "Jonah Whitlock"),
        (TICKET, "oven tablet", 61, "T20260305.0011"),
    ];
    for (of, typed, kept, found) in rows {
        let mut room = Room::new();
        for end in 2..=typed.len() {
            let told = complete(&room, of, typed.get(..end).expect("letters"));
            assert!(told.values.contains(&found.to_owned()), "{end}: {told:?}");
        }
        assert_eq!(asked(&mut room), 1, "{typed}");
        pass(&room, kept);
        complete(&room, of, typed);
        assert_eq!(asked(&mut room), 1, "{typed} after {kept} s");
    }
}

#[test]
fn a_look_reads_little() {
    let room = Room::new();
    for of in [COMPANY, RESOURCE, TICKET] {
        for beginning in ["", "t"] {
            complete(&room, of, beginning);
        }
    }
    let letters = room.letters();
    let queries: Vec<_> = letters.iter().filter(|one| one.contains("/query")).collect();
    assert!(queries.len() <= 8, "{queries:?}");
    for query in queries {
        assert!(query.contains("\"MaxRecords\":50"), "{query}");
        assert!(query.contains("\"IncludeFields\":[\"id\","), "{query}");
    }
}

#[test]
fn where_more_tickets_fit_the_newest_come_first() {
    let mut room = Room::new();
    let told = complete(&room, TICKET, "t2026");
    assert_eq!(asked(&mut room), 2, "all, and those of the last days");
    assert!(told.more && told.total.is_none(), "{told:?}");
    assert!(told.values.len() <= 100);
    assert_eq!(told.values.first().map(String::as_str), Some("T20260630.0001"));
    let mut sorted = told.values.clone();
    sorted.sort_by(|one, other| other.cmp(one));
    assert_eq!(told.values, sorted);
}

#[test]
fn a_write_may_make_another() {
    let mut room = Room::new();
    assert!(complete(&room, COMPANY, "zebra").values.is_empty());
    let created = room.call(
        "create-company",
        r#"{"companyName":"Zebra Crossing","companyType":1,"phone":"1","ownerResourceID":3001,"confirm":"CREATE_COMPANY"}"#,
    );
    assert!(created.contains("itemId"), "{created}");
    asked(&mut room);
    assert_eq!(complete(&room, COMPANY, "zebra").values, ["Zebra Crossing"]);
    assert_eq!(asked(&mut room), 1);
}

#[test]
fn trouble_is_an_empty_list_and_a_pause() {
    let faults = [
        Fault::ValidationError,
        Fault::PermissionDenied,
        Fault::NotJson,
        Fault::Html500,
        Fault::NoResponse { handled: false },
        Fault::Unauthorized,
        Fault::ThresholdExceeded,
    ];
    for fault in faults {
        let mut room = Room::new();
        room.call("get-version", "{}");
        let storm = std::iter::repeat_n(Some(fault.clone()), 50);
        room.sandbox.queue_faults(storm);
        assert!(complete(&room, COMPANY, "mar").values.is_empty(), "{fault:?}");
        asked(&mut room);
        assert!(complete(&room, COMPANY, "quill").values.is_empty(), "{fault:?}");
        let again = asked(&mut room);
        let is_ours = matches!(fault, Fault::Unauthorized | Fault::ThresholdExceeded);
        assert!(again == 0 || is_ours, "{fault:?}: {again}");
        room.sandbox.clear_faults();
        pass(&room, 70);
        let told = complete(&room, COMPANY, "mar").values;
        assert!(told == ["Marrow Bakery"] || is_ours, "{fault:?}: {told:?}");
    }
}

#[test]
fn the_last_of_the_budget_is_for_calls() {
    let mut room = Room::new();
    room.sandbox.set_used(9_600);
    let told = complete(&room, COMPANY, "mar");
    assert_eq!((told.values.len(), asked(&mut room)), (0, 0), "{told:?}");
}

/// A customer may be called anything.
#[test]
fn a_name_that_may_not_be_told_is_an_id() {
    let room = Room::new();
    let record = json!({ "companyName": format!("Zulu {SECRET}\r\n\u{202e}Ltd"), "companyType": 1, "phone": "1", "ownerResourceID": 3001 });
    let create = Request::post(format!("{BASE_URL}V1.0/Companies"))
        .header("UserName", USERNAME)
        .header("Secret", SECRET)
        .header("ApiIntegrationCode", INTEGRATION_CODE)
        .body(Bytes::from(record.to_string()));
    let made = room.sandbox.handle(create.expect("a request"));
    assert!(made.status().is_success(), "{made:?}");
    let told = complete(&room, COMPANY, "zulu").values;
    let [id] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert!(id.parse::<i64>().is_ok(), "{id:?}");
}

#[test]
fn nobody_is_told_what_their_tools_do_not_tell() {
    let rows = [
        ("search-companies", "autotask://companies/{id}", "mar"),
        ("search-tickets", "autotask://tickets/{id}", "oven"),
        ("search-contacts", "autotask://contacts/{id}", "bru"),
    ];
    for (tool, template, beginning) in rows {
        let closed = format!("-{tool}");
        let mut room = Room::with([("AUTOTASK_TOOLS", closed.as_str())]);
        let owner = room.desk.owner();
        let complete = room.desk.complete(owner, Of::Template(template), "id", beginning);
        let told = room.runtime.block_on(complete).expect("a template");
        assert_eq!(told, Suggestions::default(), "{tool}");
        assert_eq!(asked(&mut room), 0);
    }
}

#[test]
fn what_is_no_name_is_not_asked_for() {
    let mut room = Room::new();
    for beginning in ["a\u{1}b", "a\u{0}", &"x".repeat(201)] {
        assert!(complete(&room, COMPANY, beginning).values.is_empty());
    }
    assert_eq!(asked(&mut room), 0);
    for beginning in ["'", "\"", "{", "\\", "\u{202e}", "🦀", "%", " mar"] {
        complete(&room, COMPANY, beginning);
    }
    assert_eq!(complete(&room, COMPANY, " mar").values, ["Marrow Bakery"]);
}
