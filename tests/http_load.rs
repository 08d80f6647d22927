//! The HTTP server under load: roles, limits, slow and disconnecting clients, TLS, shutdown.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

#[path = "support/http_server.rs"]
mod http_server;
#[path = "support/sandbox_port.rs"]
mod sandbox_port;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use autotask_mcp::client::backend::http_client;
use autotask_mcp::tools::Tool;
use autotask_sandbox::{Fault, INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use http_server::{HttpServer, call, json_of};
use reqwest::StatusCode;
use sandbox_port::SandboxPort;
use serde_json::{Value, json};

const DISPATCH: &str = "dispatch-0123456789";
const REPORTS: &str = "reports-0123456789";

/// A temporary file, deleted when dropped.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("autotask-mcp-{}-{name}", std::process::id()));
        fs::write(&path, text).expect("a file");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a path")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // It may be deleted already.
        let _ = fs::remove_file(&self.0);
    }
}

/// Starts the program with the sandbox at this port.
fn start(port: &SandboxPort, more: &[(&str, &str)]) -> HttpServer {
    let base = port.base();
    let mut settings = vec![
        ("AUTOTASK_USERNAME", USERNAME),
        ("AUTOTASK_SECRET", SECRET),
        ("AUTOTASK_INTEGRATION_CODE", INTEGRATION_CODE),
        ("AUTOTASK_API_URL", base.as_str()),
    ];
    settings.extend(more);
    HttpServer::start(&[], &settings)
}

fn get(id: u32) -> Value {
    call("get-ticket", &json!({ "id": id, "fields": "id" }))
}

async fn tools(server: &HttpServer, token: &str) -> Vec<String> {
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let reply = server.post_as(token, &list).send().await.expect("a reply");
    let listed = json_of(reply).await;
    let tools = listed["result"]["tools"].as_array().cloned();
    let name = |tool: &Value| tool["name"].as_str().map(str::to_owned);
    tools.unwrap_or_default().iter().filter_map(name).collect()
}

#[tokio::test]
async fn a_role_only_restricts() {
    let text = format!("dispatch {DISPATCH} full tickets\nreports {REPORTS} read-only\n");
    let file = File::new("roles", &text);
    let settings =
        [("AUTOTASK_HTTP_TOKENS_FILE", file.path()), ("AUTOTASK_TOOLS", "-create-ticket")];
    let server = HttpServer::sandbox(&settings);
    assert_eq!(tools(&server, http_server::TOKEN).await.len(), Tool::ALL.len() - 1);
    let (dispatch, reports) = (tools(&server, DISPATCH).await, tools(&server, REPORTS).await);
    assert_eq!(dispatch, ["search-tickets", "get-ticket", "update-ticket", "create-ticket-note"]);
    assert_eq!(reports.len(), 18);
    let rows = [
        (
            REPORTS,
            "update-ticket",
            json!({ "id": 8107, "priority": 1, "confirm": "UPDATE_TICKET" }),
            "read-only",
        ),
        (DISPATCH, "create-ticket", json!({ "title": "x" }), "create-ticket (not enabled here)"),
        (DISPATCH, "get-company", json!({ "id": 0 }), "Unknown tool"),
        (DISPATCH, "get-ticket", json!({ "id": 8107 }), "Oven"),
    ];
    for (token, expected) in [(http_server::TOKEN, true), (DISPATCH, false), (REPORTS, true)] {
        let read = json!({ "jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": { "uri": "autotask://companies/0" } });
        let reply = server.post_as(token, &read).send().await;
        let reply = json_of(reply.expect("a reply")).await;
        assert_eq!(reply["result"].is_object(), expected, "a resource requires its tool: {reply}");
    }
    for (token, tool, arguments, word) in rows {
        let reply = server.post_as(token, &call(tool, &arguments)).send().await;
        let reply = json_of(reply.expect("a reply")).await.to_string();
        assert!(reply.contains(word), "{tool}: {reply}");
    }
}

