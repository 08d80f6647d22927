//! The client against real sockets on loopback.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{config, with_threshold};
use crate::client::backend::{Backend, MAX_BODY_BYTES};
use crate::client::no_callback;
use crate::confirm::Confirmed;
use crate::error::{Code, Error};
use crate::plan::request::Request;

/// A server on loopback that responds to one request with these bytes and returns what it received.
async fn server(response: impl Into<String>) -> (String, tokio::task::JoinHandle<String>) {
    let response = response.into();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/Rest/", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; 65536];
        let count = stream.read(&mut bytes).await.unwrap();
        // A client that has read enough closes the connection.
        let _ = stream.write_all(response.as_bytes()).await;
        let _ = stream.shutdown().await;
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    });
    (base, served)
}

async fn over_http(response: &'static str, write: bool) -> (Result<Value, Error>, String) {
    let (base, served) = server(response).await;
    let config = config(&[("AUTOTASK_API_URL", &base)]);
    let client = with_threshold(&config, Backend::https(&config));
    let result = match write {
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
    (result, served.await.unwrap())
}

#[tokio::test]
async fn over_a_real_socket() {
    let item = "HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{\"item\":{\"id\":7}}";
    let (result, received) = over_http(item, false).await;
    assert_eq!(result, Ok(json!({"item": {"id": 7}})));
    assert!(received.starts_with("GET /Rest/V1.0/Tickets/7 HTTP/1.1\r\n"), "{received}");
    assert!(received.contains("user-agent: autotask-mcp/"), "{received}");

    let redirect =
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"item\":";
    let rows = [
        (redirect, false, Code::UpstreamUnavailable),
        (redirect, true, Code::OutcomeUnknown),
        (cut, false, Code::UpstreamUnavailable),
        (cut, true, Code::OutcomeUnknown),
        ("", false, Code::UpstreamUnavailable),
        ("", true, Code::OutcomeUnknown),
    ];
    // Reads are retried after delays; concurrently they take no longer than one.
    futures_util::future::join_all(rows.map(|(response, write, code)| async move {
        let error = over_http(response, write).await.0.unwrap_err();
        assert_eq!(error.code(), code, "{response:?}: {error}");
        assert!(!error.to_string().contains("::"), "{error}");
    }))
    .await;
}

#[tokio::test]
async fn no_response() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    let mut config = config(&[("AUTOTASK_API_URL", &base)]);
    config.timeout = Duration::from_millis(50);
    let client = with_threshold(&config, Backend::https(&config));
    let read = client.read(&Request::get("Tickets/7")).await.unwrap_err();
    assert_eq!(read.code(), Code::Timeout, "{read}");
    let request = Request::patch("Tickets", json!({ "id": 7 }));
    let write = client.write(&request, Confirmed::for_test(), no_callback()).await;
    let write = write.unwrap_err();
    assert_eq!(write.code(), Code::OutcomeUnknown, "{write}");
    drop(listener);
}

#[tokio::test]
async fn waiting_callers_share_one_failed_zone_detection() {
    let (base, served) = server("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n").await;
    let config = config(&[("AUTOTASK_ZONE_URL", &base)]);
    let client = with_threshold(&config, Backend::https(&config));
    let request = Request::get("Tickets/7");
    let read = || client.read(&request);
    let (a, b, c) = tokio::join!(read(), read(), read());
    assert!(a.is_err() && a == b && b == c, "{a:?} {b:?} {c:?}");
    let received = served.await.unwrap();
    assert!(received.starts_with("GET /Rest/v1.0/zoneInformation?user="), "{received}");
    assert!(!received.to_lowercase().contains("hush"), "{received}");
}

#[tokio::test]
async fn responses_over_the_size_limit() {
    let body = "x".repeat(MAX_BODY_BYTES + 1);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    let (base, _served) = server(head + &body).await;
    let config = config(&[("AUTOTASK_API_URL", &base)]);
    let client = with_threshold(&config, Backend::https(&config));
    let error = client.read(&Request::get("Tickets/7")).await.unwrap_err();
    assert!(error.to_string().contains("16 MiB"), "{error}");
}

#[tokio::test]
async fn connection_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let config = config(&[("AUTOTASK_API_URL", &base)]);
    let client = with_threshold(&config, Backend::https(&config));
    let request = Request::patch("Tickets", json!({ "id": 7 }));
    let error = client.write(&request, Confirmed::for_test(), no_callback()).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnavailable, "{error}");
    assert!(error.to_string().contains("Nothing was sent"), "{error}");
}
