//! Faults of the sandbox as a client sees them over a real socket.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support;
use autotask_mcp::client::backend::http_client;

use std::sync::Arc;
use std::time::{Duration, Instant};

use autotask_sandbox::{Fault, INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use reqwest::{Client, Method, redirect};
use support::sandbox_port::SandboxPort;

const CONTACT: &str = r#"{"firstName":"Ada","lastName":"Ebb","isActive":1}"#;
const SHORT_DELAY: Duration = Duration::from_millis(20);
/// Long enough for a busy machine.
const CLIENT_TIMEOUT: Duration = Duration::from_millis(1500);

struct Tenant {
    sandbox: Arc<Sandbox>,
    port: SandboxPort,
    client: Client,
}

impl Tenant {
    fn new() -> Self {
        Self::with_pace(Duration::ZERO)
    }

    fn with_pace(pace: Duration) -> Self {
        let sandbox = Arc::new(Sandbox::new());
        let client = http_client().no_proxy().timeout(CLIENT_TIMEOUT);
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

    /// Creates a contact; returns the status and the body, or a description of the error.
    async fn create(&self) -> String {
        let request = self.request(Method::POST, "Companies/412/Contacts");
        describe(request.body(CONTACT).send().await).await
    }
}

async fn describe(reply: reqwest::Result<reqwest::Response>) -> String {
    let status = reply.as_ref().map(|reply| reply.status().as_u16());
    let status = status.unwrap_or_default();
    let text = async { reply?.bytes().await }.await;
    match text {
        Ok(text) => format!("{status} {}", String::from_utf8_lossy(&text)),
        Err(error) if error.is_timeout() => "timed out".into(),
        Err(error) if error.is_connect() => "not sent".into(),
        Err(_) if status == 0 => "no response".into(),
        Err(_) => "incomplete response".into(),
    }
}

#[tokio::test]
async fn each_fault_has_its_response_and_effect() {
    for (fault, start, done) in [
        (Fault::BadGateway, "502 <!DOCTYPE html>", 0),
        (Fault::TooManyRequests { retry_after: None }, "429 ", 0),
        (Fault::Redirect, "302 ", 0),
        (Fault::Truncated, "200 {\"item", 1),
        (Fault::InvalidUtf8, "200 {\"\u{FFFD}itemId", 1),
        (Fault::WrongLength, "incomplete response", 1),
        (Fault::NoResponse { handled: false }, "timed out", 0),
        (Fault::NoResponse { handled: true }, "timed out", 1),
        (Fault::Disconnect { handled: false }, "no response", 0),
        (Fault::Disconnect { handled: true }, "no response", 1),
        (Fault::ConnectionRefused, "no response", 0),
        (Fault::Delayed(SHORT_DELAY), "200 {\"itemId\":", 1),
        (Fault::Delayed(CLIENT_TIMEOUT * 2), "timed out", 1),
        (Fault::SlowBody(SHORT_DELAY), "200 {\"itemId\":", 1),
        (Fault::SlowBody(CLIENT_TIMEOUT), "timed out", 1),
        (Fault::Oversized(100), "200          ", 0),
    ] {
        let tenant = Tenant::new();
        tenant.sandbox.queue_faults([None, Some(fault.clone())]);
        assert!(tenant.create().await.starts_with("200"), "{fault:?}");
        let response = tenant.create().await;
        assert!(response.starts_with(start), "{fault:?}: {response}");
        assert_eq!(tenant.sandbox.created("Contacts"), 1 + done, "{fault:?}");
        let after = tenant.create().await;
        assert!(after.starts_with("200 {\"itemId\""), "{fault:?}: {after}");
        let given_up = response == "timed out" && !matches!(fault, Fault::NoResponse { .. });
        assert!(given_up || tenant.sandbox.max_in_flight() == 1, "{fault:?}");
    }
}

#[tokio::test]
async fn delayed_and_slow_responses_take_the_given_time() {
    for (fault, min) in [
        (Fault::Delayed(SHORT_DELAY * 5), SHORT_DELAY * 5),
        (Fault::SlowBody(SHORT_DELAY), SHORT_DELAY * 5),
    ] {
        let tenant = Tenant::new();
        tenant.sandbox.queue_faults([Some(fault.clone())]);
        let started = Instant::now();
        assert!(tenant.create().await.starts_with("200"), "{fault:?}");
        assert!(started.elapsed() >= min, "{fault:?}");
    }
}

#[tokio::test]
async fn an_oversized_response_has_the_given_size() {
    let tenant = Tenant::new();
    tenant.sandbox.queue_faults([Some(Fault::Oversized(64 << 20))]);
    let request = tenant.request(Method::GET, "Tickets/8107");
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
    let tenant = Tenant::with_pace(CLIENT_TIMEOUT / 2);
    let get = async |path: &str| {
        let request = tenant.request(Method::GET, path);
        describe(request.timeout(Duration::from_secs(10)).send().await).await
    };
    let replies = tokio::join!(
        get("Tickets/8107"),
        get("Tickets/8107"),
        get("Companies/412"),
        get("Tickets/8107/Notes")
    );
    let replies: [String; 4] = replies.into();
    assert!(replies.iter().all(|response| response.starts_with("200")), "{replies:?}");
    assert_eq!(tenant.sandbox.max_in_flight(), 2);
}

#[tokio::test]
async fn zone_lookups_return_the_port() {
    let tenant = Tenant::new();
    let new = SandboxPort::open(&tenant.sandbox);
    let zone = format!("zoneInformation?user={USERNAME}");
    let get = async |path: &str| describe(tenant.request(Method::GET, path).send().await).await;
    assert!(get(&zone).await.contains(&tenant.port.base()));
    tenant.sandbox.move_zone(&new.base());
    assert!(get(&zone).await.contains(&new.base()));
    assert!(get("Version").await.starts_with("401"));
    let moved = Tenant { port: new, ..tenant };
    let reply = moved.request(Method::GET, "Version").send().await;
    assert_eq!(reply.expect("a reply").status(), 200);
}