#[tokio::test]
async fn tokens_are_reloaded() {
    let file = File::new("again", &format!("dispatch {DISPATCH} full\n"));
    let server = HttpServer::sandbox(&[("AUTOTASK_HTTP_TOKENS_FILE", file.path())]);
    let status = |token| {
        let sent = server.post_as(token, &get(8107)).send();
        async { sent.await.expect("a reply").status() }
    };
    assert_eq!(status(DISPATCH).await, StatusCode::OK);
    fs::write(&file.0, format!("reports {REPORTS} read-only\n")).expect("a file");
    server.signal("HUP");
    wait_for_log(&server, "Reloaded");
    assert_eq!(status(DISPATCH).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(REPORTS).await, StatusCode::OK);
    fs::write(&file.0, "nonsense").expect("a file");
    server.signal("HUP");
    wait_for_log(&server, "stay as they are");
    assert_eq!(status(REPORTS).await, StatusCode::OK);
    assert!(!server.log().contains(REPORTS));
}

#[tokio::test]
async fn the_operators_token_is_reloaded_from_its_file() {
    let file = File::new("owner", "the-first-token-of-all\n");
    let settings = [("AUTOTASK_HTTP_TOKEN", ""), ("AUTOTASK_HTTP_TOKEN_FILE", file.path())];
    let server = HttpServer::sandbox(&settings);
    fs::write(&file.0, "the-second-token-of-all\n").expect("a file");
    server.signal("HUP");
    wait_for_log(&server, "Reloaded");
    for (token, status) in [
        ("the-first-token-of-all", StatusCode::UNAUTHORIZED),
        ("the-second-token-of-all", StatusCode::OK),
    ] {
        let reply = server.post_as(token, &get(8107)).send().await;
        assert_eq!(reply.expect("a reply").status(), status, "{token}");
    }
}

#[test]
fn an_unknown_tool_is_named_and_a_token_never() {
    let rows =
        [("serch-tickets", "\"serch-tickets\" is not one"), (REPORTS, "names of tools and groups")];
    for (word, response) in rows {
        let text = format!("# who\ndispatch {DISPATCH} full time,{word}\n");
        let file = File::new(word, &text);
        let settings = [("AUTOTASK_HTTP_TOKENS_FILE", file.path())];
        let output = http_server::command(&["--sandbox"], &settings).output();
        let output = output.expect("it runs");
        assert_eq!(output.status.code(), Some(2));
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(printed.contains("in line 2") && printed.contains(response), "{printed}");
        assert!(!printed.contains(DISPATCH) && !printed.contains(REPORTS));
    }
}

