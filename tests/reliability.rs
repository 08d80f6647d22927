//! Retries and reported errors for every fault of the tenant, with time paused.

use crate::support;

use std::time::Duration;

use autotask_sandbox::{Fault, SECRET};
use serde_json::{Value, json};
use support::Harness;

/// A fault; then a read that fails once with it, and one that always does: the code (empty for success) and the
/// number of attempts. Then a write that fails once: the code and the records it created.
type Row = (Fault, (&'static str, usize), (&'static str, usize), (&'static str, usize));

fn rows() -> Vec<Row> {
    let after = |text: &str| Fault::TooManyRequests { retry_after: Some(text.into()) };
    let lost = ("upstream-unavailable", 4);
    let unknown = |created| ("outcome-unknown", created);
    vec![
        (
            Fault::TooManyRequests { retry_after: None },
            ("", 2),
            ("rate-limited", 4),
            ("rate-limited", 0),
        ),
        (after("2"), ("", 2), ("rate-limited", 4), ("", 1)),
        (after("30"), ("", 2), ("rate-limited", 4), ("", 1)),
        (after("45"), ("", 2), ("rate-limited", 3), ("rate-limited", 0)),
        (after("61"), ("rate-limited", 1), ("rate-limited", 1), ("rate-limited", 0)),
        (Fault::ThreadLimit, ("", 2), ("rate-limited", 4), ("rate-limited", 0)),
        (Fault::ValidationError, ("rejected", 1), ("rejected", 1), ("rejected", 0)),
        (Fault::Empty500, ("", 2), lost, unknown(0)),
        (Fault::Html500, ("", 2), lost, unknown(0)),
        (Fault::BadGateway, ("", 2), lost, unknown(0)),
        (Fault::Unavailable, ("", 2), lost, unknown(0)),
        (Fault::GatewayTimeout, ("", 2), lost, unknown(0)),
        (Fault::Truncated, ("", 2), lost, unknown(1)),
        (Fault::NotJson, ("", 2), lost, unknown(0)),
        (Fault::InvalidUtf8, ("", 2), lost, unknown(1)),
        (Fault::WrongContentType, ("", 1), ("", 1), ("", 1)),
        (Fault::Redirect, ("upstream-unavailable", 1), ("upstream-unavailable", 1), unknown(0)),
        (Fault::Delayed(Duration::from_secs(5)), ("", 1), ("", 1), ("", 1)),
        (Fault::SlowBody(Duration::from_secs(2)), ("", 1), ("", 1), ("", 1)),
        (Fault::NoResponse { handled: false }, ("", 2), ("timeout", 2), unknown(0)),
        (Fault::NoResponse { handled: true }, ("", 2), ("timeout", 2), unknown(1)),
        (Fault::Disconnect { handled: true }, ("", 2), lost, unknown(1)),
        (Fault::EchoHeaders, ("rejected", 1), ("rejected", 1), ("rejected", 0)),
        (
            Fault::ThresholdExceeded,
            ("threshold-reached", 1),
            ("threshold-reached", 1),
            ("threshold-reached", 0),
        ),
        (Fault::Unauthorized, ("auth-failed", 1), ("auth-failed", 1), ("auth-failed", 0)),
    ]
}

fn create(confirm: &str) -> Value {
    json!({ "companyID": 412, "firstName": "Ada", "lastName": "Ebb", "confirm": confirm })
}

fn code(response: &Value) -> &str {
    response["error"]["code"].as_str().unwrap_or_default()
}

/// The number of requests, without those for the zone and the threshold.
fn attempts(harness: &mut Harness) -> usize {
    let is_service = |request: &&String| {
        request.contains("zoneInformation") || request.contains("ThresholdInformation")
    };
    harness.requests().iter().filter(|request| !is_service(request)).count()
}

/// A harness in which the zone, the threshold and the metadata for writes are cached.
fn warmed_up() -> Harness {
    let mut harness = Harness::new();
    harness.call("get-threshold-information", "{}");
    for entity in ["Contacts", "Tickets"] {
        harness.json("describe-entity-fields", &json!({ "entity": entity }));
    }
    harness.requests();
    harness
}

#[test]
fn each_fault_has_its_retries_and_error() {
    for (fault, once, always, write) in rows() {
        let mut harness = warmed_up();
        harness.sandbox.queue_faults([Some(fault.clone())]);
        let read = harness.json("get-ticket", &json!({ "id": 8107, "fields": "id" }));
        assert_eq!((code(&read), attempts(&mut harness)), once, "{fault:?} once: {read}");

        let mut harness = warmed_up();
        harness.sandbox.queue_faults(std::iter::repeat_n(Some(fault.clone()), 9));
        let read = harness.json("get-ticket", &json!({ "id": 8107, "fields": "id" }));
        assert_eq!((code(&read), attempts(&mut harness)), always, "{fault:?} always: {read}");

        let harness = warmed_up();
        harness.sandbox.queue_faults([Some(fault.clone())]);
        let result = harness.json("create-contact", &create("CREATE_CONTACT"));
        let created = harness.sandbox.created("Contacts");
        assert_eq!((code(&result), created), write, "{fault:?} on a write: {result}");
        assert!(!result.to_string().contains(SECRET), "{result}");
    }
}

/// A write is sent again only if the response proves that nothing was processed.
#[test]
fn no_write_is_retried() {
    for (fault, ..) in rows() {
        let is_retried = matches!(&fault, Fault::TooManyRequests { retry_after: Some(after) } if matches!(after.as_str(), "2" | "30"));
        for (method, tool, arguments) in [
            ("POST", "create-contact", create("CREATE_CONTACT")),
            (
                "PATCH",
                "update-ticket",
                json!({ "id": 8107, "priority": 1, "confirm": "UPDATE_TICKET" }),
            ),
        ] {
            let mut harness = warmed_up();
            // An update reads the record first.
            let before = std::iter::repeat_n(None, usize::from(method == "PATCH"));
            harness.sandbox.queue_faults(before.chain([Some(fault.clone())]));
            harness.json(tool, &arguments);
            let is_write =
                |request: &&String| request.starts_with(method) && !request.ends_with("/query");
            let sent = harness.requests().iter().filter(is_write).count();
            assert_eq!(sent, 1 + usize::from(is_retried), "{fault:?} {method}");
            assert!(harness.sandbox.created("Contacts") <= 1, "{fault:?}");
        }
    }
}

/// The tenant does not receive these two, so its log does not count them.
#[test]
fn requests_that_never_arrived_are_retried_only_if_they_read() {
    for (fault, write) in [
        (Fault::Disconnect { handled: false }, "outcome-unknown"),
        (Fault::ConnectionRefused, "upstream-unavailable"),
    ] {
        let harness = warmed_up();
        harness.sandbox.queue_faults([Some(fault.clone())]);
        assert_eq!(
            code(&harness.json("get-ticket", &json!({ "id": 8107, "fields": "id" }))),
            "",
            "{fault:?}"
        );
        harness.sandbox.queue_faults([Some(fault.clone())]);
        let result = harness.json("create-contact", &create("CREATE_CONTACT"));
        assert_eq!((code(&result), harness.sandbox.created("Contacts")), (write, 0), "{fault:?}");
    }
}

#[test]
fn an_unknown_outcome_names_the_search_that_shows_it() {
    check_outcome_search(Fault::NoResponse { handled: true });
    check_outcome_search(Fault::EmptyObject);
}

fn check_outcome_search(fault: Fault) {
    let harness = warmed_up();
    harness.sandbox.queue_faults([Some(fault)]);
    let result = harness.json("create-contact", &create("CREATE_CONTACT"));
    assert_eq!(result["error"]["retry"], "check-first", "{result}");
    let message = result["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("found one match: Contact "), "{message}");
    let next = result["error"]["next"].as_str().unwrap_or_default();
    let (begin, end) = (next.find('{').unwrap_or_default(), next.rfind('}').unwrap_or_default());
    let search: Value =
        serde_json::from_str(next.get(begin..=end).unwrap_or_default()).unwrap_or_default();
    let found = harness.json("query-entity", &search);
    assert_eq!(found["count"], 1, "{next}: {found}");
}

/// The outcome check also finds older records, and reports their dates.
#[test]
fn the_outcome_check_distinguishes_old_records_from_the_new_one() {
    for (handled, phrase) in
        [(false, "found one match: Contact 71, created 2024-05-02"), (true, "found 2 matches: ")]
    {
        let harness = warmed_up();
        let old = harness.json("get-contact", &json!({ "id": 71, "fields": "*" }));
        let mut duplicate = create("CREATE_CONTACT");
        for field in ["companyID", "firstName", "lastName"] {
            duplicate[field] = old["item"][field].clone();
        }
        harness.sandbox.queue_faults([Some(Fault::NoResponse { handled })]);
        let result = harness.json("create-contact", &duplicate);
        let message = result["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(phrase), "{result}");
        let next = result["error"]["next"].as_str().unwrap_or_default();
        assert!(next.contains("createDate would be 2026-06-30T14:"), "{next}");
    }
}

#[test]
fn updates_are_sent_once_and_deletes_are_retried() {
    let mut harness = warmed_up();
    let update = json!({ "id": 8107, "priority": 1, "confirm": "UPDATE_TICKET" });
    harness.sandbox.queue_faults([None, Some(Fault::Empty500)]);
    assert_eq!(code(&harness.json("update-ticket", &update)), "outcome-unknown");
    let sent = harness.requests();
    let changes = sent.iter().filter(|request| request.starts_with("PATCH"));
    assert_eq!((changes.count(), sent.len()), (1, 3), "one read before and one after: {sent:?}");
    let delete = json!({ "entity": "TimeEntries", "id": 5501, "confirm": "DELETE_ENTITY" });
    harness.sandbox.queue_faults([Some(Fault::Empty500)]);
    assert_eq!(harness.json("delete-entity", &delete), json!({ "itemId": 5501 }));
    assert_eq!(attempts(&mut harness), 2);
    let delete = json!({ "entity": "TimeEntries", "id": 5500, "confirm": "DELETE_ENTITY" });
    harness.sandbox.queue_faults([Some(Fault::Truncated)]);
    let second = harness.json("delete-entity", &delete);
    assert_eq!(code(&second), "not-found");
    assert!(second.to_string().contains("the first most likely succeeded"), "{second}");
}

#[test]
fn a_moved_zone_is_detected_again() {
    let mut harness = warmed_up();
    harness.call("get-version", "{}");
    harness.sandbox.move_zone("https://webservices29.autotask.net/ATServicesRest/");
    assert_eq!(code(&harness.json("get-ticket", &json!({ "id": 8107, "fields": "id" }))), "");
    let detections =
        harness.requests().iter().filter(|request| request.contains("zoneInformation")).count();
    assert_eq!(detections, 1, "once more, after the 401");
}

#[test]
fn two_rejections_of_the_credentials_stop_requests_for_a_minute() {
    let mut harness = warmed_up();
    harness.sandbox.queue_faults(std::iter::repeat_n(Some(Fault::Unauthorized), 2));
    for _ in 0..6 {
        assert_eq!(code(&harness.json("get-version", &json!({}))), "auth-failed");
    }
    assert_eq!(attempts(&mut harness), 2, "the other calls were stopped here");
    let stopped = harness.json("get-version", &json!({}));
    assert_eq!(stopped["error"]["retry"], "later", "{stopped}");
    harness.runtime.block_on(async { tokio::time::sleep(Duration::from_secs(61)).await });
    assert_eq!(code(&harness.json("get-version", &json!({}))), "");
}

#[test]
fn the_threshold_warns_and_stops() {
    let mut harness = warmed_up();
    harness.sandbox.set_used(8_000);
    harness.call("get-threshold-information", "{}");
    let response = harness.call("get-ticket", "{\"id\":8107,\"fields\":\"id\"}");
    assert!(response.contains("80% of the tenant's hourly API requests are used"), "{response}");
    harness.sandbox.set_used(9_600);
    harness.call("get-threshold-information", "{}");
    harness.requests();
    let stopped = harness.json("create-contact", &create("CREATE_CONTACT"));
    assert_eq!(code(&stopped), "threshold-reached", "{stopped}");
    assert!(stopped.to_string().contains(" of 10000)"), "{stopped}");
    assert_eq!(attempts(&mut harness), 0);
    harness.sandbox.set_used(100);
    harness.runtime.block_on(async { tokio::time::sleep(Duration::from_secs(61)).await });
    assert_eq!(
        code(&harness.json("get-ticket", &json!({ "id": 8107, "fields": "id" }))),
        "",
        "the usage is read once a minute"
    );
}

#[test]
fn a_sent_write_runs_to_its_end() {
    let harness = warmed_up();
    harness.sandbox.queue_faults([Some(Fault::Delayed(Duration::from_secs(20)))]);
    harness.runtime.block_on(async {
        let arguments = create("CREATE_CONTACT").as_object().cloned().expect("an object");
        let call = harness.app.call_as_operator("create-contact", arguments);
        assert!(
            tokio::time::timeout(Duration::from_secs(1), call).await.is_err(),
            "the caller cancels"
        );
        harness
            .app
            .executor()
            .client()
            .wait_for_writes(tokio::time::Instant::now() + Duration::from_secs(60))
            .await;
    });
    assert_eq!(harness.sandbox.created("Contacts"), 1);
}

/// A cancelled read keeps its permit until the response arrives, because Autotask still works on it.
#[test]
fn a_cancelled_read_keeps_its_permit_until_its_response() {
    let harness = warmed_up();
    harness
        .sandbox
        .queue_faults(std::iter::repeat_n(Some(Fault::Delayed(Duration::from_secs(20))), 3));
    harness.runtime.block_on(async {
        let read = |id: u32| {
            let arguments = json!({ "id": id, "fields": "id" }).as_object().cloned();
            harness.app.call_as_operator("get-ticket", arguments.expect("an object"))
        };
        let three = async { tokio::join!(read(8001), read(8002), read(8003)) };
        let cancelled = tokio::time::timeout(Duration::from_secs(1), Box::pin(three)).await;
        assert!(cancelled.is_err(), "cancelled");
        let started = tokio::time::Instant::now();
        read(8107).await;
        assert!(started.elapsed() >= Duration::from_secs(18), "{:?}", started.elapsed());
        assert!(started.elapsed() <= Duration::from_secs(20), "{:?}", started.elapsed());
    });
}

#[test]
fn a_long_retry_after_is_reported_unchanged() {
    let harness = warmed_up();
    harness
        .sandbox
        .queue_faults([Some(Fault::TooManyRequests { retry_after: Some("7200".into()) })]);
    let read = harness.json("get-ticket", &json!({ "id": 8107, "fields": "id" }));
    assert_eq!(read["error"]["retryAfterSeconds"], 7200, "{read}");
}

#[test]
fn a_redirected_create_is_not_repeated() {
    let harness = warmed_up();
    harness.sandbox.queue_faults([Some(Fault::Redirect)]);
    let first = harness.json("create-contact", &create("CREATE_CONTACT"));
    assert_eq!(code(&first), "outcome-unknown", "{first}");
    let second = harness.json("create-contact", &create("CREATE_CONTACT"));
    assert_eq!(code(&second), "duplicate-write", "{second}");
}
