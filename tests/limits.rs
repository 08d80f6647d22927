//! Many concurrent calls over a real socket: limited per endpoint, identical reads sent once, and bounded memory
//! whatever the response.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

#[path = "support/sandbox_port.rs"]
mod sandbox_port;
#[path = "support/harness.rs"]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use autotask_mcp::app::{App, parse_arguments};
use autotask_sandbox::{Fault, Sandbox};
use sandbox_port::SandboxPort;
use tokio::task::JoinSet;

/// An app that uses a sandbox on a local port.
struct Server {
    sandbox: Arc<Sandbox>,
    app: Arc<App>,
    _port: SandboxPort,
}

/// A server that has already read the zone and the threshold.
async fn server(pace: Duration, settings: &[(&str, &str)]) -> Server {
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::with_pace(&sandbox, pace);
    let app = port.app(settings);
    let server = Server { sandbox, app: Arc::new(app), _port: port };
    server.call("get-threshold-information", "{}").await;
    server
}

impl Server {
    async fn call(&self, tool: &str, text: &str) -> String {
        self.app
            .call_as_operator(tool, parse_arguments(text).expect("arguments"))
            .await
            .expect("a tool")
            .text
    }

    /// Makes all calls at once; returns the responses in any order.
    async fn all(&self, calls: impl Iterator<Item = (&'static str, String)>) -> Vec<String> {
        let mut set = JoinSet::new();
        for (tool, text) in calls {
            let app = self.app.clone();
            let arguments = parse_arguments(&text).expect("arguments");
            set.spawn(
                async move { app.call_as_operator(tool, arguments).await.expect("a tool").text },
            );
        }
        set.join_all().await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_most_three_requests_per_endpoint_are_in_flight() {
    let server = server(Duration::from_millis(3), &[]).await;
    let tickets =
        (8001..8061).map(|id| ("get-ticket", format!("{{\"id\":{id},\"fields\":\"id\"}}")));
    let notes = (8001..8031).map(|id| {
        let query = format!(
            "{{\"entity\":\"Notes\",\"parentEntity\":\"Tickets\",\"parentId\":{id},\"query\":[]}}"
        );
        ("query-entity", query)
    });
    let responses = server.all(tickets.chain(notes)).await;
    assert!(responses.iter().all(|response| response.starts_with('{')), "{responses:?}");
    assert_eq!(server.sandbox.max_in_flight(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn identical_reads_in_flight_are_sent_once() {
    let server = server(Duration::from_millis(50), &[]).await;
    let same = std::iter::repeat_n(("get-ticket", "{\"id\":8107}".to_owned()), 40);
    let responses = server.all(same).await;
    assert!(responses.iter().all(|response| response == &responses[0]));
    let sent = server.sandbox.requests().iter().filter(|r| r.ends_with("/Tickets/8107")).count();
    assert!(sent <= 2, "{sent} were sent");
}

/// Autotask still processes a cancelled request, so its permit is not released before its timeout.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_call_keeps_its_permit_until_its_timeout() {
    let server = server(Duration::ZERO, &[("AUTOTASK_TIMEOUT_SECONDS", "2")]).await;
    server.sandbox.queue_faults(std::iter::repeat_n(Some(Fault::NoResponse { handled: false }), 3));
    let cancelled = (8001..8004).map(|id| ("get-ticket", format!("{{\"id\":{id}}}")));
    assert!(tokio::time::timeout(Duration::from_millis(200), server.all(cancelled)).await.is_err());
    let started = Instant::now();
    let next =
        tokio::time::timeout(Duration::from_secs(20), server.call("get-ticket", "{\"id\":8107}"));
    assert!(next.await.expect("a permit").starts_with('{'));
    assert!(started.elapsed() > Duration::from_secs(1), "{:?}", started.elapsed());
}

/// An endless, invalid or redirecting response is an error of bounded size.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_responses_are_bounded_errors() {
    let rows = [
        (Fault::Oversized(200 << 20), "larger than 16 MiB"),
        (Fault::Redirect, "redirect"),
        (Fault::WrongLength, ""),
        (Fault::InvalidUtf8, ""),
        (Fault::NotJson, ""),
    ];
    for (fault, expected) in rows {
        let server = server(Duration::ZERO, &[]).await;
        server.sandbox.queue_faults([Some(fault.clone())]);
        let response = server.call("get-ticket", "{\"id\":8107,\"fields\":\"id\"}").await;
        match expected {
            "" => assert_eq!(response, "{\"item\":{\"id\":8107}}", "{fault:?} is retried"),
            expected => assert!(
                response.contains(expected) && response.len() < 600,
                "{fault:?}: {response}"
            ),
        }
    }
    let peak = peak_megabytes();
    assert!(peak < 100, "{peak} MB");
}

/// The peak memory of this process.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}
