//! Two replicas behind nginx with a shared Redis: one is killed and restarted while many clients make calls.
//! Skipped with a message if nginx or Redis is not installed; `AUTOTASK_TEST_SECONDS` sets the duration.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support::http_server;
use crate::support::sandbox_port;
use autotask_mcp::client::backend::http_client;

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use autotask_sandbox::{INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use http_server::{HttpServer, TOKEN, call, modern};
use reqwest::{Client, RequestBuilder};
use sandbox_port::SandboxPort;
use serde_json::{Value, json};
use tokio::time::sleep;

const CLIENTS: u32 = 200;
const SECONDS: u64 = 6;
const ENTITIES: [&str; 8] = [
    "Companies",
    "Contacts",
    "Projects",
    "Tasks",
    "TimeEntries",
    "Resources",
    "Roles",
    "TicketNotes",
];

/// A third-party program, killed when dropped.
struct ChildProcess(Child);

impl Drop for ChildProcess {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

fn started(program: &str, arguments: &[&str]) -> Option<ChildProcess> {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    let process = command.spawn();
    if process.is_err() {
        println!("skipped: {program} is not installed");
    }
    process.ok().map(ChildProcess)
}

/// Starts nginx in front of the replicas, with the configuration of `deploy/nginx`.
fn balancer(listen: u16, replicas: [u16; 2]) -> Option<(ChildProcess, PathBuf)> {
    let folder = std::env::temp_dir().join(format!("autotask-mcp-nginx-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let site =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/nginx/autotask-mcp.conf"));
    let site = site
        .expect("the shipped configuration")
        .replace("replica-1:3000", &format!("127.0.0.1:{}", replicas[0]))
        .replace("replica-2:3000", &format!("127.0.0.1:{}", replicas[1]))
        .replace("listen 8080", &format!("listen 127.0.0.1:{listen}"));
    let path = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {path}/{name};\n"))
        .concat();
    let configuration = format!(
        "pid {path}/pid;\nerror_log {path}/log;\ndaemon off;\nevents {{ worker_connections 4096; }}\nhttp {{\naccess_log off;\n{temporary}{site}\n}}\n"
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, configuration).expect("a configuration");
    let peer = started(
        "nginx",
        &["-c", file.to_str().expect("a path"), "-p", folder.to_str().expect("a path")],
    )?;
    Some((peer, folder))
}

fn replica(upstream: &SandboxPort, redis: u16, listen: u16) -> HttpServer {
    let (base, redis) = (upstream.base(), format!("redis://127.0.0.1:{redis}"));
    HttpServer::start(
        &[],
        &[
            ("AUTOTASK_USERNAME", USERNAME),
            ("AUTOTASK_SECRET", SECRET),
            ("AUTOTASK_INTEGRATION_CODE", INTEGRATION_CODE),
            ("AUTOTASK_API_URL", &base),
            ("AUTOTASK_REDIS_URL", &redis),
            ("AUTOTASK_HTTP_PORT", &listen.to_string()),
        ],
    )
}

/// The outcomes of all calls.
#[derive(Default)]
struct Outcomes {
    done: AtomicUsize,
    created: AtomicUsize,
    /// Failures of calls that were in flight when the replica was killed.
    interrupted: AtomicUsize,
    /// All other failures.
    lost: AtomicUsize,
}

/// A call, alternately of an older and a newer client.
fn post(http: &Client, url: &str, number: u32, tool: &str, arguments: &Value) -> RequestBuilder {
    let post = http.post(url).bearer_auth(TOKEN);
    let post = post
        .header("Content-Type", "application/json")
        .header("Accept", "application/json, text/event-stream");
    if number.is_multiple_of(2) {
        return post.body(call(tool, arguments).to_string());
    }
    let params = json!({ "name": tool, "arguments": arguments });
    post.header("MCP-Protocol-Version", "2026-07-28")
        .header("Mcp-Method", "tools/call")
        .header("Mcp-Name", tool)
        .body(modern("tools/call", params).to_string())
}

/// One client that makes calls in sequence; every tenth is a create.
async fn client(
    (number, http): (u32, Client),
    url: String,
    until: Instant,
    killed: Instant,
    outcomes: Arc<Outcomes>,
) {
    for turn in 0_u32.. {
        if Instant::now() > until {
            return;
        }
        let (tool, arguments) = if turn % 10 == 3 {
            let name = format!("{number}-{turn}");
            (
                "create-contact",
                json!({ "companyID": 412, "firstName": "Ada", "lastName": name, "confirm": "CREATE_CONTACT" }),
            )
        } else if turn % 2 == 0 {
            let entity = ENTITIES[number as usize % ENTITIES.len()];
            let query = json!([{ "op": "gte", "field": "id", "value": turn }]);
            ("count-entity", json!({ "entity": entity, "query": query }))
        } else {
            ("get-ticket", json!({ "id": 8001 + (number * 7 + turn) % 300, "fields": "id" }))
        };
        let started = Instant::now();
        let reply = post(&http, &url, number, tool, &arguments).send().await;
        let text = match reply {
            Ok(reply) => reply.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        };
        let in_flight = started <= killed + Duration::from_millis(50) && Instant::now() >= killed;
        let counter = match text.contains("\"isError\":false") {
            true if tool == "create-contact" => &outcomes.created,
            true => &outcomes.done,
            false if in_flight => &outcomes.interrupted,
            false => {
                println!("lost after {:?}: {text}", started.elapsed());
                &outcomes.lost
            }
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_replica_fails_only_its_calls_in_flight() {
    let ports = [free_port(), free_port(), free_port(), free_port()];
    let [redis, listen, first, second] = ports;
    let redis_port = redis.to_string();
    let Some(_redis) =
        started("redis-server", &["--port", &redis_port, "--bind", "127.0.0.1", "--save", ""])
    else {
        return;
    };
    let Some((_balancer, folder)) = balancer(listen, [first, second]) else {
        return;
    };
    let sandbox = Arc::new(Sandbox::new());
    sandbox.set_threshold(10_000_000);
    let upstream = SandboxPort::open(&sandbox);
    let first_replica = replica(&upstream, redis, first);
    let killed_replica = replica(&upstream, redis, second);
    let seconds = std::env::var("AUTOTASK_TEST_SECONDS").ok();
    let seconds = seconds.and_then(|text| text.parse().ok()).unwrap_or(SECONDS);
    let (start, outcomes) = (Instant::now(), Arc::new(Outcomes::default()));
    let (until, killed) =
        (start + Duration::from_secs(seconds), start + Duration::from_secs(seconds / 3));
    let url = format!("http://127.0.0.1:{listen}/mcp");
    let http = http_client().no_proxy().build().expect("a client");
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..CLIENTS {
        clients.spawn(client((number, http.clone()), url.clone(), until, killed, outcomes.clone()));
    }
    sleep(killed.duration_since(Instant::now())).await;
    drop(killed_replica);
    sleep(Duration::from_secs(seconds / 6)).await;
    let _restarted = replica(&upstream, redis, second);
    clients.join_all().await;
    let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    let (done, creates, interrupted, lost) = (
        count(&outcomes.done),
        count(&outcomes.created),
        count(&outcomes.interrupted),
        count(&outcomes.lost),
    );
    println!(
        "{done} reads and {creates} creates in {seconds} s; {interrupted} failed with the killed replica, {lost} others failed"
    );
    assert_eq!(lost, 0, "{}", first_replica.log());
    assert!(done > 50 && creates > 5, "the clients worked: {done} reads, {creates} creates");
    let created = sandbox.created("Contacts");
    assert!(
        (creates..=creates + interrupted).contains(&created),
        "{created} created, {creates} reported"
    );
    assert!(sandbox.max_in_flight() <= 3, "{} in flight", sandbox.max_in_flight());
    let _ = fs::remove_dir_all(folder);
}
