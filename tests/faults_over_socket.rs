//! Trouble as it looks from the other end of a real socket.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support;
use autotask_mcp::client::backend::http_client;

use std::sync::Arc;
use std::time::{Duration, Instant};

use autotask_sandbox::{Fault, INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use reqwest::{Client, Method, redirect};
use support::sandbox_port::SandboxPort;

const CONTACT: &str = r#"{"firstName":"Ada","lastName":"Ebb","isActive":1}"#;
const SHORT: Duration = Duration::from_millis(20);
/// Long, because a machine may be busy with other things.
const PATIENCE: Duration = Duration::from_millis(1500);

struct Seen {
    sandbox: Arc<Sandbox>,
    port: SandboxPort,
    client: Client,
}

impl Seen {
    fn new() -> Self {
        Self::with_pace(Duration::ZERO)
    }

    fn with_pace(pace: Duration) -> Self {
        let sandbox = Arc::new(Sandbox::new());
        let client = http_client().no_proxy().timeout(PATIENCE);
        let client = client.redirect(redirect::Policy::none());
        Self {
            port: SandboxPort::with_pace(&sandbox, pace),
            client: client.retry(reqwest::retry::never()).build().expect("a client"),
            sandbox,
        }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}V1.0/{path}", self.port.base());
        let request = self.client.request(method, url);
        let request = request.header("UserName", USERNAME);
        let request = request.header("Secret", SECRET);
        request.header("ApiIntegrationCode", INTEGRATION_CODE)
    }

    /// The outcome of a creation: the status and the body, or the error in a word.
    async fn create(&self) -> String {
        let request = self.request(Method::POST, "Companies/412/Contacts");
        response(request.body(CONTACT).send().await).await
    }
}

async fn response(reply: reqwest::Result<reqwest::Response>) -> String {
    let status = reply.as_ref().map(|reply| reply.status().as_u16());
    let status = status.unwrap_or_default();
    let text = async { reply?.bytes().await }.await;
    match text {
        Ok(text) => format!("{status} {}", String::from_utf8_lossy(&text)),
        Err(error) if error.is_timeout() => "timed out".into(),
        Err(error) if error.is_connect() => "not sent".into(),
        Err(_) if status == 0 => "no answer".into(),
        Err(_) => "half an answer".into(),
    }
}

#[tokio::test]
async fn each_fault_and_how_often_it_is_done() {
    for (fault, start, done) in [
        (Fault::BadGateway, "502 <!DOCTYPE html>", 0),
        (Fault::TooManyRequests { retry_after: None }, "429 ", 0),
        (Fault::Redirect, "302 ", 0),
        (Fault::Truncated, "200 {\"item", 1),
        (Fault::InvalidUtf8, "200 {\"\u{FFFD}itemId", 1),
        (Fault::WrongLength, "half an answer", 1),
        (Fault::NoResponse { handled: false }, "timed out", 0),
        (Fault::NoResponse { handled: true }, "timed out", 1),
        (Fault::Disconnect { handled: false }, "no answer", 0),
        (Fault::Disconnect { handled: true }, "no answer", 1),
        (Fault::ConnectionRefused, "no answer", 0),
        (Fault::Delayed(SHORT), "200 {\"itemId\":", 1),
        (Fault::Delayed(PATIENCE * 2), "timed out", 1),
        (Fault::SlowBody(SHORT), "200 {\"itemId\":", 1),
        (Fault::SlowBody(PATIENCE), "timed out", 1),
        (Fault::Oversized(100), "200          ", 0),
    ] {
        let seen = Seen::new();
        seen.sandbox.queue_faults([None, Some(fault.clone())]);
        assert!(seen.create().await.starts_with("200"), "{fault:?}");
        let response = seen.create().await;
        assert!(response.starts_with(start), "{fault:?}: {response}");
        assert_eq!(seen.sandbox.created("Contacts"), 1 + done, "{fault:?}");
        let after = seen.create().await;
        assert!(after.starts_with("200 {\"itemId\""), "{fault:?}: {after}");
        let given_up = response == "timed out" && !matches!(fault, Fault::NoResponse { .. });
        assert!(given_up || seen.sandbox.max_in_flight() == 1, "{fault:?}");
    }
}

#[tokio::test]
async fn late_and_dripping_answers_take_their_time() {
    for (fault, least) in
        [(Fault::Delayed(SHORT * 5), SHORT * 5), (Fault::SlowBody(SHORT), SHORT * 5)]
    {
        let seen = Seen::new();
        seen.sandbox.queue_faults([Some(fault.clone())]);
        let began = Instant::now();
        assert!(seen.create().await.starts_with("200"), "{fault:?}");
        assert!(began.elapsed() >= least, "{fault:?}");
    }
}

#[tokio::test]
async fn a_flood_comes_whole() {
    let seen = Seen::new();
    seen.sandbox.queue_faults([Some(Fault::Oversized(64 << 20))]);
    let request = seen.request(Method::GET, "Tickets/8107");
    let request = request.timeout(Duration::from_secs(60));
    let mut reply = request.send().await.expect("a reply");
    assert_eq!(reply.content_length(), None);
    let mut size = 0;
    while let Some(chunk) = reply.chunk().await.expect("a chunk") {
        size += chunk.len();
    }
    assert_eq!(size, 64 << 20);
}

#[tokio::test]
async fn requests_in_flight_are_counted() {
    let seen = Seen::with_pace(PATIENCE / 2);
    let get = async |path: &str| {
        let request = seen.request(Method::GET, path);
        response(request.timeout(Duration::from_secs(10)).send().await).await
    };
    let replies = tokio::join!(
        get("Tickets/8107"),
        get("Tickets/8107"),
        get("Companies/412"),
        get("Tickets/8107/Notes")
    );
    let replies: [String; 4] = replies.into();
    assert!(replies.iter().all(|response| response.starts_with("200")), "{replies:?}");
    assert_eq!(seen.sandbox.max_in_flight(), 2);
}

#[tokio::test]
async fn look_ups_and_moves_point_to_ports() {
    let seen = Seen::new();
    let new = SandboxPort::open(&seen.sandbox);
    let zone = format!("zoneInformation?user={USERNAME}");
    let response = async |path: &str| response(seen.request(Method::GET, path).send().await).await;
    assert!(response(&zone).await.contains(&seen.port.base()));
    seen.sandbox.move_zone(&new.base());
    assert!(response(&zone).await.contains(&new.base()));
    assert!(response("Version").await.starts_with("401"));
    let moved = Seen { port: new, ..seen };
    let reply = moved.request(Method::GET, "Version").send().await;
    assert_eq!(reply.expect("a reply").status(), 200);
}
