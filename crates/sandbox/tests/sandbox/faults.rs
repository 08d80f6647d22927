//! Faults: the response of each, whether the request is handled, and which requests are affected.

use std::time::Duration;

use autotask_sandbox::{Fault, FaultResult, INTEGRATION_CODE, SECRET};
use bytes::Bytes;
use http::header::DATE;
use http::{Request, Response};
use serde_json::{Value, json};

use super::{Sandbox, request, with_body};

const TIME: Duration = Duration::from_secs(7);

fn create_request() -> Request<Bytes> {
    let contact = json!({ "firstName": "Ada", "lastName": "Ebb", "isActive": 1 });
    with_body(request("POST", "Companies/412/Contacts"), &contact)
}

fn get_request() -> Request<Bytes> {
    with_body(request("GET", "Tickets/8107"), &Value::Null)
}

fn zone_request() -> Request<Bytes> {
    let path = "zoneInformation?user=api.tide%40example.test";
    with_body(request("GET", path), &Value::Null)
}

fn describe(result: FaultResult) -> String {
    match result {
        FaultResult::Response(response) => describe_response(&response),
        FaultResult::Delayed(time, response) => {
            format!("delayed {time:?} {}", describe_response(&response))
        }
        FaultResult::SlowBody(time, response) => {
            format!("slow {time:?} {}", describe_response(&response))
        }
        FaultResult::Oversized(response, size) => format!("{size} bytes of {}", response.status()),
        FaultResult::NoResponse => "no response".into(),
        FaultResult::Disconnect => "disconnected".into(),
        FaultResult::ConnectionRefused => "refused".into(),
    }
}

/// The status, headers and body of a response, without its date.
fn describe_response(response: &Response<Bytes>) -> String {
    let headers = response.headers().iter().filter(|(name, _)| *name != DATE);
    let headers = headers.map(|(name, value)| format!(" {name}={}", value.to_str().unwrap()));
    let body = String::from_utf8_lossy(response.body());
    let status = response.status().as_u16();
    format!("{status}{} | {body}", headers.collect::<String>())
}

/// Asserts the result of a POST with a fault, whether the request is received and whether it is handled.
fn check(fault: Fault, expected: &str, received: usize, handled: usize) {
    let sandbox = Sandbox::new();
    sandbox.queue_faults([Some(fault.clone())]);
    let result = describe(sandbox.respond(create_request()));
    let is_expected = match expected.split_once("...") {
        Some((start, end)) => result.starts_with(start) && result.ends_with(end),
        None => result == expected,
    };
    assert!(is_expected, "{fault:?}: {result}\nexpected {expected}");
    assert_eq!(sandbox.requests().len(), received, "{fault:?}");
    assert_eq!(sandbox.created("Contacts"), handled, "{fault:?}");
    let next = sandbox.respond(create_request());
    assert!(
        matches!(&next, FaultResult::Response(response) if response.status() == 200),
        "{fault:?}: {next:?}"
    );
}

const JSON: &str = "content-type=application/json; charset=utf-8";

#[test]
fn requests_that_are_not_handled() {
    let too_many = |after: &str| Fault::TooManyRequests { retry_after: Some(after.into()) };
    let errors = |words: &str| format!("500 {JSON} | {{\"errors\":[\"{words}...\"]}}");
    let page = |status: u16| format!("{status} content-type=text/html | <!DOCTYPE html>...</html>");
    for (fault, expected) in [
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
        (Fault::NoResponse { handled: false }, "no response".into()),
    ] {
        check(fault, &expected, 1, 0);
    }
}

#[test]
fn requests_that_are_handled_despite_the_fault() {
    let success = format!("200 {JSON} | {{\"itemId\":...}}");
    for (fault, expected) in [
        (Fault::Truncated, format!("200 {JSON} | {{\"item...")),
        (Fault::InvalidUtf8, format!("200 {JSON} | {{\"\u{FFFD}itemId\":...}}")),
        (Fault::EmptyObject, format!("200 {JSON} | {{}}")),
        (
            Fault::WrongContentType,
            "200 content-type=application/octet-stream | {\"itemId\":...}".into(),
        ),
        (Fault::WrongLength, format!("200 {JSON} content-length=10...}}")),
        (Fault::Delayed(TIME), format!("delayed 7s {success}")),
        (Fault::SlowBody(TIME), format!("slow 7s {success}")),
        (Fault::NoResponse { handled: true }, "no response".into()),
        (Fault::Disconnect { handled: true }, "disconnected".into()),
    ] {
        check(fault, &expected, 1, 1);
    }
}

#[test]
fn requests_that_are_not_received() {
    check(Fault::Disconnect { handled: false }, "disconnected", 0, 0);
    check(Fault::ConnectionRefused, "refused", 0, 0);
}

#[test]
fn echoed_headers_contain_the_secrets_in_every_encoding() {
    let sandbox = Sandbox::new();
    sandbox.queue_faults([Some(Fault::EchoHeaders)]);
    let reply = describe(sandbox.respond(get_request()));
    for form in [SECRET, "low%23Tide%2442%7Eebb", "bG93I1RpZGUkNDJ+ZWJi", INTEGRATION_CODE] {
        assert!(reply.contains(form), "{form}: {reply}");
    }
    assert!(reply.starts_with("500") && reply.contains("{\"errors\":[\""), "{reply}");
}

#[test]
fn queued_faults_are_applied_in_order() {
    let sandbox = Sandbox::new();
    sandbox.queue_faults([Some(Fault::BadGateway), None]);
    sandbox.queue_faults([Some(Fault::Unavailable)]);
    sandbox.set_random_faults(1, 100, vec![Fault::Empty500]);
    let status = |request| match sandbox.respond(request) {
        FaultResult::Response(response) => response.status().as_u16(),
        other => panic!("{other:?}"),
    };
    assert_eq!(status(zone_request()), 200);
    let statuses = [(); 4].map(|()| status(get_request()));
    assert_eq!((statuses, status(zone_request())), ([502, 200, 503, 500], 200));
    sandbox.queue_faults([Some(Fault::BadGateway)]);
    assert_eq!(sandbox.handle(get_request()).status(), 200);
    sandbox.clear_faults();
    assert_eq!(describe(sandbox.respond(get_request())).get(..3), Some("200"));
    assert_eq!(sandbox.requests().len(), 8);
}

#[test]
fn random_faults_follow_their_seed_and_percentage() {
    let faults = vec![Fault::NoResponse { handled: false }, Fault::ConnectionRefused];
    let results_with = |seed, percent| {
        let sandbox = Sandbox::new();
        sandbox.set_random_faults(seed, percent, faults.clone());
        let all = (0..1_000).map(|_| describe(sandbox.respond(version_request())));
        all.collect::<Vec<_>>()
    };
    let count = |all: &[String], result: &str| all.iter().filter(|other| *other == result).count();
    let five = results_with(7, 5);
    assert_eq!(five, results_with(7, 5));
    assert_ne!(five, results_with(8, 5));
    let (silent, refused) = (count(&five, "no response"), count(&five, "refused"));
    assert!(silent > 10 && refused > 10, "{silent} {refused}");
    assert!((30..=70).contains(&(silent + refused)), "{silent} {refused}");
    assert!(results_with(7, 0).iter().all(|result| result.starts_with("200")));
    let all = results_with(7, 100);
    assert_eq!(count(&all, "no response") + count(&all, "refused"), 1_000);
}

/// A request with a small response.
fn version_request() -> Request<Bytes> {
    with_body(request("GET", "Version"), &Value::Null)
}
