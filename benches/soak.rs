//! Soak test: ten thousand calls (`SOAK_CALLS`) over a socket with random faults. No read fails that a retry could save,
//! no write is duplicated, the concurrency limit holds, and no response contains a secret.

#[path = "../tests/support/sandbox_port.rs"]
mod sandbox_port;

use std::collections::HashSet;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use autotask_mcp::app::{self, App};
use autotask_mcp::render::ToolResponse;
use autotask_sandbox::{Fault, INTEGRATION_CODE, SECRET, Sandbox};
use sandbox_port::SandboxPort;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

type BenchResult<T = ()> = Result<T, Box<dyn Error>>;

const DEFAULT_CALLS: u64 = 10_000;
const MAX_CONCURRENT_CALLS: usize = 64;
const FAULT_PERCENT: u8 = 5;
/// Every tenth call writes.
const WRITES_EVERY: u64 = 10;

/// The outcomes of all calls.
#[derive(Default)]
struct Outcomes {
    reads: u64,
    /// Reads that failed although a retry could have succeeded.
    failed: u64,
    /// Reads that Autotask rejected.
    rejected: u64,
    written: u64,
    reported_unknown: u64,
    reported_failed: HashSet<String>,
    leaks: u64,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> BenchResult {
    let calls = std::env::var("SOAK_CALLS").ok().map(|calls| calls.parse()).transpose()?;
    let calls = calls.unwrap_or(DEFAULT_CALLS);
    let sandbox = Arc::new(Sandbox::new());
    sandbox.set_threshold(u32::MAX);
    let port = SandboxPort::with_pace(&sandbox, Duration::from_millis(1));
    let app = Arc::new(port.app(&[("AUTOTASK_TIMEOUT_SECONDS", "1")]));
    sandbox.set_random_faults(2026, FAULT_PERCENT, faults());
    let started = Instant::now();
    let outcomes = run_calls(&app, calls).await?;
    let took = started.elapsed();
    sandbox.clear_faults();
    let created = created_names(&app).await?;
    let created_count = sandbox.created("Contacts");
    println!(
        "{calls} calls, {FAULT_PERCENT} % faults, {MAX_CONCURRENT_CALLS} concurrent, in {took:.1?}"
    );
    report("reads", outcomes.reads, "");
    report("  failed", outcomes.failed, "0");
    report("  rejected by Autotask", outcomes.rejected, "");
    report("writes reported as done", outcomes.written, "");
    report("writes reported as unknown", outcomes.reported_unknown, "");
    report("writes reported as failed", outcomes.reported_failed.len() as u64, "");
    report("contacts created", created_count as u64, "");
    report("  of these duplicates", created_count as u64 - created.len() as u64, "0");
    report(
        "  created although reported as failed",
        created.intersection(&outcomes.reported_failed).count() as u64,
        "0",
    );
    report("maximum in flight on an endpoint", sandbox.max_in_flight() as u64, "3 at most");
    report("responses with a secret", outcomes.leaks, "0");
    Ok(())
}

fn report(what: &str, value: u64, target: &str) {
    let target = if target.is_empty() { String::new() } else { format!("   target {target}") };
    println!("{what:<40}{value:>8}{target}");
}

/// Every fault except those after which requests are paused for a minute.
fn faults() -> Vec<Fault> {
    let after = |text: &str| Fault::TooManyRequests { retry_after: Some(text.into()) };
    vec![
        Fault::TooManyRequests { retry_after: None },
        after("1"),
        Fault::ThreadLimit,
        Fault::Empty500,
        Fault::Html500,
        Fault::BadGateway,
        Fault::Unavailable,
        Fault::GatewayTimeout,
        Fault::Truncated,
        Fault::NotJson,
        Fault::InvalidUtf8,
        Fault::WrongLength,
        Fault::NoResponse { handled: false },
        Fault::NoResponse { handled: true },
        Fault::Disconnect { handled: false },
        Fault::Disconnect { handled: true },
        Fault::Delayed(Duration::from_millis(20)),
        Fault::SlowBody(Duration::from_millis(5)),
        Fault::EchoHeaders,
    ]
}

async fn run_calls(app: &Arc<App>, calls: u64) -> BenchResult<Outcomes> {
    let permits = Arc::new(Semaphore::new(MAX_CONCURRENT_CALLS));
    let mut running = JoinSet::new();
    for number in 0..calls {
        let permit = permits.clone().acquire_owned().await?;
        let app = app.clone();
        running.spawn(async move {
            let (tool, arguments) = call(number);
            let response = app.call_as_operator(tool, arguments).await;
            drop(permit);
            (number, tool, response)
        });
    }
    let mut outcomes = Outcomes::default();
    while let Some(done) = running.join_next().await {
        let (number, tool, response) = done?;
        let response = response.ok_or("no such tool")?;
        outcomes.add(number, tool, &response);
    }
    Ok(outcomes)
}

fn call(number: u64) -> (&'static str, serde_json::Map<String, Value>) {
    let id = 8001 + number % 300;
    let (tool, arguments) = match number % WRITES_EVERY {
        0 => ("create-contact", contact(number)),
        1..4 => ("get-ticket", json!({ "id": id })),
        4 | 5 => (
            "search-tickets",
            json!({ "titleContains": "printer", "createdAfter": "2026-01-01", "maxRecords": 1 + number % 50 }),
        ),
        6 => (
            "query-entity",
            json!({ "entity": "Notes", "parentEntity": "Tickets", "parentId": id, "query": [] }),
        ),
        7 => (
            "count-entity",
            json!({ "entity": "TimeEntries", "query": [{ "op": "gt", "field": "id", "value": number }] }),
        ),
        8 => ("get-company", json!({ "id": 412 })),
        _ => ("search-projects", json!({ "maxRecords": 1 + number % 50 })),
    };
    (tool, arguments.as_object().cloned().unwrap_or_default())
}

fn contact(number: u64) -> Value {
    json!({ "companyID": 412, "firstName": "Soak", "lastName": name(number), "confirm": "CREATE_CONTACT" })
}

impl Outcomes {
    fn add(&mut self, number: u64, tool: &str, response: &ToolResponse) {
        let printed = format!("{}{}", response.text, response.error.clone().unwrap_or_default());
        self.leaks += u64::from(printed.contains(SECRET) || printed.contains(INTEGRATION_CODE));
        let code = response.error.as_ref().and_then(|error| error["error"]["code"].as_str());
        let counter = match (tool, code) {
            ("create-contact", None) => &mut self.written,
            ("create-contact", Some("outcome-unknown")) => &mut self.reported_unknown,
            ("create-contact", Some(_)) => {
                self.reported_failed.insert(name(number));
                return;
            }
            (_, Some("rejected")) => &mut self.rejected,
            (_, Some(_)) => &mut self.failed,
            (_, None) => &mut self.reads,
        };
        *counter += 1;
    }
}

fn name(number: u64) -> String {
    format!("Number {number}")
}

/// The distinct names of the created contacts.
async fn created_names(app: &App) -> BenchResult<HashSet<String>> {
    let (mut names, mut cursor) = (HashSet::new(), String::new());
    loop {
        let query = json!({
            "entity": "Contacts",
            "query": { "filter": [{ "op": "eq", "field": "firstName", "value": "Soak" }], "MaxRecords": 500 },
            "fields": "lastName",
            "cursor": cursor,
        });
        let response =
            app.call_as_operator("query-entity", app::parse_arguments(&query.to_string())?).await;
        let page: Value = serde_json::from_str(&response.ok_or("no such tool")?.text)?;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        names.extend(items.iter().filter_map(|item| Some(item["lastName"].as_str()?.to_owned())));
        match page["cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return Ok(names),
        }
    }
}
