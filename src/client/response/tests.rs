//! Every row of the mapping from replies to errors.

mod wordings;

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::{OperationKind, broken};
use crate::client::backend::TransportError;
use crate::error::{Code, Error};

const PAGE: &str = "<!DOCTYPE html><html><body>404 - File or directory not found.</body></html>";
const READS: [OperationKind; 2] = [OperationKind::Get, OperationKind::Query];
const WRITES: [OperationKind; 2] = [OperationKind::Mutate, OperationKind::Delete];
const ALL: [OperationKind; 4] =
    [OperationKind::Get, OperationKind::Query, OperationKind::Mutate, OperationKind::Delete];

fn read(reply: &Response<Bytes>, act: OperationKind) -> Result<Value, Error> {
    super::read(reply, act, &[])
}

fn reply(status: u16, body: &str) -> Response<Bytes> {
    let mut reply = Response::new(Bytes::from(body.to_owned()));
    *reply.status_mut() = status.try_into().unwrap();
    reply
}

fn check(acts: &[OperationKind], status: u16, body: &str, code: Code) -> Error {
    let mut last = None;
    for act in acts {
        let error = read(&reply(status, body), *act).expect_err(body);
        assert_eq!(error.code(), code, "{act:?} {status} {body}: {error}");
        readable(&error);
        assert_eq!(error.structured()["error"]["upstream"]["status"], status);
        last = Some(error);
    }
    last.unwrap()
}

fn readable(error: &Error) {
    let text = error.to_string();
    assert!(text.lines().count() <= 3, "{text}");
    assert!(text.contains("\nNext: "), "{text}");
    for bad in ["<", "Some(", "Error {", "::", "null"] {
        assert!(!text.contains(bad), "{text}");
    }
}

fn errors(text: &str) -> String {
    json!({ "errors": [text] }).to_string()
}

#[test]
fn statuses() {
    for body in ["", PAGE, r#"{"Message":"No."}"#, "{\"errors\":[\"Cut"] {
        check(&ALL, 301, body, Code::UpstreamUnavailable);
        check(&ALL, 400, body, Code::Rejected);
        check(&ALL, 401, body, Code::AuthFailed);
        check(&ALL, 403, body, Code::Forbidden);
        check(&ALL, 404, body, Code::NotFound);
        check(&ALL, 405, body, Code::NotAllowed);
        check(&READS, 408, body, Code::Timeout);
        check(&WRITES, 408, body, Code::OutcomeUnknown);
        check(&ALL, 409, body, Code::Rejected);
        check(&ALL, 429, body, Code::RateLimited);
        for status in [500, 501, 502, 503, 504, 599] {
            check(&READS, status, body, Code::UpstreamUnavailable);
            let error = check(&WRITES, status, body, Code::OutcomeUnknown);
            assert_eq!(error.structured()["error"]["retry"], "check-first");
        }
    }
}

