//! Trouble: each fault as it goes out, whether the request is done, and whom it befalls.

use std::time::Duration;

use autotask_sandbox::{Fault, FaultResult, INTEGRATION_CODE, SECRET};
use bytes::Bytes;
use http::header::DATE;
use http::{Request, Response};
use serde_json::{Value, json};

use super::{Sandbox, request, with_body};

const TIME: Duration = Duration::from_secs(7);

fn creation() -> Request<Bytes> {
    let contact = json!({ "firstName": "Ada", "lastName": "Ebb", "isActive": 1 });
    with_body(request("POST", "Companies/412/Contacts"), &contact)
}

fn retrieval() -> Request<Bytes> {
    with_body(request("GET", "Tickets/8107"), &Value::Null)
}

fn look_up() -> Request<Bytes> {
    let path = "zoneInformation?user=api.tide%40example.test";
    with_body(request("GET", path), &Value::Null)
}

fn reply(behavior: FaultResult) -> String {
    match behavior {
        FaultResult::Response(answer) => told_answer(&answer),
        FaultResult::Delayed(time, answer) => format!("late {time:?} {}", told_answer(&answer)),
        FaultResult::SlowBody(time, answer) => format!("drip {time:?} {}", told_answer(&answer)),
        FaultResult::Oversized(answer, size) => format!("{size} bytes of {}", answer.status()),
        FaultResult::NoResponse => "silence".into(),
        FaultResult::Disconnect => "cut".into(),
        FaultResult::ConnectionRefused => "refused".into(),
    }
}

/// The status, the headers and the body of an answer; its date is always the same.
fn told_answer(answer: &Response<Bytes>) -> String {
    let headers = answer.headers().iter().filter(|(name, _)| *name != DATE);
    let headers = headers.map(|(name, value)| format!(" {name}={}", value.to_str().unwrap()));
    let body = String::from_utf8_lossy(answer.body());
    let status = answer.status().as_u16();
    format!("{status}{} | {body}", headers.collect::<String>())
}

/// Asserts what a creation comes to under a fault, whether it is read and whether it is done.
fn check(fault: Fault, outcome: &str, read: usize, done: usize) {
    let sandbox = Sandbox::new();
    sandbox.queue_faults([Some(fault.clone())]);
    let reply = reply(sandbox.respond(creation()));
    let is = match outcome.split_once("...") {
        Some((start, end)) => reply.starts_with(start) && reply.ends_with(end),
        None => reply == outcome,
    };
    assert!(is, "{fault:?}: {reply}\nwanted {outcome}");
    assert_eq!(sandbox.requests().len(), read, "{fault:?}");
    assert_eq!(sandbox.created("Contacts"), done, "{fault:?}");
    let next = sandbox.respond(creation());
    assert!(
        matches!(&next, FaultResult::Response(answer) if answer.status() == 200),
        "{fault:?}: {next:?}"
    );
}

const JSON: &str = "content-type=application/json; charset=utf-8";

#[test]
fn refusals() {
    let too_many = |after: &str| Fault::TooManyRequests { retry_after: Some(after.into()) };
    let errors = |words: &str| format!("500 {JSON} | {{\"errors\":[\"{words}...\"]}}");
    let page = |status: u16| format!("{status} content-type=text/html | <!DOCTYPE html>...</html>");
    for (fault, outcome) in [
        (Fault::TooManyRequests { retry_after: None }, format!("429 {JSON} | ")),
        (too_many("30"), format!("429 {JSON} retry-after=30 | ")),
        (
            too_many("Wed, 21 Oct 2026 07:28:00 GMT"),
            format!("429 {JSON} retry-after=Wed, 21 Oct 2026 07:28:00 GMT | "),
        ),
        (Fault::ThreadLimit, errors("Itgenatr005: The thread threshold")),
        (Fault::ThresholdExceeded, errors("You have exceeded your request threshold")),
        (Fault::ValidationError, errors("Picklist value [99] does not exist for status")),
        (
            Fault::PermissionDenied,
            errors("The logged in Resource does not have the adequate permissions to query"),
        ),
        (Fault::Empty500, format!("500 {JSON} | ")),
        (Fault::Unauthorized, format!("401 {JSON} | ")),
        (Fault::Html500, page(500)),
        (Fault::BadGateway, page(502)),
        (Fault::Unavailable, page(503)),
        (Fault::GatewayTimeout, page(504)),
        (Fault::NotJson, page(200)),
        (
            Fault::Redirect,
            "302 content-type=text/html location=https://evil.example.test/ | ".into(),
        ),
        (Fault::Oversized(200 << 20), "209715200 bytes of 200 OK".into()),
        (Fault::NoResponse { handled: false }, "silence".into()),
    ] {
        check(fault, &outcome, 1, 0);
    }
}

