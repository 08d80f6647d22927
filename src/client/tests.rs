//! The client against servers within the process and on loopback.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request as Letter, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::Client;
use super::wire::Wire;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::gate::Confirmed;
use crate::request::Request;

const PIN: (&str, &str) = (
    "AUTOTASK_API_URL",
    "https://webservices2.autotask.net/ATServicesRest/v1.0",
);
const CREDENTIALS: [(&str, &str); 4] = [
    ("AUTOTASK_USERNAME", "api.user+1@example.test"),
    ("AUTOTASK_SECRET", "hush#hush"),
    ("AUTOTASK_INTEGRATION_CODE", "HUSHCODE"),
    ("AUTOTASK_IMPERSONATION_RESOURCE_ID", "29682885"),
];

fn config(more: &[(&str, &str)]) -> Config {
    Config::read(&|name| {
        let mut pairs = more.iter().chain(&CREDENTIALS);
        let pair = pairs.find(|(key, _)| *key == name);
        pair.map(|(_, value)| (*value).to_owned())
    })
    .unwrap()
}

type Letters = Arc<Mutex<Vec<Letter<Bytes>>>>;

/// A client whose letters are kept, and answered by `answer`.
fn client(
    config: &Config,
    answer: impl Fn(&str) -> (u16, Value) + Send + Sync + 'static,
) -> (Client, Letters) {
    let letters = Letters::default();
    let kept = Arc::clone(&letters);
    let wire = Wire::local(move |letter| {
        let (status, body) = answer(&letter.uri().to_string());
        kept.lock().unwrap().push(letter);
        let mut reply = Response::new(Bytes::from(body.to_string()));
        *reply.status_mut() = status.try_into().unwrap();
        reply
    });
    (Client::new(config, wire), letters)
}

fn header<'a>(letter: &'a Letter<Bytes>, name: &str) -> Option<&'a str> {
    letter
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn letters() {
    let (client, letters) = client(&config(&[PIN]), |_| (200, json!({ "itemId": 7 })));
    let body = json!({ "title": "Oven" });
    for (request, writes) in [
        (Request::get("Tickets/7?x=%20"), false),
        (Request::post("Tickets/query", body.clone()), false),
        (Request::post("Companies/5/Contacts", body.clone()), true),
        (Request::patch("Tickets", body.clone()), true),
        (Request::delete("TimeEntries/7"), true),
    ] {
        let answer = if writes {
            client.write(&request, Confirmed::for_test()).await
        } else {
            client.read(&request).await
        };
        assert_eq!(answer, Ok(json!({ "itemId": 7 })));
        let letter = letters.lock().unwrap().pop().unwrap();
        assert_eq!(letter.method(), request.method);
        let base = "https://webservices2.autotask.net/atservicesrest/V1.0/";
        assert_eq!(letter.uri().to_string(), format!("{base}{}", request.path));
        assert_eq!(header(&letter, "UserName"), Some("api.user+1@example.test"));
        assert_eq!(header(&letter, "Secret"), Some("hush#hush"));
        assert_eq!(header(&letter, "ApiIntegrationCode"), Some("HUSHCODE"));
        let person = header(&letter, "ImpersonationResourceId");
        assert_eq!(person, writes.then_some("29682885"), "{request:?}");
        let has_body = request.body.is_some();
        assert_eq!(header(&letter, "Content-Type").is_some(), has_body);
        let sent = serde_json::from_slice(letter.body()).ok();
        assert_eq!(sent, request.body);
        assert!(
            !format!("{:?}", letter.headers())
                .to_lowercase()
                .contains("hush")
        );
    }
}

