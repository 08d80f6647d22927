//! No secret is returned, whatever Autotask's response contains.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support;

use autotask_mcp::app::{App, parse_arguments};
use autotask_mcp::client::backend::{Backend, InProcessReply};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

const SECRET: &str = "p#ss \"wörd\"$42~ebb";
const CODE: &str = "INTEGRATIONCODE0000000000001";

/// The headers of the request and the secrets in every encoding, in one text.
fn echo(request: &Request<Bytes>) -> String {
    let headers = request.headers().iter();
    let printed: Vec<_> = headers
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    let written = [SECRET, CODE].map(|secret| {
        format!(
            "{secret} {} {} {}",
            utf8_percent_encode(secret, NON_ALPHANUMERIC),
            STANDARD.encode(secret),
            Value::from(secret)
        )
    });
    format!("{} {}", printed.join(" "), written.join(" "))
}

fn reply(request: &Request<Bytes>, status: u16) -> Response<Bytes> {
    let path = request.uri().path().to_lowercase();
    let (status, body) = match path.ends_with("zoneinformation") {
        true => (200, json!({ "url": "https://webservices14.autotask.net/ATServicesRest/" })),
        false if status == 200 => {
            (200, json!({ "items": [{ "id": 1, "title": echo(request) }], "pageDetails": {} }))
        }
        false => (status, json!({ "errors": [echo(request)], "Message": echo(request) })),
    };
    let reply = Response::builder().status(status).header("content-type", "application/json");
    reply.body(body.to_string().into()).expect("a reply")
}

#[test]
fn secrets_are_redacted_in_every_encoding() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    for status in [200, 401, 403, 404, 405, 409, 429, 500, 502, 503] {
        let config = support::config([]).with_sandbox_credentials("api@example.test", SECRET, CODE);
        let app = App::new(
            &config,
            Backend::local(&config, move |request| InProcessReply::Reply(reply(&request, status))),
        )
        .expect("valid settings");
        for (tool, text) in [
            ("search-tickets", "{}"),
            ("get-ticket", "{\"id\":1}"),
            (
                "create-ticket-note",
                "{\"ticketID\":1,\"description\":\"x\",\"noteType\":3,\"publish\":2,\"confirm\":\"CREATE_TICKET_NOTE\"}",
            ),
        ] {
            let response = runtime
                .block_on(app.call_as_operator(tool, parse_arguments(text).expect("arguments")))
                .expect("a tool");
            let printed = format!("{}{}", response.text, response.error.unwrap_or_default());
            for secret in [SECRET, CODE] {
                let json = Value::from(secret).to_string();
                let spellings = [
                    secret.to_owned(),
                    utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
                    STANDARD.encode(secret),
                    json.trim_matches('"').to_owned(),
                ];
                for spelling in spellings {
                    assert!(
                        !printed.contains(&spelling),
                        "{tool} after {status}: {spelling:?} in {printed}"
                    );
                }
            }
        }
    }
}

/// Autotask may return a numeric secret as a number, and a text with soft hyphens and other white space.
#[test]
fn a_secret_in_another_form_is_redacted() {
    let rows = [
        ("90210442218765", json!(90_210_442_218_765_u64)),
        ("open sesame now", json!("op\u{ad}en\u{a0} sesame\nnow")),
        ("open sesame now", json!("<p>open&nbsp;</p> open \t sesame\u{200b} now")),
    ];
    for (secret, title) in rows {
        let config = support::config([]).with_sandbox_credentials("api@example.test", secret, CODE);
        let reply = move |request: Request<Bytes>| {
            let path = request.uri().path().to_lowercase();
            let body = match path.ends_with("zoneinformation") {
                true => json!({ "url": "https://webservices14.autotask.net/ATServicesRest/" }),
                false => json!({ "items": [{ "id": 1, "title": title }], "pageDetails": {} }),
            };
            let reply = Response::builder().header("content-type", "application/json");
            InProcessReply::Reply(reply.body(body.to_string().into()).expect("a reply"))
        };
        let app = App::new(&config, Backend::local(&config, reply)).expect("valid settings");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let call =
            app.call_as_operator("search-tickets", parse_arguments("{}").expect("arguments"));
        let text = runtime.expect("a runtime").block_on(call).expect("a tool").text;
        assert!(text.contains("[redacted]") && !text.contains("sesame"), "{text}");
        assert!(serde_json::from_str::<Value>(&text).is_ok(), "{text}");
    }
}
