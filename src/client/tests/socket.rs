//! The client against real sockets on loopback.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{config, untroubled};
use crate::client::backend::{Backend, MAX_BODY_BYTES};
use crate::client::no_callback;
use crate::client::request::Request;
use crate::confirm::Confirmed;
use crate::error::{Code, Error};

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
    let client = untroubled(&config, Backend::https(&config));
    let answer = match write {
        true => {
            client
                .write(
                    &Request::patch("Tickets", json!({"id": 7})),
                    Confirmed::for_test(),
                    no_callback(),
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
    assert!(read.starts_with("GET /Rest/V1.0/Tickets/7 HTTP/1.1\r\n"), "{read}");
    assert!(read.contains("user-agent: autotask-mcp/"), "{read}");

    let redirect =
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"item\":";
    let rows = [
        (redirect, false, Code::UpstreamUnavailable),
        (cut, false, Code::UpstreamUnavailable),
        (cut, true, Code::OutcomeUnknown),
        ("", false, Code::UpstreamUnavailable),
        ("", true, Code::OutcomeUnknown),
    ];
    // Reads are tried again after pauses; side by side these last no longer than one.
    futures_util::future::join_all(rows.map(|(reply, write, code)| async move {
        let error = over_http(reply, write).await.0.unwrap_err();
        assert_eq!(error.code(), code, "{reply:?}: {error}");
        assert!(!error.to_string().contains("::"), "{error}");
    }))
    .await;
}

#[tokio::test]
async fn silence() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    let mut config = config(&[("AUTOTASK_API_URL", &base)]);
    config.timeout = Duration::from_millis(50);
    let client = untroubled(&config, Backend::https(&config));
    let read = client.read(&Request::get("Tickets/7")).await.unwrap_err();
    assert_eq!(read.code(), Code::Timeout, "{read}");
    let request = Request::patch("Tickets", json!({ "id": 7 }));
    let write = client.write(&request, Confirmed::for_test(), no_callback()).await;
    let write = write.unwrap_err();
    assert_eq!(write.code(), Code::OutcomeUnknown, "{write}");
    drop(listener);
}

#[tokio::test]
async fn one_failed_look_up_serves_all_who_waited() {
    let (base, served) = server("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n").await;
    let config = config(&[("AUTOTASK_ZONE_URL", &base)]);
    let client = untroubled(&config, Backend::https(&config));
    let request = Request::get("Tickets/7");
    let read = || client.read(&request);
    let (a, b, c) = tokio::join!(read(), read(), read());
    assert!(a.is_err() && a == b && b == c, "{a:?} {b:?} {c:?}");
    let asked = served.await.unwrap();
    assert!(asked.starts_with("GET /Rest/v1.0/zoneInformation?user="), "{asked}");
    assert!(!asked.to_lowercase().contains("hush"), "{asked}");
}

#[tokio::test]
async fn replies_beyond_the_limit() {
    let body = "x".repeat(MAX_BODY_BYTES + 1);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    let (base, _served) = server(head + &body).await;
    let config = config(&[("AUTOTASK_API_URL", &base)]);
    let client = untroubled(&config, Backend::https(&config));
    let error = client.read(&Request::get("Tickets/7")).await.unwrap_err();
    assert!(error.to_string().contains("16 MiB"), "{error}");
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let config = config(&[("AUTOTASK_API_URL", &base)]);
    let client = untroubled(&config, Backend::https(&config));
    let request = Request::patch("Tickets", json!({ "id": 7 }));
    let error = client.write(&request, Confirmed::for_test(), no_callback()).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnavailable, "{error}");
    assert!(error.to_string().contains("Nothing was sent"), "{error}");
}