#[tokio::test]
async fn missing_credentials_are_named() {
    for (unset, named) in [
        (&["AUTOTASK_SECRET"][..], "Not set: AUTOTASK_SECRET."),
        (
            &["AUTOTASK_USERNAME", "AUTOTASK_INTEGRATION_CODE"],
            "Not set: AUTOTASK_USERNAME, AUTOTASK_INTEGRATION_CODE.",
        ),
    ] {
        let blank: Vec<_> = unset.iter().map(|name| (*name, "")).collect();
        let (client, letters) = client(&config(&blank), |_| (200, json!({})));
        let error = client.read(&Request::get("Tickets/7")).await.unwrap_err();
        assert_eq!(error.code(), Code::NotConfigured);
        assert!(error.to_string().contains(named), "{error}");
        assert!(letters.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn paths_stay_below_the_version() {
    let (client, letters) = client(&config(&[PIN]), |_| (200, json!({})));
    for path in [
        "",
        "/Tickets",
        "../x",
        "Tickets/%2E%2e/x",
        "Tickets//7",
        "a\\..\\b",
        "a b",
    ] {
        let error = client.read(&Request::get(path)).await.unwrap_err();
        assert_eq!(error.code(), Code::Internal, "{path}");
    }
    assert!(letters.lock().unwrap().is_empty());
}

fn zone(url: &str) -> impl Fn(&str) -> (u16, Value) + use<> {
    let url = url.to_owned();
    move |asked| match asked.contains("zoneInformation") {
        true => (200, json!({ "zoneName": "A", "url": url, "ci": 5 })),
        false => (200, json!({ "item": { "id": 7 } })),
    }
}

async fn zone_error(more: &[(&str, &str)], answer: (u16, Value)) -> (Error, usize) {
    let (client, letters) = client(&config(more), move |_| answer.clone());
    let error = client.read(&Request::get("Tickets/7")).await.unwrap_err();
    let sent = letters.lock().unwrap().len();
    (error, sent)
}

#[tokio::test]
async fn zone_is_looked_up_once_without_secrets() {
    let url = "https://webservices14.autotask.net/ATServicesRest/";
    let (client, letters) = client(&config(&[]), zone(url));
    let request = Request::get("Tickets/7");
    let clone = client.clone();
    let (a, b) = tokio::join!(client.read(&request), clone.read(&request));
    assert!(a.is_ok() && b.is_ok() && client.read(&request).await.is_ok());
    let letters = letters.lock().unwrap();
    let urls: Vec<_> = letters
        .iter()
        .map(|letter| letter.uri().to_string())
        .collect();
    let ticket = "https://webservices14.autotask.net/atservicesrest/V1.0/Tickets/7";
    let look_up = "https://webservices.autotask.net/atservicesrest/v1.0/zoneInformation\
        ?user=api%2Euser%2B1%40example%2Etest";
    assert_eq!(urls, [look_up, ticket, ticket, ticket]);
    assert!(letters[0].headers().is_empty());
}

#[tokio::test]
async fn zone_hosts() {
    let local = [("AUTOTASK_ZONE_URL", "http://localhost:5/")];
    for (more, url, good) in [
        (
            &[][..],
            "https://WebServices14.AutoTask.net/ATServicesRest/V1.0/",
            true,
        ),
        (
            &[],
            "http://webservices14.autotask.net/ATServicesRest/",
            false,
        ),
        (&[], "https://autotask.net.evil.example/", false),
        (&[], "https://evilautotask.net/", false),
        (&[], "https://user@webservices14.autotask.net/", false),
        (&[], "http://127.0.0.1:8080/", false),
        (&[], "https://localhost/", false),
        (&[], "nonsense", false),
        (&local, "http://127.0.0.1:8080/", true),
        (&local, "https://webservices14.autotask.net/", true),
        (&local, "https://evil.example/", false),
    ] {
        let (client, letters) = client(&config(more), zone(url));
        let answer = client.read(&Request::get("Tickets/7")).await;
        assert_eq!(answer.is_ok(), good, "{url}");
        if let Err(error) = answer {
            assert_eq!(error.code(), Code::UpstreamUnavailable, "{error}");
            assert_eq!(letters.lock().unwrap().len(), 1, "{url}");
        }
    }
}

#[tokio::test]
async fn zone_look_ups_that_fail() {
    for (status, body, code) in [
        (
            500,
            json!({"errors": ["Zone information could not be determined"]}),
            Code::AuthFailed,
        ),
        (
            500,
            json!({"errors": ["Something else."]}),
            Code::AuthFailed,
        ),
        (401, json!({}), Code::AuthFailed),
        (404, json!({}), Code::UpstreamUnavailable),
        (503, json!({}), Code::UpstreamUnavailable),
        (200, json!({"url": null}), Code::UpstreamUnavailable),
        (429, json!({}), Code::RateLimited),
    ] {
        let (error, sent) = zone_error(&[], (status, body.clone())).await;
        assert_eq!((error.code(), sent), (code, 1), "{status} {body}: {error}");
    }
}

#[tokio::test]
async fn a_failed_look_up_is_not_kept() {
    let calls = AtomicUsize::new(0);
    let good = zone("https://webservices14.autotask.net/ATServicesRest/");
    let (client, _) = client(&config(&[]), move |url| {
        match calls.fetch_add(1, Ordering::SeqCst) {
            0 => (503, json!({})),
            _ => good(url),
        }
    });
    let request = Request::get("Tickets/7");
    let (a, b) = tokio::join!(client.read(&request), client.read(&request));
    assert!(a.is_err() && (b.is_ok() || b == a));
    assert!(client.read(&request).await.is_ok());
}

/// A server on loopback that answers one request with these bytes and says what it read.
async fn server(reply: impl Into<String>) -> (String, tokio::task::JoinHandle<String>) {
    let reply = reply.into();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/Rest/", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; 65536];
        let count = stream.read(&mut bytes).await.unwrap();
        // A client that has read enough hangs up.
        let _ = stream.write_all(reply.as_bytes()).await;
        let _ = stream.shutdown().await;
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    });
    (base, served)
}

async fn over_http(reply: &'static str, write: bool) -> (Result<Value, Error>, String) {
    let (base, served) = server(reply).await;
    let config = config(&[("AUTOTASK_API_URL", &base)]);
    let client = Client::new(&config, Wire::https(&config));
    let answer = match write {
        true => {
            client
                .write(
                    &Request::patch("Tickets", json!({"id": 7})),
                    Confirmed::for_test(),
                )
                .await
        }
        false => client.read(&Request::get("Tickets/7")).await,
    };
    (answer, served.await.unwrap())
}

#[tokio::test]
async fn over_a_real_socket() {
    let good = "HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{\"item\":{\"id\":7}}";
    let (answer, read) = over_http(good, false).await;
    assert_eq!(answer, Ok(json!({"item": {"id": 7}})));
    assert!(
        read.starts_with("GET /Rest/V1.0/Tickets/7 HTTP/1.1\r\n"),
        "{read}"
    );
    assert!(read.contains("user-agent: autotask-mcp/"), "{read}");

    let redirect =
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"item\":";
    for (reply, write, code) in [
        (redirect, false, Code::UpstreamUnavailable),
        (cut, false, Code::UpstreamUnavailable),
        (cut, true, Code::OutcomeUnknown),
        ("", false, Code::UpstreamUnavailable),
        ("", true, Code::OutcomeUnknown),
    ] {
        let error = over_http(reply, write).await.0.unwrap_err();
        assert_eq!(error.code(), code, "{reply:?}: {error}");
        assert!(!error.to_string().contains("::"), "{error}");
    }
}

#[tokio::test]
async fn silence() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    let mut config = config(&[("AUTOTASK_API_URL", &base)]);
    config.timeout = Duration::from_millis(50);
    let client = Client::new(&config, Wire::https(&config));
    let read = client.read(&Request::get("Tickets/7")).await.unwrap_err();
    assert_eq!(read.code(), Code::Timeout, "{read}");
    let request = Request::patch("Tickets", json!({ "id": 7 }));
    let write = client.write(&request, Confirmed::for_test()).await;
    let write = write.unwrap_err();
    assert_eq!(write.code(), Code::OutcomeUnknown, "{write}");
    drop(listener);
}

