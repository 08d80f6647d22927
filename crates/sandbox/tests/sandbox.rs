//! The sandbox through its public API: requests in, statuses and bodies out.
#![expect(
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "Rows read better with the JSON in place."
)]

#[path = "sandbox/account.rs"]
mod account;
#[path = "sandbox/faults.rs"]
mod faults;
#[path = "sandbox/metadata.rs"]
mod metadata;
#[path = "sandbox/queries.rs"]
mod queries;
#[path = "sandbox/reads.rs"]
mod reads;
#[path = "sandbox/routes.rs"]
mod routes;
#[path = "sandbox/tickets.rs"]
mod tickets;
#[path = "sandbox/time_entries.rs"]
mod time_entries;
#[path = "sandbox/writes.rs"]
mod writes;

use autotask_sandbox::{BASE_URL, INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

/// A response: its status and body, parsed if the body is JSON.
struct Reply {
    status: u16,
    text: String,
    json: Value,
}

fn send(sandbox: &Sandbox, request: Request<Bytes>) -> Reply {
    let response = sandbox.handle(request);
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    Reply {
        status: response.status().as_u16(),
        json: serde_json::from_str(&text).unwrap_or_default(),
        text,
    }
}

fn request(method: &str, path: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(format!("{BASE_URL}v1.0/{path}"))
        .header("UserName", USERNAME)
        .header("Secret", SECRET)
        .header("ApiIntegrationCode", INTEGRATION_CODE)
}

fn request_json(sandbox: &Sandbox, method: &str, path: &str, body: &Value) -> Reply {
    send(sandbox, with_body(request(method, path), body))
}

fn with_body(request: http::request::Builder, body: &Value) -> Request<Bytes> {
    let bytes = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    request.body(bytes).unwrap()
}

fn get(sandbox: &Sandbox, path: &str) -> Reply {
    request_json(sandbox, "GET", path, &Value::Null)
}

fn item(sandbox: &Sandbox, path: &str) -> Value {
    get(sandbox, path).json["item"].clone()
}

/// Asserts the status of a response and a part of its body.
fn check(sandbox: &Sandbox, line: &str, body: &Value, status: u16, expected: &str) -> Reply {
    let (method, path) = line.split_once(' ').unwrap();
    let response = request_json(sandbox, method, path, body);
    assert!(
        response.status == status && response.text.contains(expected),
        "{line} {body}: {} {}\nexpected {status} {expected}",
        response.status,
        response.text
    );
    response
}

fn filter_of(clause: Value) -> Value {
    json!({ "filter": [clause] })
}
