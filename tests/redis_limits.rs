//! Replicas that share a tenant's limits through a real Redis; skipped, with a word, where none is installed.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

#[path = "support/sandbox_port.rs"]
mod sandbox_port;

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use autotask_mcp::app::{self, App};
use autotask_sandbox::Sandbox;
use sandbox_port::SandboxPort;

/// A Redis of its own; gone with the test.
struct Redis {
    process: Child,
    url: String,
}

impl Redis {
    fn start() -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("its address").port().to_string();
        drop(free);
        let started = Command::new("redis-server")
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut process) = started else {
            println!("skipped: redis-server is not installed");
            return None;
        };
        let lines = BufReader::new(process.stdout.take().expect("its log")).lines();
        let ready =
            |line: std::io::Result<String>| line.is_ok_and(|line| line.contains("Ready to accept"));
        assert!(lines.into_iter().any(ready), "Redis starts");
        let url = format!("redis://127.0.0.1:{port}");
        Some(Self { process, url })
    }

    fn stop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn ticket(desk: &App, id: u32) -> bool {
    let arguments = app::parse_arguments(&format!("{{\"id\":{id},\"fields\":\"id\"}}"));
    let answer = desk.call_as_operator("get-ticket", arguments.expect("arguments")).await;
    answer.is_some_and(|answer| answer.error.is_none())
}

/// How many of these calls succeed, all made at once, by turns through each desk.
async fn burst(desks: &[Arc<App>], calls: u32) -> usize {
    let mut all = tokio::task::JoinSet::new();
    for (call, desk) in (0..calls).zip(desks.iter().cycle()) {
        let desk = desk.clone();
        all.spawn(async move { ticket(&desk, 8001 + call).await });
    }
    all.join_all().await.into_iter().filter(|done| *done).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_share_three_places() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::with_pace(&sandbox, Duration::from_millis(10));
    let shared = [("AUTOTASK_REDIS_URL", redis.url.as_str())];
    let replicas: Vec<_> = (0..3).map(|_| Arc::new(port.desk(&shared))).collect();
    assert_eq!(burst(&replicas, 120).await, 120);
    assert_eq!(sandbox.max_in_flight(), 3, "all replicas together");
    let asked = sandbox.requests();
    let thresholds = asked.iter().filter(|line| line.contains("ThresholdInformation"));
    assert_eq!(thresholds.count(), 1, "one replica asks for all");
    redis.stop();
    let began = Instant::now();
    assert_eq!(burst(&replicas, 30).await, 30, "reads go on without Redis");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_replica_leaks_no_place() {
    let Some(redis) = Redis::start() else { return };
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::with_pace(&sandbox, Duration::from_secs(3));
    let shared = [("AUTOTASK_REDIS_URL", redis.url.as_str())];
    let killed = port.desk(&shared);
    // A runtime that is dropped with its calls in flight frees nothing: that is what a kill looks like.
    let gone = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let killed = Arc::new(killed);
        for id in 8001..8004 {
            let desk = killed.clone();
            runtime.spawn(async move { ticket(&desk, id).await });
        }
        std::thread::sleep(Duration::from_millis(300));
        runtime.shutdown_background();
        std::mem::forget(killed);
    });
    gone.join().expect("a thread");
    let began = Instant::now();
    let left = port.desk(&shared);
    assert!(ticket(&left, 8010).await);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

const CONTACT: &str =
    r#"{"companyID":412,"firstName":"Ada","lastName":"Ebb","confirm":"CREATE_CONTACT"}"#;

async fn answer(desk: &App, tool: &str, arguments: &str) -> String {
    let arguments = app::parse_arguments(arguments).expect("arguments");
    let answer = desk.call_as_operator(tool, arguments).await;
    answer.expect("a tool").text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn equal_creates_on_two_replicas_make_one_record() {
    let Some(redis) = Redis::start() else { return };
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::with_pace(&sandbox, Duration::from_millis(30));
    let shared = [("AUTOTASK_REDIS_URL", redis.url.as_str())];
    let (one, other) = (port.desk(&shared), port.desk(&shared));
    let (first, second) = tokio::join!(
        answer(&one, "create-contact", CONTACT),
        answer(&other, "create-contact", CONTACT)
    );
    assert_eq!(sandbox.created("Contacts"), 1, "{first} {second}");
    let later = answer(&one, "create-contact", CONTACT).await;
    for (what, count) in [("itemId", 1), ("duplicate-write", 2)] {
        let all = [&first, &second, &later];
        assert_eq!(all.iter().filter(|text| text.contains(what)).count(), count, "{all:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_good_on_every_replica_and_once() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::open(&sandbox);
    let shared = [
        ("AUTOTASK_REDIS_URL", redis.url.as_str()),
        ("AUTOTASK_CONFIRM_MODE", "bound"),
        ("AUTOTASK_HTTP_STATE_KEY", "the-same-key-on-every-replica-of-ours"),
    ];
    let (one, other) = (port.desk(&shared), port.desk(&shared));
    let note = |code: &str| {
        format!(
            r#"{{"ticketID":8107,"description":"x","noteType":3,"publish":2,"allowDuplicate":true,"confirm":{code}}}"#
        )
    };
    let code = async |desk: &App| {
        let shown = answer(desk, "create-ticket-note", &note("null")).await;
        let code =
            shown.rsplit("\"confirm\":").next().and_then(|rest| rest.split(['.', '}']).next());
        code.expect("a code").trim().to_owned()
    };
    let (first, second) = (code(&one).await, code(&one).await);
    let written = answer(&other, "create-ticket-note", &note(&first)).await;
    assert!(written.starts_with("{\"itemId\":"), "{written}");
    let again = answer(&one, "create-ticket-note", &note(&first)).await;
    assert!(again.starts_with("confirm-mismatch"), "{again}");
    redis.stop();
    let unsure = answer(&other, "create-ticket-note", &note(&second)).await;
    assert!(unsure.starts_with("confirm-mismatch") && unsure.contains("Redis"), "{unsure}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_that_died_with_its_replica_is_not_made_again() {
    let Some(redis) = Redis::start() else { return };
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::with_pace(&sandbox, Duration::from_millis(800));
    let shared = [("AUTOTASK_REDIS_URL", redis.url.as_str())];
    let (killed, left) = (port.desk(&shared), port.desk(&shared));
    answer(&left, "describe-entity-fields", r#"{"entity":"Contacts"}"#).await;
    let gone = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let killed = Arc::new(killed);
        let desk = killed.clone();
        runtime.spawn(async move { answer(&desk, "create-contact", CONTACT).await });
        while sandbox.created("Contacts") == 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        runtime.shutdown_background();
        std::mem::forget(killed);
        sandbox
    });
    let sandbox = gone.join().expect("a thread");
    let told = answer(&left, "create-contact", CONTACT).await;
    assert!(told.starts_with("duplicate-write") && told.contains("nobody knows"), "{told}");
    assert_eq!(sandbox.created("Contacts"), 1);
}
