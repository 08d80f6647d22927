//! Many calls at once over a real socket: never too many on an endpoint, the same question asked once, a bounded
//! memory, whatever comes back.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use autotask_mcp::app::{App, parse_arguments};
use autotask_sandbox::{Fault, Sandbox};
use support::sandbox_port::SandboxPort;
use tokio::task::JoinSet;

/// A desk in front of a sandbox behind a port.
struct Seat {
    sandbox: Arc<Sandbox>,
    desk: Arc<App>,
    _port: SandboxPort,
}

/// The zone and the threshold are known before anything goes wrong.
async fn seat(pace: Duration, settings: &[(&str, &str)]) -> Seat {
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::with_pace(&sandbox, pace);
    let desk = port.desk(settings);
    let seat = Seat { sandbox, desk: Arc::new(desk), _port: port };
    seat.call("get-threshold-information", "{}").await;
    seat
}

impl Seat {
    async fn call(&self, tool: &str, text: &str) -> String {
        self.desk
            .call_as_operator(tool, parse_arguments(text).expect("arguments"))
            .await
            .expect("a tool")
            .text
    }

    /// Calls all at once; the answers in any order.
    async fn all(&self, calls: impl Iterator<Item = (&'static str, String)>) -> Vec<String> {
        let mut set = JoinSet::new();
        for (tool, text) in calls {
            let desk = self.desk.clone();
            let arguments = parse_arguments(&text).expect("arguments");
            set.spawn(
                async move { desk.call_as_operator(tool, arguments).await.expect("a tool").text },
            );
        }
        set.join_all().await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn never_more_than_three_on_an_endpoint() {
    let seat = seat(Duration::from_millis(3), &[]).await;
    let tickets =
        (8001..8061).map(|id| ("get-ticket", format!("{{\"id\":{id},\"fields\":\"id\"}}")));
    let notes = (8001..8031).map(|id| {
        let query = format!(
            "{{\"entity\":\"Notes\",\"parentEntity\":\"Tickets\",\"parentId\":{id},\"query\":[]}}"
        );
        ("query-entity", query)
    });
    let answers = seat.all(tickets.chain(notes)).await;
    assert!(answers.iter().all(|answer| answer.starts_with('{')), "{answers:?}");
    assert_eq!(seat.sandbox.max_in_flight(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_question_in_flight_is_sent_once() {
    let seat = seat(Duration::from_millis(50), &[]).await;
    let same = std::iter::repeat_n(("get-ticket", "{\"id\":8107}".to_owned()), 40);
    let answers = seat.all(same).await;
    assert!(answers.iter().all(|answer| answer == &answers[0]));
    let sent = seat.sandbox.requests().iter().filter(|r| r.ends_with("/Tickets/8107")).count();
    assert!(sent <= 2, "{sent} were sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_leaves_frees_its_place() {
    let seat = seat(Duration::ZERO, &[("AUTOTASK_TIMEOUT_SECONDS", "30")]).await;
    seat.sandbox.queue_faults(std::iter::repeat_n(Some(Fault::NoResponse { handled: false }), 3));
    let held = (8001..8004).map(|id| ("get-ticket", format!("{{\"id\":{id}}}")));
    assert!(tokio::time::timeout(Duration::from_millis(200), seat.all(held)).await.is_err());
    let next =
        tokio::time::timeout(Duration::from_secs(5), seat.call("get-ticket", "{\"id\":8107}"));
    assert!(next.await.expect("a free place").starts_with('{'));
}

/// An upstream that sends without end, lies, or sends elsewhere costs an error, not the memory.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_answers_are_bounded_errors() {
    let rows = [
        (Fault::Oversized(200 << 20), "larger than 16 MiB"),
        (Fault::Redirect, "redirect"),
        (Fault::WrongLength, ""),
        (Fault::InvalidUtf8, ""),
        (Fault::NotJson, ""),
    ];
    for (fault, told) in rows {
        let seat = seat(Duration::ZERO, &[]).await;
        seat.sandbox.queue_faults([Some(fault.clone())]);
        let answer = seat.call("get-ticket", "{\"id\":8107,\"fields\":\"id\"}").await;
        match told {
            "" => assert_eq!(answer, "{\"item\":{\"id\":8107}}", "{fault:?} is read again"),
            told => assert!(answer.contains(told) && answer.len() < 600, "{fault:?}: {answer}"),
        }
    }
    let peak = peak_megabytes();
    assert!(peak < 100, "{peak} MB");
}

/// The most memory this process ever held.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}
