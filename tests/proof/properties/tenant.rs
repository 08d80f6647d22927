//! Requests sent directly to the sandbox, without the server.

use autotask_sandbox::{BASE_URL, INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

/// Sends `METHOD path`; returns the JSON of a successful response.
pub fn send(sandbox: &Sandbox, line: &str, body: &Value) -> Option<Value> {
    let (method, path) = line.split_once(' ').expect("a method and a path");
    let request = Request::builder()
        .method(method)
        .uri(format!("{BASE_URL}v1.0/{path}"))
        .header("UserName", USERNAME)
        .header("Secret", SECRET)
        .header("ApiIntegrationCode", INTEGRATION_CODE);
    let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    let response = sandbox.handle(request.body(body).expect("a request"));
    let is_success = response.status().is_success();
    is_success.then(|| serde_json::from_slice(response.body()).unwrap_or_default())
}

/// The records that match these conditions, which must fit on one page.
pub fn query(sandbox: &Sandbox, entity: &str, filter: &Value) -> Vec<Value> {
    let body = json!({ "filter": filter, "MaxRecords": 500 });
    let page = send(sandbox, &format!("POST {entity}/query"), &body).expect("a page");
    page["items"].as_array().cloned().unwrap_or_default()
}

/// The ids of records.
pub fn ids<'a>(records: impl IntoIterator<Item = &'a Value>) -> Vec<i64> {
    records.into_iter().filter_map(|record| record["id"].as_i64()).collect()
}
