//! Completion: its requests, its cache, and empty results on errors.
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

fn complete(harness: &Harness, (prompt, argument): (&str, &str), prefix: &str) -> Completions {
    let reference = CompletionRef::Prompt(prompt);
    let complete = harness.app.complete(harness.app.operator(), reference, argument, prefix);
    harness.runtime.block_on(complete).expect("the prompt exists")
}

/// Counts the queries since the last call of this function.
fn request_count(harness: &mut Harness) -> usize {
    let requests = harness.requests();
    requests.iter().filter(|request| request.ends_with("/query")).count()
}

fn pass(harness: &Harness, seconds: u64) {
    let pause = Duration::from_secs(seconds);
    harness.runtime.block_on(async { tokio::time::sleep(pause).await });
}

#[test]
fn typing_a_name_sends_one_query() {
    let rows = [
        (COMPANY, "marrow bakery", 901, "Marrow Bakery"),
        (RESOURCE, "jonah whitlock", 901, "Jonah Whitlock"),
        (TICKET, "oven tablet", 61, "T20260305.0011"),
    ];
    for (argument, typed, expiry, expected) in rows {
        let mut harness = Harness::new();
        for end in 2..=typed.len() {
            let response = complete(&harness, argument, typed.get(..end).expect("letters"));
            assert!(response.values.contains(&expected.to_owned()), "{end}: {response:?}");
        }
        assert_eq!(request_count(&mut harness), 1, "{typed}");
        pass(&harness, expiry);
        complete(&harness, argument, typed);
        assert_eq!(request_count(&mut harness), 1, "{typed} after {expiry} s");
    }
}

#[test]
fn completion_queries_are_small() {
    let harness = Harness::new();
    for argument in [COMPANY, RESOURCE, TICKET] {
        for prefix in ["", "t"] {
            complete(&harness, argument, prefix);
        }
    }
    let requests = harness.requests_with_bodies();
    let queries: Vec<_> = requests.iter().filter(|request| request.contains("/query")).collect();
    assert!(queries.len() <= 8, "{queries:?}");
    for query in queries {
        assert!(query.contains("\"MaxRecords\":50"), "{query}");
        assert!(query.contains("\"IncludeFields\":[\"id\","), "{query}");
    }
}

#[test]
fn of_many_matching_tickets_the_newest_are_first() {
    let mut harness = Harness::new();
    let response = complete(&harness, TICKET, "t2026");
    assert_eq!(request_count(&mut harness), 2, "all, and those of the last days");
    assert!(response.has_more && response.total.is_none(), "{response:?}");
    assert!(response.values.len() <= 100);
    assert_eq!(response.values.first().map(String::as_str), Some("T20260630.0001"));
    let mut sorted = response.values.clone();
    sorted.sort_by(|a, b| b.cmp(a));
    assert_eq!(response.values, sorted);
}

#[test]
fn a_created_record_is_completed_at_once() {
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
fn a_fault_returns_an_empty_list_and_pauses_queries() {
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
        harness.sandbox.queue_faults(std::iter::repeat_n(Some(fault.clone()), 50));
        assert!(complete(&harness, COMPANY, "mar").values.is_empty(), "{fault:?}");
        request_count(&mut harness);
        assert!(complete(&harness, COMPANY, "quill").values.is_empty(), "{fault:?}");
        let repeated = request_count(&mut harness);
        let is_stopped_locally = matches!(fault, Fault::Unauthorized | Fault::ThresholdExceeded);
        assert!(repeated == 0 || is_stopped_locally, "{fault:?}: {repeated}");
        harness.sandbox.clear_faults();
        pass(&harness, 70);
        let response = complete(&harness, COMPANY, "mar").values;
        let is_expected = response == ["Marrow Bakery"] || is_stopped_locally;
        assert!(is_expected, "{fault:?}: {response:?}");
    }
}

#[test]
fn completion_sends_nothing_close_to_the_threshold() {
    let mut harness = Harness::new();
    harness.sandbox.set_used(9_600);
    harness.call("get-threshold-information", "{}");
    request_count(&mut harness);
    let response = complete(&harness, COMPANY, "mar");
    assert_eq!((response.values.len(), request_count(&mut harness)), (0, 0), "{response:?}");
}

/// A name that contains a secret or control characters is replaced by the record's id.
#[test]
fn an_unsafe_name_is_completed_as_an_id() {
    let harness = Harness::new();
    let record = json!({ "companyName": format!("Zulu {SECRET}\r\n\u{202e}Ltd"), "companyType": 1, "phone": "1", "ownerResourceID": 3001 });
    let create = Request::post(format!("{BASE_URL}V1.0/Companies"))
        .header("UserName", USERNAME)
        .header("Secret", SECRET)
        .header("ApiIntegrationCode", INTEGRATION_CODE)
        .body(Bytes::from(record.to_string()));
    let created = harness.sandbox.handle(create.expect("a request"));
    assert!(created.status().is_success(), "{created:?}");
    let response = complete(&harness, COMPANY, "zulu").values;
    let [id] = response.as_slice() else {
        panic!("{response:?}");
    };
    assert!(id.parse::<i64>().is_ok(), "{id:?}");
}

#[test]
fn completion_requires_the_matching_tool() {
    let rows = [
        ("search-companies", "autotask://companies/{id}", "mar"),
        ("search-tickets", "autotask://tickets/{id}", "oven"),
        ("search-contacts", "autotask://contacts/{id}", "bru"),
    ];
    for (tool, template, prefix) in rows {
        let removed = format!("-{tool}");
        let mut harness = Harness::with([("AUTOTASK_TOOLS", removed.as_str())]);
        let reference = CompletionRef::Template(template);
        let complete = harness.app.complete(harness.app.operator(), reference, "id", prefix);
        let response = harness.runtime.block_on(complete).expect("a template");
        assert_eq!(response, Completions::default(), "{tool}");
        assert_eq!(request_count(&mut harness), 0);
    }
}

#[test]
fn invalid_prefixes_send_no_query() {
    let mut harness = Harness::new();
    for prefix in ["a\u{1}b", "a\u{0}", &"x".repeat(201)] {
        assert!(complete(&harness, COMPANY, prefix).values.is_empty());
    }
    assert_eq!(request_count(&mut harness), 0);
    for prefix in ["'", "\"", "{", "\\", "\u{202e}", "🦀", "%", " mar"] {
        complete(&harness, COMPANY, prefix);
    }
    assert_eq!(complete(&harness, COMPANY, " mar").values, ["Marrow Bakery"]);
}
