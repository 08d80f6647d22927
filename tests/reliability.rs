//! What is sent again, what never is, and what a caller is told: every fault of the tenant, in paused time.
#![expect(clippy::too_many_lines, reason = "a table of cases")]

mod support;

use std::time::Duration;

use autotask_sandbox::{Fault, SECRET};
use serde_json::{Value, json};
use support::Harness;

/// A fault; then a read that meets it once, and one that meets nothing else: the code (empty for success)
/// and the tries. Then a write that meets it once: the code and the records it made.
type Row = (Fault, (&'static str, usize), (&'static str, usize), (&'static str, usize));

fn rows() -> Vec<Row> {
    let after = |text: &str| Fault::TooManyRequests { retry_after: Some(text.into()) };
    let lost = ("upstream-unavailable", 4);
    let unknown = |made| ("outcome-unknown", made);
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
        (
            Fault::Redirect,
            ("upstream-unavailable", 1),
            ("upstream-unavailable", 1),
            ("upstream-unavailable", 0),
        ),
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

fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or_default()
}

/// The requests, but for the zone and the threshold.
fn tries(harness: &mut Harness) -> usize {
    let aside = |request: &&String| {
        request.contains("zoneInformation") || request.contains("ThresholdInformation")
    };
    harness.requests().iter().filter(|request| !aside(request)).count()
}

/// A harness where the zone, the threshold and what writes are held against are known.
fn settled() -> Harness {
    let mut harness = Harness::new();
    harness.call("get-threshold-information", "{}");
    for entity in ["Contacts", "Tickets"] {
        harness.json("describe-entity-fields", &json!({ "entity": entity }));
    }
    harness.requests();
    harness
}

#[test]
fn every_fault_is_met_by_the_table() {
    for (fault, once, always, write) in rows() {
        let mut harness = settled();
        harness.sandbox.queue_faults([Some(fault.clone())]);
        let read = harness.json("get-ticket", &json!({ "id": 8107, "fields": "id" }));
        assert_eq!((code(&read), tries(&mut harness)), once, "{fault:?} once: {read}");

        let mut harness = settled();
        harness.sandbox.queue_faults(std::iter::repeat_n(Some(fault.clone()), 9));
        let read = harness.json("get-ticket", &json!({ "id": 8107, "fields": "id" }));
        assert_eq!((code(&read), tries(&mut harness)), always, "{fault:?} always: {read}");

        let harness = settled();
        harness.sandbox.queue_faults([Some(fault.clone())]);
        let wrote = harness.json("create-contact", &create("CREATE_CONTACT"));
        let made = harness.sandbox.created("Contacts");
        assert_eq!((code(&wrote), made), write, "{fault:?} on a write: {wrote}");
        assert!(!wrote.to_string().contains(SECRET), "{wrote}");
    }
}

/// Sent again is only what was answered with a proof that nothing was done.
#[test]
fn no_write_is_repeated() {
    for (fault, ..) in rows() {
        let waits = matches!(&fault, Fault::TooManyRequests { retry_after: Some(after) } if matches!(after.as_str(), "2" | "30"));
        for (method, tool, given) in [
            ("POST", "create-contact", create("CREATE_CONTACT")),
            (
                "PATCH",
                "update-ticket",
                json!({ "id": 8107, "priority": 1, "confirm": "UPDATE_TICKET" }),
            ),
        ] {
            let mut harness = settled();
            // An update reads the record first.
            let before = std::iter::repeat_n(None, usize::from(method == "PATCH"));
            harness.sandbox.queue_faults(before.chain([Some(fault.clone())]));
            harness.json(tool, &given);
            let is_write =
                |request: &&String| request.starts_with(method) && !request.ends_with("/query");
            let sent = harness.requests().iter().filter(is_write).count();
            assert_eq!(sent, 1 + usize::from(waits), "{fault:?} {method}");
            assert!(harness.sandbox.created("Contacts") <= 1, "{fault:?}");
        }
    }
}

/// These two are not even read by the tenant, so its log does not count them.
#[test]
fn what_never_arrived_is_read_again_and_not_written_again() {
    for (fault, write) in [
        (Fault::Disconnect { handled: false }, "outcome-unknown"),
        (Fault::ConnectionRefused, "upstream-unavailable"),
    ] {
        let harness = settled();
        harness.sandbox.queue_faults([Some(fault.clone())]);
        assert_eq!(
            code(&harness.json("get-ticket", &json!({ "id": 8107, "fields": "id" }))),
            "",
            "{fault:?}"
        );
        harness.sandbox.queue_faults([Some(fault.clone())]);
        let wrote = harness.json("create-contact", &create("CREATE_CONTACT"));
        assert_eq!((code(&wrote), harness.sandbox.created("Contacts")), (write, 0), "{fault:?}");
    }
}

#[test]
fn an_unknown_outcome_says_how_to_look() {
    look_after(Fault::NoResponse { handled: true });
    look_after(Fault::EmptyObject);
}

fn look_after(fault: Fault) {
    let harness = settled();
    harness.sandbox.queue_faults([Some(fault)]);
    let wrote = harness.json("create-contact", &create("CREATE_CONTACT"));
    assert_eq!(wrote["error"]["retry"], "check-first", "{wrote}");
    let message = wrote["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("found one that fits: Contact "), "{message}");
    let next = wrote["error"]["next"].as_str().unwrap_or_default();
    let (begin, end) = (next.find('{').unwrap_or_default(), next.rfind('}').unwrap_or_default());
    let search: Value =
        serde_json::from_str(next.get(begin..=end).unwrap_or_default()).unwrap_or_default();
    let found = harness.json("query-entity", &search);
    assert_eq!(found["count"], 1, "{next}: {found}");
}

/// A look finds what was there before too: it is told apart by its date, and nothing is claimed of what may come.
#[test]
fn a_look_tells_old_records_from_the_new_one() {
    for (handled, words) in [
        (false, "found only older ones that fit: Contact 71, made "),
        (true, "found one that fits: Contact "),
    ] {
        let harness = settled();
        let old = harness.json("get-contact", &json!({ "id": 71, "fields": "*" }));
        let mut twin = create("CREATE_CONTACT");
        for field in ["companyID", "firstName", "lastName"] {
            twin[field] = old["item"][field].clone();
        }
        harness.sandbox.queue_faults([Some(Fault::NoResponse { handled })]);
        let wrote = harness.json("create-contact", &twin);
        let message = wrote["error"]["message"].as_str().unwrap_or_default();
        assert!(message.contains(words), "{wrote}");
        assert_eq!(message.contains("Contact 71"), !handled, "{wrote}");
        assert_eq!(message.contains("still be at work"), !handled, "{wrote}");
        let next = wrote["error"]["next"].as_str().unwrap_or_default();
        assert!(next.contains("createDate would be 2026-06-30T14:"), "{next}");
    }
}

#[test]
fn updates_are_sent_once_and_deletes_again() {
    let mut harness = settled();
    let update = json!({ "id": 8107, "priority": 1, "confirm": "UPDATE_TICKET" });
    harness.sandbox.queue_faults([None, Some(Fault::Empty500)]);
    assert_eq!(code(&harness.json("update-ticket", &update)), "outcome-unknown");
    let sent = harness.requests();
    let changes = sent.iter().filter(|request| request.starts_with("PATCH"));
    assert_eq!((changes.count(), sent.len()), (1, 3), "a look before and one after: {sent:?}");
    let delete = json!({ "entity": "TimeEntries", "id": 5501, "confirm": "DELETE_ENTITY" });
    harness.sandbox.queue_faults([Some(Fault::Empty500)]);
    assert_eq!(harness.json("delete-entity", &delete), json!({ "itemId": 5501 }));
    assert_eq!(tries(&mut harness), 2);
    let delete = json!({ "entity": "TimeEntries", "id": 5500, "confirm": "DELETE_ENTITY" });
    harness.sandbox.queue_faults([Some(Fault::Truncated)]);
    let twice = harness.json("delete-entity", &delete);
    assert_eq!(code(&twice), "not-found");
    assert!(twice.to_string().contains("the first most likely worked"), "{twice}");
}

#[test]
fn a_moved_zone_is_found_again() {
    let mut harness = settled();
    harness.call("get-version", "{}");
    harness.sandbox.move_zone("https://webservices29.autotask.net/ATServicesRest/");
    assert_eq!(code(&harness.json("get-ticket", &json!({ "id": 8107, "fields": "id" }))), "");
    let asked =
        harness.requests().iter().filter(|request| request.contains("zoneInformation")).count();
    assert_eq!(asked, 1, "once more, after the 401");
}

#[test]
fn two_refusals_of_the_credentials_stop_everything_for_a_minute() {
    let mut harness = settled();
    harness.sandbox.queue_faults(std::iter::repeat_n(Some(Fault::Unauthorized), 2));
    for _ in 0..6 {
        assert_eq!(code(&harness.json("get-version", &json!({}))), "auth-failed");
    }
    assert_eq!(tries(&mut harness), 2, "four calls were stopped here");
    let stopped = harness.json("get-version", &json!({}));
    assert_eq!(stopped["error"]["retry"], "later", "{stopped}");
    harness.runtime.block_on(async { tokio::time::sleep(Duration::from_secs(61)).await });
    assert_eq!(code(&harness.json("get-version", &json!({}))), "");
}

#[test]
fn the_threshold_is_warned_of_and_not_crossed() {
    let mut harness = settled();
    harness.sandbox.set_used(8_000);
    harness.call("get-threshold-information", "{}");
    let warned = harness.call("get-ticket", "{\"id\":8107,\"fields\":\"id\"}");
    assert!(warned.contains("80 % of its hourly requests"), "{warned}");
    harness.sandbox.set_used(9_600);
    harness.call("get-threshold-information", "{}");
    harness.requests();
    let stopped = harness.json("create-contact", &create("CREATE_CONTACT"));
    assert_eq!(code(&stopped), "threshold-reached", "{stopped}");
    assert_eq!(tries(&mut harness), 0);
    harness.sandbox.set_used(100);
    harness.runtime.block_on(async { tokio::time::sleep(Duration::from_secs(61)).await });
    assert_eq!(
        code(&harness.json("get-ticket", &json!({ "id": 8107, "fields": "id" }))),
        "",
        "asked once a minute"
    );
}

#[test]
fn a_write_that_was_begun_is_carried_through() {
    let harness = settled();
    harness.sandbox.queue_faults([Some(Fault::Delayed(Duration::from_secs(20)))]);
    harness.runtime.block_on(async {
        let arguments = create("CREATE_CONTACT").as_object().cloned().expect("an object");
        let call = harness.desk.call_as_operator("create-contact", arguments);
        assert!(
            tokio::time::timeout(Duration::from_secs(1), call).await.is_err(),
            "the caller leaves"
        );
        harness
            .desk
            .executor()
            .client()
            .wait_for_writes(tokio::time::Instant::now() + Duration::from_secs(60))
            .await;
    });
    assert_eq!(harness.sandbox.created("Contacts"), 1);
}
