//! Spans of a call and its requests are exported in the trace of the caller.
#![cfg(feature = "otel")]
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

#[path = "support/http_server.rs"]
mod http_server;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use http_server::{HttpServer, call};
use serde_json::json;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// Starts a collector; returns its URL and the bodies that it receives.
fn collector() -> (String, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let (sender, bodies) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let body = read_request(stream.expect("a connection"));
            // The test may have ended.
            let _ = sender.send(body);
        }
    });
    (base, bodies)
}

/// Reads one request, responds to it, and returns its body.
fn read_request(mut stream: TcpStream) -> Vec<u8> {
    let mut reader = BufReader::new(stream.try_clone().expect("the same connection"));
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a head");
        match line.trim().split_once(':') {
            None if line.trim().is_empty() => break,
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().expect("a length");
            }
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let reply = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    stream.write_all(reply).expect("the response is sent");
    body
}

fn contains(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn spans_follow_the_callers_trace() {
    let (base, bodies) = collector();
    let mut server = HttpServer::sandbox(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &base)]);
    let mut request = call("get-ticket", &json!({ "id": 8107 }));
    let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
    request["params"]["_meta"] = json!({ "traceparent": parent });
    server.post(&request).send().await.expect("a reply");
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    let sent: Vec<u8> = bodies.try_iter().flatten().collect();
    let trace = u128::from_str_radix(TRACE, 16).expect("hexadecimal");
    let parts: [&[u8]; 5] =
        [&trace.to_be_bytes(), b"tools/call", b"get-ticket", b"Tickets", b"autotask-mcp"];
    for part in parts {
        assert!(contains(&sent, part), "{:?}", String::from_utf8_lossy(part));
    }
    assert!(!contains(&sent, b"Oven"), "tenant data was exported");
}