#[tokio::test]
async fn one_failed_look_up_serves_all_who_waited() {
    let (base, served) = server("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n").await;
    let config = config(&[("AUTOTASK_ZONE_URL", &base)]);
    let client = Client::new(&config, Wire::https(&config));
    let request = Request::get("Tickets/7");
    let read = || client.read(&request);
    let (a, b, c) = tokio::join!(read(), read(), read());
    assert!(a.is_err() && a == b && b == c, "{a:?} {b:?} {c:?}");
    let asked = served.await.unwrap();
    assert!(
        asked.starts_with("GET /Rest/v1.0/zoneInformation?user="),
        "{asked}"
    );
    assert!(!asked.to_lowercase().contains("hush"), "{asked}");
}

#[tokio::test]
async fn replies_beyond_the_limit() {
    let body = "x".repeat(super::wire::MAX_BODY + 1);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    let (base, _served) = server(head + &body).await;
    let config = config(&[("AUTOTASK_API_URL", &base)]);
    let client = Client::new(&config, Wire::https(&config));
    let error = client.read(&Request::get("Tickets/7")).await.unwrap_err();
    assert!(error.to_string().contains("32 MiB"), "{error}");
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let config = config(&[("AUTOTASK_API_URL", &base)]);
    let client = Client::new(&config, Wire::https(&config));
    let request = Request::delete("TimeEntries/7");
    let error = client
        .write(&request, Confirmed::for_test())
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnavailable, "{error}");
    assert!(error.to_string().contains("Nothing was sent"), "{error}");
}