#[test]
fn done_all_the_same() {
    let whole = format!("200 {JSON} | {{\"itemId\":...}}");
    for (fault, outcome) in [
        (Fault::Truncated, format!("200 {JSON} | {{\"item...")),
        (Fault::InvalidUtf8, format!("200 {JSON} | {{\"\u{FFFD}itemId\":...}}")),
        (Fault::EmptyObject, format!("200 {JSON} | {{}}")),
        (
            Fault::WrongContentType,
            "200 content-type=application/octet-stream | {\"itemId\":...}".into(),
        ),
        (Fault::WrongLength, format!("200 {JSON} content-length=10...}}")),
        (Fault::Delayed(TIME), format!("late 7s {whole}")),
        (Fault::SlowBody(TIME), format!("drip 7s {whole}")),
        (Fault::NoResponse { handled: true }, "silence".into()),
        (Fault::Disconnect { handled: true }, "cut".into()),
    ] {
        check(fault, &outcome, 1, 1);
    }
}

#[test]
fn never_read() {
    check(Fault::Disconnect { handled: false }, "cut", 0, 0);
    check(Fault::ConnectionRefused, "refused", 0, 0);
}

#[test]
fn secrets_come_back() {
    let sandbox = Sandbox::new();
    sandbox.queue_faults([Some(Fault::EchoHeaders)]);
    let reply = reply(sandbox.respond(retrieval()));
    for form in [SECRET, "low%23Tide%2442%7Eebb", "bG93I1RpZGUkNDJ+ZWJi", INTEGRATION_CODE] {
        assert!(reply.contains(form), "{form}: {reply}");
    }
    assert!(reply.starts_with("500") && reply.contains("{\"errors\":[\""), "{reply}");
}

#[test]
fn a_script_befalls_requests_in_order() {
    let sandbox = Sandbox::new();
    sandbox.queue_faults([Some(Fault::BadGateway), None]);
    sandbox.queue_faults([Some(Fault::Unavailable)]);
    sandbox.set_random_faults(1, 100, vec![Fault::Empty500]);
    let status = |request| match sandbox.respond(request) {
        FaultResult::Response(answer) => answer.status().as_u16(),
        other => panic!("{other:?}"),
    };
    assert_eq!(status(look_up()), 200);
    let seen = [(); 4].map(|()| status(retrieval()));
    assert_eq!((seen, status(look_up())), ([502, 200, 503, 500], 200));
    sandbox.queue_faults([Some(Fault::BadGateway)]);
    assert_eq!(sandbox.handle(retrieval()).status(), 200);
    sandbox.clear_faults();
    assert_eq!(reply(sandbox.respond(retrieval())).get(..3), Some("200"));
    assert_eq!(sandbox.requests().len(), 8);
}

#[test]
fn a_storm_has_its_seed_and_its_share() {
    let faults = vec![Fault::NoResponse { handled: false }, Fault::ConnectionRefused];
    let weather = |seed, percent| {
        let sandbox = Sandbox::new();
        sandbox.set_random_faults(seed, percent, faults.clone());
        let all = (0..1_000).map(|_| reply(sandbox.respond(look_alike())));
        all.collect::<Vec<_>>()
    };
    let count = |all: &[String], word: &str| all.iter().filter(|one| *one == word).count();
    let five = weather(7, 5);
    assert_eq!(five, weather(7, 5));
    assert_ne!(five, weather(8, 5));
    let (silent, rejected) = (count(&five, "silence"), count(&five, "refused"));
    assert!(silent > 10 && rejected > 10, "{silent} {rejected}");
    assert!((30..=70).contains(&(silent + rejected)), "{silent} {rejected}");
    assert!(weather(7, 0).iter().all(|one| one.starts_with("200")));
    let all = weather(7, 100);
    assert_eq!(count(&all, "silence") + count(&all, "refused"), 1_000);
}

/// A request that is quick to answer.
fn look_alike() -> Request<Bytes> {
    with_body(request("GET", "Version"), &Value::Null)
}
