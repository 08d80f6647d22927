//! The sandbox through its only door: requests in, statuses and bodies out.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::*;

pub(super) fn ask(
    sandbox: &Sandbox,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> (u16, String) {
    let request = Request::builder()
        .method(method)
        .uri(format!("{BASE}v1.0/{path}"))
        .header("UserName", USERNAME)
        .header("Secret", SECRET)
        .header("ApiIntegrationCode", INTEGRATION_CODE)
        .body(body.map_or_else(Bytes::new, |body| body.to_string().into()))
        .unwrap();
    let response = sandbox.handle(request);
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    (response.status().as_u16(), text)
}
#[test]
fn a_query_answers() {
    let sandbox = Sandbox::new();
    let body = json!({"filter":[{"op":"eq","field":"id","value":8107}]});
    let (status, text) = ask(&sandbox, "POST", "Tickets/query", Some(&body));
    assert_eq!(status, 200, "{text}");
    println!("{text}");
    println!(
        "{:?}",
        ask(
            &sandbox,
            "POST",
            "Tickets/query/count",
            Some(&json!({"filter":[{"op":"exist","field":"id"}]}))
        )
    );
}