/// A page, or a query that is answered so, says nothing of a record.
#[test]
fn an_unknown_address_is_no_missing_record() {
    let none = r#"{"Message":"No HTTP resource was found that matches the request URI."}"#;
    for (acts, body, is_no_record) in [
        (&ALL, PAGE, false),
        (&ALL, none, false),
        (&ALL, r#"{"Message":"Gone."}"#, true),
        (&ALL, "", true),
    ] {
        for act in acts {
            let error = check(&[*act], 404, body, Code::NotFound);
            let is_no_record = is_no_record && *act != OperationKind::Query;
            assert_eq!(error.is_no_record(), is_no_record, "{act:?} {body}");
            assert_eq!(error.to_string().contains("/atservicesrest/"), !is_no_record, "{error}");
        }
    }
    let mut page = reply(404, "Nothing here.");
    page.headers_mut().insert("content-type", "text/html; charset=utf-8".parse().unwrap());
    assert!(!read(&page, OperationKind::Get).unwrap_err().is_no_record());
}

/// Whatever the status says, a record was made or may have been.
#[test]
fn a_refusal_that_names_a_record_is_no_refusal() {
    for body in [r#"{"itemId":9004}"#, r#"{"itemId":"9004","errors":["No."]}"#] {
        for status in [302, 401, 403, 404, 409, 429, 500, 503] {
            check(&[OperationKind::Mutate], status, body, Code::OutcomeUnknown);
        }
        check(&READS, 429, body, Code::RateLimited);
        // A delete makes no record.
        check(&[OperationKind::Delete], 401, body, Code::AuthFailed);
        check(&[OperationKind::Delete], 429, body, Code::RateLimited);
    }
    check(&WRITES, 429, r#"{"itemId":0}"#, Code::RateLimited);
    let both = r#"{"ItemID":88,"errors":["The priority must be set."]}"#;
    check(&[OperationKind::Mutate], 200, both, Code::OutcomeUnknown);
    check(&[OperationKind::Delete], 200, both, Code::Rejected);
}

#[test]
fn words() {
    let query =
        "The logged in Resource does not have the adequate permissions to query this entity type";
    for (text, code) in [
        ("Picklist value [9] does not exist for priority.", Code::Rejected),
        ("Unable to find queueName in the Ticket Entity.", Code::Rejected),
        ("billingThreshold is a required field.", Code::Rejected),
        (query, Code::Forbidden),
        ("IntegrationCode is invalid", Code::AuthFailed),
        ("Zone information could not be determined", Code::AuthFailed),
        ("The thread threshold of 3 has been exceeded. Itgenatr005", Code::RateLimited),
        ("You have exceeded your request threshold.", Code::ThresholdReached),
        ("The hourly threshold of 10000 was passed.", Code::ThresholdReached),
        ("The maximum number of requests per hour is reached.", Code::ThresholdReached),
    ] {
        for status in [200, 400, 403, 409, 429, 500] {
            let code = match (code, status) {
                (Code::Rejected, 403) => Code::Forbidden,
                (Code::Rejected, 429) => Code::RateLimited,
                (code, _) => code,
            };
            let error = check(&ALL, status, &errors(text), code);
            assert!(error.to_string().contains(text), "{error}");
            assert_eq!(error.structured()["error"]["upstream"]["errors"], json!([text]));
        }
        check(&ALL, 401, &errors(text), Code::AuthFailed);
        check(&READS, 502, &errors(text), Code::UpstreamUnavailable);
        check(&WRITES, 504, &errors(text), Code::OutcomeUnknown);
    }
    let gone = errors("No matching records found, or no permission to delete.");
    check(&[OperationKind::Delete], 500, &gone, Code::NotFound);
    check(
        &[OperationKind::Get, OperationKind::Query, OperationKind::Mutate],
        500,
        &gone,
        Code::Rejected,
    );
}

#[test]
fn a_field_of_the_request_is_a_verdict() {
    let query = json!({ "filter": [{ "op": "or", "items": [{ "op": "eq", "field": "status", "value": 1 }] }],
        "IncludeFields": ["id", "title"] });
    let record = json!({ "status": 1, "title": "Printer" });
    for (text, act, asked, code) in [
        ("priority is not queryable", OperationKind::Query, &json!({}), Code::Rejected),
        ("status: out of range", OperationKind::Query, &query, Code::Rejected),
        ("title is too long", OperationKind::Query, &query, Code::Rejected),
        ("title is too long", OperationKind::Mutate, &record, Code::Rejected),
        ("priority is locked", OperationKind::Query, &query, Code::UpstreamUnavailable),
        ("priority is locked", OperationKind::Mutate, &record, Code::OutcomeUnknown),
        ("value or filter lost", OperationKind::Query, &query, Code::UpstreamUnavailable),
        ("Lost the status.", OperationKind::Mutate, &record, Code::OutcomeUnknown),
    ] {
        let asked = asked.to_string();
        let error = super::read(&reply(500, &errors(text)), act, asked.as_bytes()).unwrap_err();
        assert_eq!(error.code(), code, "{text}: {error}");
    }
}

#[test]
fn shapes_of_errors() {
    for body in [
        r#"{"errors":["One must go.","Two must stay."]}"#,
        r#"{"Errors":[{"message":"One must go."},{"Message":"Two must stay.","code":5}]}"#,
        r#"{"ERRORS":["One must go.",null,"","Two must stay."],"item":null}"#,
        "\u{feff}{\"errors\":[\"One must go.\\r\\n\",\"Two must stay.\"]}",
    ] {
        let error = check(&ALL, 500, body, Code::Rejected);
        assert!(
            error.to_string().starts_with("rejected: One must go. Two must stay.\n"),
            "{error}"
        );
    }
    check(&READS, 500, r#"{"errors":[]}"#, Code::UpstreamUnavailable);
    check(&READS, 500, &errors(PAGE), Code::UpstreamUnavailable);
    check(&ALL, 500, r#"{"errors":"One must go."}"#, Code::Rejected);
}

#[test]
fn good_replies() {
    for body in [
        json!({"items": [], "pageDetails": {"count": 0}}),
        json!({"item": {"id": 0}}),
        json!({"itemId": 5, "errors": []}),
        json!({"queryCount": 0, "errors": null}),
        json!([1]),
    ] {
        for act in ALL {
            assert_eq!(read(&reply(200, &body.to_string()), act), Ok(body.clone()));
        }
    }
    let bom = format!("\u{feff}{}", json!({"itemId": 5}));
    assert_eq!(read(&reply(200, &bom), OperationKind::Mutate), Ok(json!({"itemId": 5})));
}

#[test]
fn bodies_that_do_not_read() {
    for body in ["{\"items\":[{\"id\":1", PAGE, "nonsense", "5", "\"text\""] {
        check(&READS, 200, body, Code::UpstreamUnavailable);
        check(&WRITES, 200, body, Code::OutcomeUnknown);
    }
    for body in ["", " \n", "null"] {
        check(&[OperationKind::Get], 200, body, Code::NotFound);
        check(&[OperationKind::Query], 200, body, Code::UpstreamUnavailable);
        check(&[OperationKind::Mutate], 200, body, Code::OutcomeUnknown);
        assert_eq!(read(&reply(200, body), OperationKind::Delete), Ok(json!({})));
    }
    check(&[OperationKind::Get], 200, r#"{"item":null}"#, Code::NotFound);
    let deep = "[".repeat(100_000);
    check(&READS, 200, &deep, Code::UpstreamUnavailable);
}

#[test]
fn waits() {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (after, seconds) in [
        ("7", 7),
        ("0", 1),
        ("999999", 3600),
        ("Sun, 06 Nov 1994 08:50:07 GMT", 30),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 1),
        ("soon", 5),
    ] {
        let mut reply = reply(429, "");
        reply.headers_mut().insert("retry-after", after.parse().unwrap());
        reply.headers_mut().insert("date", date.parse().unwrap());
        let error = read(&reply, OperationKind::Query).unwrap_err();
        let said = error.structured()["error"]["retryAfterSeconds"].clone();
        assert_eq!(said, Value::from(seconds), "{after}");
        let unit = if seconds == 1 { "second" } else { "seconds" };
        let told = format!("Wait {seconds} {unit},");
        assert!(error.to_string().contains(&told), "{error}");
    }
}

#[test]
fn no_reply() {
    let lost = TransportError::Lost("connection reset by peer".into());
    let late = TransportError::TimedOut(Duration::from_secs(60));
    let refused = TransportError::NotSent("connection refused".into());
    for (broken_wire, reads, writes) in [
        (&refused, Code::UpstreamUnavailable, Code::UpstreamUnavailable),
        (&late, Code::Timeout, Code::OutcomeUnknown),
        (&lost, Code::UpstreamUnavailable, Code::OutcomeUnknown),
        (&TransportError::TooLarge, Code::UpstreamUnavailable, Code::OutcomeUnknown),
    ] {
        for (acts, code) in [(READS, reads), (WRITES, writes)] {
            for act in acts {
                let error = broken(broken_wire, act);
                assert_eq!(error.code(), code, "{error}");
                readable(&error);
            }
        }
    }
}
