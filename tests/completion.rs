//! Completion is a help: what it costs, how long it is remembered, and that trouble leaves it empty.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support;

use std::time::Duration;

use autotask_mcp::app::prompts::{CompletionRef, Completions};
use autotask_sandbox::{BASE_URL, Fault, INTEGRATION_CODE, SECRET, USERNAME};
use bytes::Bytes;
use http::Request;
use serde_json::json;
use support::Harness;

const COMPANY: (&str, &str) = ("company-brief", "company");
const RESOURCE: (&str, &str) = ("my-day", "resource");
const TICKET: (&str, &str) = ("ticket-brief", "ticket");

fn complete(harness: &Harness, (prompt, argument): (&str, &str), beginning: &str) -> Completions {
    let of = CompletionRef::Prompt(prompt);
    let owner = harness.app.operator();
    let complete = harness.app.complete(owner, of, argument, beginning);
    harness.runtime.block_on(complete).expect("such a prompt")
}

/// Queries since the last look.
fn request_count(harness: &mut Harness) -> usize {
    let requests = harness.requests();
    requests.iter().filter(|one| one.ends_with("/query")).count()
}

fn pass(harness: &Harness, seconds: u64) {
    let pause = Duration::from_secs(seconds);
    harness.runtime.block_on(async { tokio::time::sleep(pause).await });
}

#[test]
fn typing_a_name_costs_one_look() {
    let rows = [
        (COMPANY, "marrow bakery", 901, "Marrow Bakery"),
        (RESOURCE, "jonah whitlock", 901, "Jonah Whitlock"),
        (TICKET, "oven tablet", 61, "T20260305.0011"),
    ];
    for (of, typed, stored, found) in rows {
        let mut harness = Harness::new();
        for end in 2..=typed.len() {
            let response = complete(&harness, of, typed.get(..end).expect("letters"));
            assert!(response.values.contains(&found.to_owned()), "{end}: {response:?}");
        }
        assert_eq!(request_count(&mut harness), 1, "{typed}");
        pass(&harness, stored);
        complete(&harness, of, typed);
        assert_eq!(request_count(&mut harness), 1, "{typed} after {stored} s");
    }
}

#[test]
fn a_look_reads_little() {
    let harness = Harness::new();
    for of in [COMPANY, RESOURCE, TICKET] {
        for beginning in ["", "t"] {
            complete(&harness, of, beginning);
        }
    }
    let letters = harness.letters();
    let queries: Vec<_> = letters.iter().filter(|one| one.contains("/query")).collect();
    assert!(queries.len() <= 8, "{queries:?}");
    for query in queries {
        assert!(query.contains("\"MaxRecords\":50"), "{query}");
        assert!(query.contains("\"IncludeFields\":[\"id\","), "{query}");
    }
}

#[test]
fn where_more_tickets_fit_the_newest_come_first() {
    let mut harness = Harness::new();
    let response = complete(&harness, TICKET, "t2026");
    assert_eq!(request_count(&mut harness), 2, "all, and those of the last days");
    assert!(response.more && response.total.is_none(), "{response:?}");
    assert!(response.values.len() <= 100);
    assert_eq!(response.values.first().map(String::as_str), Some("T20260630.0001"));
    let mut sorted = response.values.clone();
    sorted.sort_by(|one, other| other.cmp(one));
    assert_eq!(response.values, sorted);
}

#[test]
fn a_write_may_make_another() {
    let mut harness = Harness::new();
    assert!(complete(&harness, COMPANY, "zebra").values.is_empty());
    let created = harness.call(
        "create-company",
        r#"{"companyName":"Zebra Crossing","companyType":1,"phone":"1","ownerResourceID":3001,"confirm":"CREATE_COMPANY"}"#,
    );
    assert!(created.contains("itemId"), "{created}");
    request_count(&mut harness);
    assert_eq!(complete(&harness, COMPANY, "zebra").values, ["Zebra Crossing"]);
    assert_eq!(request_count(&mut harness), 1);
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
        let mut harness = Harness::new();
        harness.call("get-version", "{}");
        let storm = std::iter::repeat_n(Some(fault.clone()), 50);
        harness.sandbox.queue_faults(storm);
        assert!(complete(&harness, COMPANY, "mar").values.is_empty(), "{fault:?}");
        request_count(&mut harness);
        assert!(complete(&harness, COMPANY, "quill").values.is_empty(), "{fault:?}");
        let again = request_count(&mut harness);
        let is_ours = matches!(fault, Fault::Unauthorized | Fault::ThresholdExceeded);
        assert!(again == 0 || is_ours, "{fault:?}: {again}");
        harness.sandbox.clear_faults();
        pass(&harness, 70);
        let response = complete(&harness, COMPANY, "mar").values;
        assert!(response == ["Marrow Bakery"] || is_ours, "{fault:?}: {response:?}");
    }
}

#[test]
fn the_last_of_the_budget_is_for_calls() {
    let mut harness = Harness::new();
    harness.sandbox.set_used(9_600);
    harness.call("get-threshold-information", "{}");
    request_count(&mut harness);
    let response = complete(&harness, COMPANY, "mar");
    assert_eq!((response.values.len(), request_count(&mut harness)), (0, 0), "{response:?}");
}

/// A customer may be called anything.
#[test]
fn a_name_that_may_not_be_told_is_an_id() {
    let harness = Harness::new();
    let record = json!({ "companyName": format!("Zulu {SECRET}\r\n\u{202e}Ltd"), "companyType": 1, "phone": "1", "ownerResourceID": 3001 });
    let create = Request::post(format!("{BASE_URL}V1.0/Companies"))
        .header("UserName", USERNAME)
        .header("Secret", SECRET)
        .header("ApiIntegrationCode", INTEGRATION_CODE)
        .body(Bytes::from(record.to_string()));
    let made = harness.sandbox.handle(create.expect("a request"));
    assert!(made.status().is_success(), "{made:?}");
    let response = complete(&harness, COMPANY, "zulu").values;
    let [id] = response.as_slice() else {
        panic!("{response:?}");
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
        let mut harness = Harness::with([("AUTOTASK_TOOLS", closed.as_str())]);
        let owner = harness.app.operator();
        let complete =
            harness.app.complete(owner, CompletionRef::Template(template), "id", beginning);
        let response = harness.runtime.block_on(complete).expect("a template");
        assert_eq!(response, Completions::default(), "{tool}");
        assert_eq!(request_count(&mut harness), 0);
    }
}

#[test]
fn what_is_no_name_is_not_asked_for() {
    let mut harness = Harness::new();
    for beginning in ["a\u{1}b", "a\u{0}", &"x".repeat(201)] {
        assert!(complete(&harness, COMPANY, beginning).values.is_empty());
    }
    assert_eq!(request_count(&mut harness), 0);
    for beginning in ["'", "\"", "{", "\\", "\u{202e}", "🦀", "%", " mar"] {
        complete(&harness, COMPANY, beginning);
    }
    assert_eq!(complete(&harness, COMPANY, " mar").values, ["Marrow Bakery"]);
}