/// Requests whose body never arrives, with a valid token, hold no permits.
#[tokio::test]
async fn slow_bodies_hold_no_permits() {
    let server = HttpServer::sandbox(&[("AUTOTASK_HTTP_MAX_CALLS", "2")]);
    let address = server.base.trim_start_matches("http://");
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{{",
        http_server::TOKEN
    );
    let slow: Vec<_> = (0..20)
        .map(|_| {
            let mut stream = TcpStream::connect(address).expect("a connection");
            stream.write_all(head.as_bytes()).expect("a head");
            stream
        })
        .collect();
    std::thread::sleep(Duration::from_millis(200));
    let reply = server.post(&get(8107)).send().await.expect("a reply");
    assert_eq!(reply.status(), StatusCode::OK);
    drop(slow);
}

fn wait_for_log(server: &HttpServer, words: &str) {
    let started = Instant::now();
    while !server.log().contains(words) {
        assert!(started.elapsed() < Duration::from_secs(10), "{}", server.log());
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test]
async fn too_many_requests_get_retry_after() {
    let port = SandboxPort::with_pace(&Arc::new(Sandbox::new()), Duration::from_millis(600));
    let file = File::new("many", &format!("dispatch {DISPATCH} full\n"));
    let server = start(
        &port,
        &[
            ("AUTOTASK_HTTP_TOKENS_FILE", file.path()),
            ("AUTOTASK_HTTP_MAX_CALLS", "3"),
            ("AUTOTASK_HTTP_MAX_CALLS_PER_TOKEN", "2"),
        ],
    );
    let ask = |token, id| {
        let sent = server.post_as(token, &get(id)).send();
        async { sent.await.expect("a reply") }
    };
    let later = |id| {
        let sent = ask(http_server::TOKEN, id);
        async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            sent.await
        }
    };
    let (first, second, third, other) = tokio::join!(
        ask(http_server::TOKEN, 8001),
        ask(http_server::TOKEN, 8002),
        later(8003),
        ask(DISPATCH, 8004)
    );
    for reply in [first, second, other] {
        assert_eq!(reply.status(), StatusCode::OK);
    }
    assert_eq!(third.status(), StatusCode::TOO_MANY_REQUESTS);
    let busy = server.post_as(DISPATCH, &get(8006)).send();
    let (busy, more) = (tokio::spawn(busy), tokio::spawn(ask(DISPATCH, 8007)));
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.signal("HUP");
    wait_for_log(&server, "Reloaded");
    assert_eq!(
        ask(DISPATCH, 8008).await.status(),
        StatusCode::TOO_MANY_REQUESTS,
        "the call count continues after a reload"
    );
    for reply in [busy.await.expect("a task").expect("a reply"), more.await.expect("a task")] {
        assert_eq!(reply.status(), StatusCode::OK);
    }
    assert_eq!(third.headers()["retry-after"], "1");
    assert_eq!(json_of(third).await["error"]["code"], -32000);
    assert_eq!(ask(http_server::TOKEN, 8005).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_disconnect_cancels_the_call() {
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::open(&sandbox);
    let server = start(&port, &[("AUTOTASK_HTTP_MAX_CALLS", "1")]);
    assert!(server.call("get-ticket", &json!({ "id": 8107 })).await.contains("Oven"));
    sandbox.queue_faults([Some(Fault::NoResponse { handled: false })]);
    let gone = server.post(&get(8108)).timeout(Duration::from_millis(300)).send().await;
    assert!(gone.is_err(), "nobody answered");
    let started = Instant::now();
    loop {
        let reply = server.post(&get(8109)).send().await.expect("a reply");
        if reply.status() == StatusCode::OK {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(5), "the permit is never released");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn slow_connections_do_not_delay_others() {
    let server = HttpServer::sandbox(&[]);
    let address = server.base.trim_start_matches("http://").to_owned();
    let slow: Vec<_> = (0..300)
        .map(|_| {
            let mut stream = TcpStream::connect(&address).expect("a connection");
            stream.write_all(b"P").expect("a byte");
            stream
        })
        .collect();
    let started = Instant::now();
    for (id, mut stream) in (8001..8051).zip(&slow) {
        assert!(server.call("get-ticket", &json!({ "id": id })).await.contains("ticketNumber"));
        stream.write_all(b"O").expect("another byte");
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

/// More connections than the server counts as active, and none of them sends a request.
#[tokio::test]
async fn thousands_of_silent_connections_do_not_block_health() {
    let files = rlimit::increase_nofile_limit(10_000).expect("open files");
    let server = HttpServer::sandbox(&[]);
    let address = server.base.trim_start_matches("http://");
    for sent in [&b""[..], b"POST /mcp HT"] {
        let mut idle = Vec::new();
        for _ in 0..8_192.min(files - 500) {
            let mut stream = TcpStream::connect(address).expect("a connection");
            // A connection that was closed in favor of a newer one is fine.
            let _ = stream.write_all(sent);
            idle.push(stream);
        }
        let health = server.client.get(format!("{}/health", server.base));
        let health = health.timeout(Duration::from_secs(3)).send().await.expect("a reply");
        assert_eq!(health.status(), StatusCode::OK, "{sent:?}");
    }
}

/// Clients that stop reading do not keep the process alive.
#[tokio::test]
async fn shutdown_does_not_wait_for_unread_responses() {
    let mut server = HttpServer::sandbox(&[]);
    let address = server.base.trim_start_matches("http://").to_owned();
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }).to_string();
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        http_server::TOKEN,
        body.len()
    );
    let mut unread = Vec::new();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(&address).expect("a connection");
        stream.set_write_timeout(Some(Duration::from_millis(200))).expect("a timeout");
        // Stops once the server cannot write more responses, and so reads no more requests.
        while stream.write_all(request.as_bytes()).is_ok() {}
        unread.push(stream);
    }
    server.signal("TERM");
    let started = Instant::now();
    assert_eq!(server.wait().code(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
}

#[tokio::test]
async fn shutdown_waits_for_calls_in_progress() {
    let port = SandboxPort::with_pace(&Arc::new(Sandbox::new()), Duration::from_millis(500));
    let mut server = start(&port, &[]);
    let address = server.base.trim_start_matches("http://");
    let mut idle = TcpStream::connect(address).expect("a connection");
    idle.write_all(b"POST /mcp HT").expect("a part of a head");
    let pending = tokio::spawn(server.post(&get(8107)).send());
    tokio::time::sleep(Duration::from_millis(150)).await;
    server.signal("TERM");
    let reply = pending.await.expect("a task").expect("a reply");
    assert_eq!(reply.status(), StatusCode::OK);
    assert!(server.post(&get(8108)).send().await.is_err(), "new requests are rejected");
    let answered = Instant::now();
    assert_eq!(server.wait().code(), Some(0));
    assert!(
        answered.elapsed() < Duration::from_secs(3),
        "connections without a request are not waited for"
    );
}

#[tokio::test]
async fn calls_interrupted_by_shutdown_get_an_error() {
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::open(&sandbox);
    let mut server = start(&port, &[]);
    let silence = || Some(Fault::NoResponse { handled: false });
    // The threshold, the count, the fields and the records get responses; the names and the other call do not.
    sandbox.queue_faults([None, None, None, None, silence(), silence()]);
    let mut long = call(
        "count-entity",
        &json!({ "entity": "Tickets", "query": [], "groupBy": "assignedResourceID" }),
    );
    long["params"]["_meta"] = json!({ "progressToken": "p" });
    let mut streamed = server.post(&long).send().await.expect("a stream");
    let first = streamed.chunk().await.expect("an event").expect("bytes");
    assert!(String::from_utf8_lossy(&first).contains("notifications/progress"));
    let plain = tokio::spawn(server.post(&get(8107)).send());
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.signal("TERM");
    let plain = json_of(plain.await.expect("a task").expect("a reply")).await;
    let rest = streamed.text().await.expect("a complete stream");
    let last = rest.lines().rev().find_map(|l| l.strip_prefix("data: "));
    let last: Value = serde_json::from_str(last.expect("an event")).expect("JSON");
    for response in [&plain, &last] {
        assert_eq!(response["id"], 1, "{response}");
        assert_eq!(response["error"]["code"], -32603, "{response}");
        assert!(response.to_string().contains("The server is shutting down"), "{response}");
    }
    assert_eq!(server.wait().code(), Some(0));
}

#[tokio::test]
async fn readiness_differs_from_health() {
    let server = HttpServer::start(&[], &[("AUTOTASK_METRICS", "false")]);
    let get = async |path: &str| {
        let reply = server.client.get(format!("{}/{path}", server.base)).send().await;
        reply.expect("a reply")
    };
    assert_eq!(get("health").await.status(), StatusCode::OK);
    let ready = get("ready").await;
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.headers().contains_key("retry-after"));
    assert_eq!(get("metrics").await.status(), StatusCode::NOT_FOUND);
}

/// With rejected credentials the server is not ready.
#[tokio::test]
async fn rejected_credentials_are_not_ready() {
    let sandbox = Arc::new(Sandbox::new());
    let port = SandboxPort::open(&sandbox);
    let server = start(&port, &[("AUTOTASK_SECRET", "another-secret")]);
    for _ in 0..3 {
        let reply = server.client.get(format!("{}/ready", server.base)).send();
        let status = reply.await.expect("a reply").status();
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(sandbox.requests().len(), 1, "{:?}", sandbox.requests());
}

#[tokio::test]
async fn calls_and_requests_are_counted() {
    let server = HttpServer::sandbox(&[("AUTOTASK_METRICS", "yes")]);
    server.call("get-ticket", &json!({ "id": 8107 })).await;
    server.call("get-ticket", &json!({ "id": 8999 })).await;
    let secret = json!({ "entity": "AcmeSecretCustomer" });
    server.call("describe-entity-fields", &secret).await;
    let reply = server.client.get(format!("{}/metrics", server.base)).send().await;
    let reply = reply.expect("a reply");
    let media_type = reply.headers()["content-type"].to_str().expect("a type").to_owned();
    assert!(media_type.starts_with("application/openmetrics-text"), "{media_type}");
    let text = reply.text().await.expect("a body");
    assert!(text.ends_with("# EOF\n"), "{text}");
    for line in [
        "# TYPE autotask_mcp_calls counter",
        "# HELP autotask_mcp_calls Tool calls by tool, outcome and role of the caller",
        "# TYPE autotask_mcp_queue_seconds histogram",
        "autotask_mcp_calls_total{tool=\"get-ticket\",outcome=\"ok\",role=\"full\"} 1",
        "autotask_mcp_calls_total{tool=\"get-ticket\",outcome=\"not-found\",role=\"full\"} 1",
        "autotask_mcp_upstream_requests_total{endpoint=\"Tickets\",status=\"200\"} ",
        "autotask_mcp_queue_seconds_count{role=\"full\"} ",
        "autotask_mcp_threshold_limit 10000000",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(
        !text.contains("Oven") && !text.contains("8107") && !text.contains("Acme"),
        "no tenant data and no caller input"
    );
}

#[tokio::test]
async fn a_certificate_enables_tls_only() {
    let created =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let cert = File::new("cert", &created.cert.pem());
    let key = File::new("key", &created.signing_key.serialize_pem());
    let server = HttpServer::sandbox(&[
        ("AUTOTASK_HTTP_TLS_CERT", cert.path()),
        ("AUTOTASK_HTTP_TLS_KEY", key.path()),
    ]);
    let port = server.base.rsplit(':').next().expect("a port");
    let root = reqwest::Certificate::from_pem(created.cert.pem().as_bytes()).expect("a root");
    let client = http_client().no_proxy().add_root_certificate(root);
    let client = client.build().expect("a client");
    let reply = client.get(format!("https://localhost:{port}/health")).send().await;
    assert_eq!(json_of(reply.expect("a reply")).await["ok"], true);
    let mut plain =
        TcpStream::connect(("127.0.0.1", port.parse().expect("a port"))).expect("a connection");
    plain.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("a request");
    let mut printed = Vec::new();
    let _ = plain.read_to_end(&mut printed);
    assert!(!String::from_utf8_lossy(&printed).contains("HTTP/1.1 200"), "no plain-text response");
}

#[test]
fn listening_beyond_loopback_without_tls_is_a_warning() {
    for (proxy, warns) in [("false", true), ("true", false)] {
        let settings = [("AUTOTASK_HTTP_HOST", "0.0.0.0"), ("AUTOTASK_HTTP_BEHIND_PROXY", proxy)];
        let mut server = HttpServer::sandbox(&settings);
        server.signal("TERM");
        server.wait();
        assert_eq!(server.log().contains("unencrypted"), warns, "{}", server.log());
    }
}
