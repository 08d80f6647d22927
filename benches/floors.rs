//! Measures start-up, calls, memory and the size of the tool list, and prints the target of each.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use autotask_mcp::app::{self, App};
use autotask_mcp::catalog::{Entity, Field};
use autotask_mcp::client::backend::{Backend, InProcessReply};
use autotask_mcp::config::Config;
use autotask_mcp::executor::{Outcome, Page, RecordFields};
use autotask_mcp::plan::Projection;
use autotask_mcp::plan::address::Address;
use autotask_mcp::render::Renderer;
use autotask_mcp::resolver::{Labels, Resolved};
use autotask_mcp::text::redact::Redactor;
use autotask_mcp::value::row::rows;
use autotask_sandbox::{INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use serde_json::{Value, json};

type BenchResult<T = ()> = Result<T, Box<dyn Error>>;

const STARTS: usize = 20;
const CALLS: usize = 2_000;
/// A ticket of the sandbox.
const TICKET: u32 = 8147;

fn main() -> BenchResult {
    start()?;
    in_process()?;
    over_stdio()?;
    memory()?;
    render()?;
    listing("false", 6_000)?;
    listing("true", 3_500)
}

fn report(what: &str, value: &str, target: &str) {
    println!("{what:<52}{value:>14}   target {target}");
}

fn start() -> BenchResult {
    let starts: BenchResult<Vec<_>> = (0..STARTS)
        .map(|_| {
            let started = Instant::now();
            let client = Client::start("false")?;
            let duration = started.elapsed();
            drop(client);
            Ok(duration)
        })
        .collect();
    let value = format!("{:.1?}", median(starts?));
    report("process start to initialize response", &value, "< 20 ms");
    Ok(())
}

fn in_process() -> BenchResult {
    let config =
        Config::read(&|_| None)?.with_sandbox_credentials(USERNAME, SECRET, INTEGRATION_CODE);
    let tenant = Arc::new(Sandbox::new());
    let app = App::new(
        &config,
        Backend::local(&config, move |request| InProcessReply::Reply(tenant.handle(request))),
    )?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let calls: BenchResult<Vec<_>> = runtime.block_on(async {
        let mut calls = Vec::with_capacity(CALLS);
        for _ in 0..CALLS {
            let arguments = app::parse_arguments(&json!({ "id": TICKET }).to_string())?;
            let started = Instant::now();
            let response = app.call_as_operator("get-ticket", arguments).await;
            calls.push(started.elapsed());
            response.filter(|response| response.error.is_none()).ok_or("get-ticket failed")?;
        }
        Ok(calls)
    });
    let value = format!("{:.1?}", median(calls?));
    report("get-ticket in process, through the app", &value, "< 200 µs");
    Ok(())
}

fn over_stdio() -> BenchResult {
    let mut client = Client::start("false")?;
    let calls: BenchResult<Vec<_>> = (0..CALLS).map(|_| client.call()).collect();
    let value = format!("{:.1?}", median(calls?));
    report("get-ticket over stdio, round trip", &value, "< 200 µs");
    Ok(())
}

fn memory() -> BenchResult {
    let mut client = Client::start("false")?;
    for _ in 0..1_000 {
        client.call()?;
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", client.process.id()))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kibibytes: u32 =
        line.and_then(|line| line.split_whitespace().nth(1)).ok_or("no VmRSS")?.parse()?;
    let value = format!("{:.1} MB", f64::from(kibibytes) * 1024.0 / 1e6);
    report("resident memory after 1,000 calls", &value, "< 30 MB");
    Ok(())
}

/// Renders 500 tickets, each picklist and reference with its label.
fn render() -> BenchResult {
    let config = Config::read(&|_| None)?;
    let renderer = Renderer {
        limit: usize::MAX,
        records: Redactor::new(config.secrets()),
        errors: Redactor::new(&config.credentials()),
        time_zone: None,
    };
    let mut labels = Labels::default();
    for field in Entity::Tickets.fields().iter().filter(|field| field.has_names()) {
        (0..50).for_each(|number| labels.put(field.name, number, format!("Label {number}").into()));
    }
    let names = [
        "id",
        "ticketNumber",
        "title",
        "companyID",
        "status",
        "priority",
        "queueID",
        "assignedResourceID",
        "dueDateTime",
    ];
    let ticket = |id: i64| -> RecordFields {
        let fields = names.iter().filter_map(|name| Entity::Tickets.field(name));
        let value = |field: &Field| match field.kind.is_whole() {
            true => json!(id % 50),
            false => json!("some words of a text"),
        };
        fields.map(|field| (field.name.to_owned(), value(field))).collect()
    };
    let items: Vec<_> = (0..500).map(ticket).collect();
    let projection = Projection::fields(names);
    let mut duration = Vec::new();
    for _ in 0..50 {
        let page = Outcome::Page(Page {
            order: autotask_mcp::plan::Order::OldestFirst,
            address: Address::root(Entity::Tickets),
            conditions: Vec::new(),
            items: rows(&items),
            has_more: false,
            projection: projection.clone(),
            filter: None,
            labels: labels.clone(),
            resolved: Resolved::default(),
            warnings: Vec::new(),
        });
        let started = Instant::now();
        let response = renderer.render(Ok(page), None);
        duration.push(started.elapsed());
        if !response.text.contains("status_label") {
            return Err("no labels".into());
        }
    }
    let value = format!("{:.1?}", median(duration));
    report("500 tickets with labels rendered", &value, "< 5 ms");
    Ok(())
}

fn listing(read_only: &str, max: usize) -> BenchResult {
    let mut client = Client::start(read_only)?;
    let listed = client.request("tools/list", &json!({}))?;
    let tokens = listed["result"]["tools"].to_string().chars().count() / 4;
    let what = format!("tools/list, characters / 4, AUTOTASK_READ_ONLY={read_only}");
    report(&what, &tokens.to_string(), &format!("<= {max}"));
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The built program with its sandbox, and the pipes to it.
struct Client {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    call: u32,
}

impl Client {
    fn start(read_only: &str) -> BenchResult<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_autotask-mcp"))
            .arg("--sandbox")
            .env("AUTOTASK_READ_ONLY", read_only)
            .env("AUTOTASK_LOG", "error")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let to = process.stdin.take().ok_or("no pipe to the program")?;
        let from = process.stdout.take().ok_or("no pipe from the program")?;
        let mut client = Self { process, to, from: BufReader::new(from), call: 0 };
        let hello = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "floors", "version": "0" },
        });
        client.request("initialize", &hello)?;
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))?;
        Ok(client)
    }

    fn call(&mut self) -> BenchResult<Duration> {
        let call = json!({ "name": "get-ticket", "arguments": { "id": TICKET } });
        let started = Instant::now();
        let reply = self.request("tools/call", &call)?;
        let duration = started.elapsed();
        match reply["result"]["isError"].as_bool() {
            Some(true) => Err(reply.to_string().into()),
            _ => Ok(duration),
        }
    }

    fn request(&mut self, method: &str, params: &Value) -> BenchResult<Value> {
        self.call += 1;
        let id = self.call;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        let reply: Value = serde_json::from_str(&line)?;
        match reply["id"] == json!(id) && reply["result"].is_object() {
            true => Ok(reply),
            false => Err(line.into()),
        }
    }

    fn send(&mut self, message: &Value) -> BenchResult {
        self.to.write_all(format!("{message}\n").as_bytes())?;
        Ok(self.to.flush()?)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // The exit of the program is not measured.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
