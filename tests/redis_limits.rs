//! Replicas that share a tenant's limits through a real Redis; skipped with a message if it is not installed.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support::{http_server, sandbox_port};

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use autotask_mcp::app::{self, App};
use autotask_sandbox::Sandbox;
use http_server::{HttpServer, json_of};
use sandbox_port::SandboxPort;

/// A Redis server, killed when dropped.
struct Redis {
    process: Child,
    url: String,
}

impl Redis {
    fn start() -> Option<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port().to_string();
        drop(listener);
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

    /// Deletes all data, as a restart without persistence does.
    fn flush(&self) {
        let address = self.url.trim_start_matches("redis://");
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.write_all(b"FLUSHALL\r\n").expect("an open connection");
        let mut response = [0; 5];
        stream.read_exact(&mut response).expect("a response");
        assert_eq!(&response, b"+OK\r\n");
    }

    fn stop(&mut self) {
        // It may have exited already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn read_ticket(app: &App, id: u32) -> bool {
    let arguments = app::parse_arguments(&format!("{{\"id\":{id},\"fields\":\"id\"}}"));
    let response = app.call_as_operator("get-ticket", arguments.expect("arguments")).await;
    response.is_some_and(|response| response.error.is_none())
}

/// How many of these calls succeed, made concurrently through the replicas in turn.
async fn burst(replicas: &[Arc<App>], calls: u32) -> usize {
    let mut tasks = tokio::task::JoinSet::new();
    for (call, app) in (0..calls).zip(replicas.iter().cycle()) {
        let app = app.clone();
        tasks.spawn(async move { read_ticket(&app, 8001 + call).await });
    }
    tasks.join_all().await.into_iter().filter(|done| *done).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_with_different_tokens_share_three_permits() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::with_pace(&sandbox, Duration::from_millis(10));
    let tokens = ["the-first-http-token", "the-second-http-token", "the-third-http-token"];
    let replicas = tokens.map(|token| {
        let settings = [("AUTOTASK_REDIS_URL", redis.url.as_str()), ("AUTOTASK_HTTP_TOKEN", token)];
        Arc::new(port.app(&settings))
    });
    assert_eq!(burst(&replicas, 120).await, 120);
    assert_eq!(sandbox.max_in_flight(), 3, "all replicas together");
    let requests = sandbox.requests();
    let thresholds = requests.iter().filter(|line| line.contains("ThresholdInformation"));
    assert_eq!(thresholds.count(), 1, "only one replica reads the threshold");
    redis.stop();
    let started = Instant::now();
    assert_eq!(burst(&replicas, 30).await, 30, "reads still work without Redis");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_replica_leaks_no_permit() {
    let Some(redis) = Redis::start() else { return };
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::with_pace(&sandbox, Duration::from_secs(3));
    let shared = [("AUTOTASK_REDIS_URL", redis.url.as_str())];
    let killed = port.app(&shared);
    // Dropping the runtime with calls in flight releases no permits, like a kill.
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let killed = Arc::new(killed);
        for id in 8001..8004 {
            let app = killed.clone();
            runtime.spawn(async move { read_ticket(&app, id).await });
        }
        std::thread::sleep(Duration::from_millis(300));
        runtime.shutdown_background();
        std::mem::forget(killed);
    });
    thread.join().expect("a thread");
    let started = Instant::now();
    let survivor = port.app(&shared);
    assert!(read_ticket(&survivor, 8010).await);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

const CONTACT: &str =
    r#"{"companyID":412,"firstName":"Ada","lastName":"Ebb","confirm":"CREATE_CONTACT"}"#;

async fn call(app: &App, tool: &str, arguments: &str) -> String {
    let arguments = app::parse_arguments(arguments).expect("arguments");
    let response = app.call_as_operator(tool, arguments).await;
    response.expect("a tool").text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn identical_creates_on_two_replicas_create_one_record() {
    let Some(redis) = Redis::start() else { return };
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::with_pace(&sandbox, Duration::from_millis(30));
    let shared = [("AUTOTASK_REDIS_URL", redis.url.as_str())];
    let (one, other) = (port.app(&shared), port.app(&shared));
    let (first, second) = tokio::join!(
        call(&one, "create-contact", CONTACT),
        call(&other, "create-contact", CONTACT)
    );
    assert_eq!(sandbox.created("Contacts"), 1, "{first} {second}");
    let later = call(&one, "create-contact", CONTACT).await;
    for (content, count) in [("itemId", 1), ("duplicate-write", 2)] {
        let all = [&first, &second, &later];
        assert_eq!(all.iter().filter(|text| text.contains(content)).count(), count, "{all:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_valid_on_every_replica_and_once() {
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
    let (one, other) = (port.app(&shared), port.app(&shared));
    let note = |code: &str| {
        format!(
            r#"{{"ticketID":8107,"description":"x","noteType":3,"publish":2,"allowDuplicate":true,"confirm":{code}}}"#
        )
    };
    let code = async |app: &App| {
        let preview = call(app, "create-ticket-note", &note("null")).await;
        let code =
            preview.rsplit("\"confirm\":").next().and_then(|rest| rest.split(['.', '}']).next());
        code.expect("a code").trim().to_owned()
    };
    let (first, second) = (code(&one).await, code(&one).await);
    let written = call(&other, "create-ticket-note", &note(&first)).await;
    assert!(written.starts_with("{\"itemId\":"), "{written}");
    let repeated = call(&one, "create-ticket-note", &note(&first)).await;
    assert!(repeated.starts_with("confirm-mismatch"), "{repeated}");
    redis.stop();
    let unknown = call(&other, "create-ticket-note", &note(&second)).await;
    assert!(unknown.starts_with("confirm-mismatch") && unknown.contains("Redis"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_code_stays_used_when_redis_loses_its_data() {
    let Some(redis) = Redis::start() else { return };
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::open(&sandbox);
    let settings = [
        ("AUTOTASK_REDIS_URL", redis.url.as_str()),
        ("AUTOTASK_CONFIRM_MODE", "bound"),
        ("AUTOTASK_HTTP_STATE_KEY", "the-same-key-on-every-replica-of-ours"),
    ];
    let (one, other) = (port.app(&settings), port.app(&settings));
    let note = |code: &str| {
        format!(
            r#"{{"ticketID":8107,"description":"x","noteType":3,"publish":2,"allowDuplicate":true,"confirm":{code}}}"#
        )
    };
    let code = async || {
        let preview = call(&one, "create-ticket-note", &note("null")).await;
        let code =
            preview.rsplit("\"confirm\":").next().and_then(|rest| rest.split(['.', '}']).next());
        code.expect("a code").trim().to_owned()
    };
    let (used, unused) = (code().await, code().await);
    let written = call(&one, "create-ticket-note", &note(&used)).await;
    assert!(written.starts_with("{\"itemId\":"), "{written}");
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    redis.flush();
    for (app, code) in [(&one, &used), (&other, &used), (&other, &unused)] {
        let rejected = call(app, "create-ticket-note", &note(code)).await;
        assert!(rejected.starts_with("confirm-mismatch"), "{rejected}");
    }
    let fresh = call(&other, "create-ticket-note", &note(&code().await)).await;
    assert!(fresh.starts_with("{\"itemId\":"), "codes issued since are valid: {fresh}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_of_a_killed_replica_is_not_repeated() {
    let Some(redis) = Redis::start() else { return };
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::with_pace(&sandbox, Duration::from_millis(800));
    let shared = [("AUTOTASK_REDIS_URL", redis.url.as_str())];
    let (killed, survivor) = (port.app(&shared), port.app(&shared));
    call(&survivor, "describe-entity-fields", r#"{"entity":"Contacts"}"#).await;
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let killed = Arc::new(killed);
        let app = killed.clone();
        runtime.spawn(async move { call(&app, "create-contact", CONTACT).await });
        while sandbox.created("Contacts") == 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        runtime.shutdown_background();
        std::mem::forget(killed);
        sandbox
    });
    let sandbox = thread.join().expect("a thread");
    let response = call(&survivor, "create-contact", CONTACT).await;
    assert!(response.starts_with("duplicate-write"), "{response}");
    assert_eq!(sandbox.created("Contacts"), 1);
}

/// The replica that created a record publishes it again before another replica creates anything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_is_not_repeated_when_redis_loses_its_data() {
    let Some(redis) = Redis::start() else { return };
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::open(&sandbox);
    let shared = [("AUTOTASK_REDIS_URL", redis.url.as_str())];
    let (one, other) = (port.app(&shared), port.app(&shared));
    let created = call(&one, "create-contact", CONTACT).await;
    assert!(created.starts_with("{\"itemId\":"), "{created}");
    redis.flush();
    let repeated = call(&other, "create-contact", CONTACT).await;
    assert!(repeated.starts_with("duplicate-write"), "{repeated}");
    assert_eq!(sandbox.created("Contacts"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_whose_settings_conflict_report_it() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let url = redis.url.clone();
    let settings = |mode, key| {
        [
            ("AUTOTASK_REDIS_URL", url.as_str()),
            ("AUTOTASK_CONFIRM_MODE", mode),
            ("AUTOTASK_HTTP_STATE_KEY", key),
        ]
    };
    let warnings = async |server: &HttpServer| {
        let reply = server.client.get(format!("{}/ready", server.base)).send().await;
        let reply = json_of(reply.expect("a reply")).await;
        assert_eq!(reply["ok"], true, "{reply}");
        reply["warnings"].as_array().cloned().unwrap_or_default()
    };
    let key = "the-same-key-on-every-replica-of-ours";
    let one = HttpServer::sandbox(&settings("bound", key));
    let same = HttpServer::sandbox(&settings("bound", key));
    assert!(warnings(&one).await.is_empty() && warnings(&same).await.is_empty());
    drop(same);
    for (mode, other_key) in
        [("bound", "another-key-than-that-of-the-others"), ("token", key), ("bound", "")]
    {
        let other = HttpServer::sandbox(&settings(mode, other_key));
        let expected = "reject each other's confirmation codes";
        for server in [&other, &one] {
            let warnings = warnings(server).await;
            assert!(
                warnings.iter().any(|warning| warning.to_string().contains(expected)),
                "{warnings:?}"
            );
            assert!(
                !warnings.iter().any(|warning| warning.to_string().contains(key)),
                "no key is shown"
            );
        }
        assert!(other.log().contains(expected), "{}", other.log());
    }
    redis.stop();
    let unavailable = warnings(&one).await;
    assert!(unavailable[0].to_string().contains("Redis is unavailable"), "{unavailable:?}");
}
