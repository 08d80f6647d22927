//! Every row of the mapping from responses to errors.

mod phrases;

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::transport_error;
use crate::client::backend::TransportError;
use crate::client::retry::OperationKind;
use crate::error::{Code, Error};

const PAGE: &str = "<!DOCTYPE html><html><body>404 - File or directory not found.</body></html>";
const READS: [OperationKind; 2] = [OperationKind::Get, OperationKind::Query];
const WRITES: [OperationKind; 2] = [OperationKind::Mutate, OperationKind::Delete];
const ALL: [OperationKind; 4] =
    [OperationKind::Get, OperationKind::Query, OperationKind::Mutate, OperationKind::Delete];

fn read(response: &Response<Bytes>, operation: OperationKind) -> Result<Value, Error> {
    super::read(response, operation, &[])
}

fn response(status: u16, body: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_owned()));
    *response.status_mut() = status.try_into().unwrap();
    response
}

fn check(operations: &[OperationKind], status: u16, body: &str, code: Code) -> Error {
    let mut last = None;
    for operation in operations {
        let error = read(&response(status, body), *operation).expect_err(body);
        assert_eq!(error.code(), code, "{operation:?} {status} {body}: {error}");
        assert_readable(&error);
        assert_eq!(error.structured()["error"]["upstream"]["status"], status);
        last = Some(error);
    }
    last.unwrap()
}

fn assert_readable(error: &Error) {
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
        check(&READS, 301, body, Code::UpstreamUnavailable);
        let error = check(&WRITES, 301, body, Code::OutcomeUnknown);
        assert_eq!(error.structured()["error"]["retry"], "check-first");
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

/// An HTML page, or a 404 to a query, says nothing about a record.
#[test]
fn an_unknown_path_is_not_a_missing_record() {
    let none = r#"{"Message":"No HTTP resource was found that matches the request URI."}"#;
    for (operations, body, is_no_record) in [
        (&ALL, PAGE, false),
        (&ALL, none, false),
        (&ALL, r#"{"Message":"Gone."}"#, true),
        (&ALL, "", true),
    ] {
        for operation in operations {
            let error = check(&[*operation], 404, body, Code::NotFound);
            let is_no_record = is_no_record && *operation != OperationKind::Query;
            assert_eq!(error.is_no_record(), is_no_record, "{operation:?} {body}");
            assert_eq!(error.to_string().contains("/atservicesrest/"), !is_no_record, "{error}");
        }
    }
    let mut page = response(404, "Nothing here.");
    page.headers_mut().insert("content-type", "text/html; charset=utf-8".parse().unwrap());
    assert!(!read(&page, OperationKind::Get).unwrap_err().is_no_record());
}

/// Whatever the status, a record was created or may have been.
#[test]
fn a_rejection_that_names_a_record_is_outcome_unknown() {
    for body in [r#"{"itemId":9004}"#, r#"{"itemId":"9004","errors":["No."]}"#] {
        for status in [302, 401, 403, 404, 409, 429, 500, 503] {
            check(&[OperationKind::Mutate], status, body, Code::OutcomeUnknown);
        }
        check(&READS, 429, body, Code::RateLimited);
        // A delete creates no record.
        check(&[OperationKind::Delete], 401, body, Code::AuthFailed);
        check(&[OperationKind::Delete], 429, body, Code::RateLimited);
    }
    check(&WRITES, 429, r#"{"itemId":0}"#, Code::RateLimited);
    let both = r#"{"ItemID":88,"errors":["The priority must be set."]}"#;
    check(&[OperationKind::Mutate], 200, both, Code::OutcomeUnknown);
    check(&[OperationKind::Delete], 200, both, Code::Rejected);
}

#[test]
fn error_messages_decide_the_code() {
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
    let missing = errors("No matching records found, or no permission to delete.");
    check(&[OperationKind::Delete], 500, &missing, Code::NotFound);
    check(
        &[OperationKind::Get, OperationKind::Query, OperationKind::Mutate],
        500,
        &missing,
        Code::Rejected,
    );
}

#[test]
fn a_field_of_the_request_is_a_rejection() {
    let query = json!({ "filter": [{ "op": "or", "items": [{ "op": "eq", "field": "status", "value": 1 }] }],
        "IncludeFields": ["id", "title"] });
    let record = json!({ "status": 1, "title": "Printer" });
    for (text, operation, request, code) in [
        ("priority is not queryable", OperationKind::Query, &json!({}), Code::Rejected),
        ("status: out of range", OperationKind::Query, &query, Code::Rejected),
        ("title is too long", OperationKind::Query, &query, Code::Rejected),
        ("title is too long", OperationKind::Mutate, &record, Code::Rejected),
        ("priority is locked", OperationKind::Query, &query, Code::UpstreamUnavailable),
        ("priority is locked", OperationKind::Mutate, &record, Code::OutcomeUnknown),
        ("value or filter lost", OperationKind::Query, &query, Code::UpstreamUnavailable),
        ("Lost the status.", OperationKind::Mutate, &record, Code::OutcomeUnknown),
    ] {
        let request = request.to_string();
        let error =
            super::read(&response(500, &errors(text)), operation, request.as_bytes()).unwrap_err();
        assert_eq!(error.code(), code, "{text}: {error}");
    }
}

#[test]
fn formats_of_error_bodies() {
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
fn successful_responses() {
    for body in [
        json!({"items": [], "pageDetails": {"count": 0}}),
        json!({"item": {"id": 0}}),
        json!({"itemId": 5, "errors": []}),
        json!({"queryCount": 0, "errors": null}),
        json!([1]),
    ] {
        for operation in ALL {
            assert_eq!(read(&response(200, &body.to_string()), operation), Ok(body.clone()));
        }
    }
    let bom = format!("\u{feff}{}", json!({"itemId": 5}));
    assert_eq!(read(&response(200, &bom), OperationKind::Mutate), Ok(json!({"itemId": 5})));
}

#[test]
fn invalid_bodies() {
    for body in ["{\"items\":[{\"id\":1", PAGE, "nonsense", "5", "\"text\""] {
        check(&READS, 200, body, Code::UpstreamUnavailable);
        check(&WRITES, 200, body, Code::OutcomeUnknown);
    }
    for body in ["", " \n", "null"] {
        check(&[OperationKind::Get], 200, body, Code::NotFound);
        check(&[OperationKind::Query], 200, body, Code::UpstreamUnavailable);
        check(&[OperationKind::Mutate], 200, body, Code::OutcomeUnknown);
        assert_eq!(read(&response(200, body), OperationKind::Delete), Ok(json!({})));
    }
    check(&[OperationKind::Get], 200, r#"{"item":null}"#, Code::NotFound);
    let deep = "[".repeat(100_000);
    check(&READS, 200, &deep, Code::UpstreamUnavailable);
}

#[test]
fn retry_after_is_reported_as_sent() {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (after, seconds) in [
        ("7", 7),
        ("0", 1),
        ("7200", 7200),
        ("999999", 999_999),
        ("Sun, 06 Nov 1994 08:50:07 GMT", 30),
        ("Sun, 06 Nov 1994 10:49:37 GMT", 7200),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 1),
        ("soon", 5),
    ] {
        let mut response = response(429, "");
        response.headers_mut().insert("retry-after", after.parse().unwrap());
        response.headers_mut().insert("date", date.parse().unwrap());
        let error = read(&response, OperationKind::Query).unwrap_err();
        let reported = error.structured()["error"]["retryAfterSeconds"].clone();
        assert_eq!(reported, Value::from(seconds), "{after}");
        let unit = if seconds == 1 { "second" } else { "seconds" };
        let sentence = format!("Wait {seconds} {unit},");
        assert!(error.to_string().contains(&sentence), "{error}");
    }
}

#[test]
fn transport_errors() {
    let lost = TransportError::Lost("connection reset by peer".into());
    let late = TransportError::TimedOut(Duration::from_secs(60));
    let refused = TransportError::NotSent("connection refused".into());
    for (cause, reads, writes) in [
        (&refused, Code::UpstreamUnavailable, Code::UpstreamUnavailable),
        (&late, Code::Timeout, Code::OutcomeUnknown),
        (&lost, Code::UpstreamUnavailable, Code::OutcomeUnknown),
        (&TransportError::TooLarge, Code::UpstreamUnavailable, Code::OutcomeUnknown),
    ] {
        for (operations, code) in [(READS, reads), (WRITES, writes)] {
            for operation in operations {
                let error = transport_error(cause, operation);
                assert_eq!(error.code(), code, "{error}");
                assert_readable(&error);
            }
        }
    }
}

#[test]
fn error_messages_are_bounded() {
    let huge = "x".repeat(1 << 20);
    for errors in
        [json!(vec!["Title must be set."; 5_000]), json!([&huge]), json!([{ "a": &huge }])]
    {
        let body = json!({ "errors": errors }).to_string();
        let error = read(&response(400, &body), OperationKind::Get).expect_err("an error");
        let Value::Array(messages) = &error.structured()["error"]["upstream"]["errors"] else {
            panic!("no list: {error}")
        };
        assert!(messages.len() <= 100, "{}", messages.len());
        assert!(messages.iter().all(|message| message.to_string().len() < 9_000));
        assert!(error.to_string().len() < 100 * 4_100);
    }
}
