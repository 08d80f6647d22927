//! Soak test for `SOAK_SECONDS`: a mixed load over sockets with faults loses and duplicates nothing, and leaks no files.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use autotask_mcp::app::App;
use autotask_sandbox::{Fault, Sandbox};
use serde_json::json;
use tokio::runtime::Builder;

use crate::properties::tenant::send;
use crate::support::sandbox_port::SandboxPort;

/// The duration in the gate.
const DEFAULT_SECONDS: u64 = 15;
const WORKERS: usize = 16;
const FAULT_PERCENT: u8 = 5;
/// Allows for connections that are kept open, and files of other tests.
const MAX_MORE_FILES: usize = 200;

/// The names whose create was reported as done and as unknown, and the durations of the calls.
#[derive(Default)]
struct Report {
    done: BTreeSet<String>,
    unknown: BTreeSet<String>,
    times: Vec<Duration>,
}

#[test]
fn nothing_is_lost_or_doubled() {
    let seconds = std::env::var("SOAK_SECONDS").ok().map(|text| text.parse().expect("a number"));
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(DEFAULT_SECONDS));
    let sandbox = Arc::new(Sandbox::new());
    sandbox.set_threshold(u32::MAX);
    let port = SandboxPort::open(&sandbox);
    let app = Arc::new(
        port.app(&[("AUTOTASK_TIMEOUT_SECONDS", "2"), ("AUTOTASK_CONFIRM_MODE", "token")]),
    );
    sandbox.set_random_faults(2026, FAULT_PERCENT, faults());
    let files_before = open_files();
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let mut report = runtime.expect("a runtime").block_on(load(&app, end));
    assert!(open_files() <= files_before + MAX_MORE_FILES, "files stay open");
    check_creates(&sandbox, &report);
    assert!(sandbox.max_in_flight() <= 3, "{} in flight", sandbox.max_in_flight());
    report.times.sort_unstable();
    let p99 = report.times[report.times.len() * 99 / 100];
    println!("soak: {} calls, {} creates, p99 {p99:?}", report.times.len(), report.done.len());
}

async fn load(app: &Arc<App>, end: Instant) -> Report {
    let workers = (0..WORKERS).map(|worker| tokio::spawn(work(app.clone(), worker, end)));
    let mut total = Report::default();
    for worker in workers.collect::<Vec<_>>() {
        let report = worker.await.expect("no panic");
        total.done.extend(report.done);
        total.unknown.extend(report.unknown);
        total.times.extend(report.times);
    }
    total
}

async fn work(app: Arc<App>, worker: usize, end: Instant) -> Report {
    let mut report = Report::default();
    for number in 0.. {
        if Instant::now() >= end {
            break;
        }
        let name = format!("Soak {worker} {number}");
        let (tool, arguments) = match number % 4 {
            0 => (
                "create-contact",
                json!({ "companyID": 412, "firstName": "S", "lastName": name, "confirm": "CREATE_CONTACT" }),
            ),
            1 => ("search-tickets", json!({ "titleContains": "a", "maxRecords": 1 + number % 50 })),
            _ => ("get-ticket", json!({ "id": 8001 + number % 300 })),
        };
        let started = Instant::now();
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let response = app.call_as_operator(tool, arguments).await.expect("a tool");
        report.times.push(started.elapsed());
        let code = response.error.as_ref().map(|error| error["error"]["code"].as_str());
        match (tool, code) {
            ("create-contact", None) => _ = report.done.insert(name),
            ("create-contact", Some(Some("outcome-unknown"))) => _ = report.unknown.insert(name),
            _ => {}
        }
    }
    report
}

/// Asserts that every reported create exists once, and that every existing record was reported as done or unknown.
fn check_creates(sandbox: &Sandbox, report: &Report) {
    let (mut created, mut count, mut last) = (BTreeSet::new(), 0, 0);
    loop {
        let filter = json!([{ "op": "eq", "field": "firstName", "value": "S" }, { "op": "gt", "field": "id", "value": last }]);
        let page =
            send(sandbox, "POST Contacts/query", &json!({ "filter": filter, "MaxRecords": 500 }));
        let page = page.expect("a page")["items"].as_array().cloned().unwrap_or_default();
        let Some(record) = page.last() else { break };
        last = record["id"].as_i64().expect("an id");
        count += page.len();
        created.extend(
            page.iter().filter_map(|record| record["lastName"].as_str().map(str::to_owned)),
        );
    }
    assert_eq!(created.len(), count, "doubled");
    assert!(report.done.is_subset(&created), "lost");
    let known: BTreeSet<_> = report.done.union(&report.unknown).cloned().collect();
    assert!(created.is_subset(&known), "made, but reported as not made");
}

/// The open files of this process; 0 if they cannot be counted.
fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

fn faults() -> Vec<Fault> {
    vec![
        Fault::TooManyRequests { retry_after: Some("1".into()) },
        Fault::ThreadLimit,
        Fault::Empty500,
        Fault::BadGateway,
        Fault::Truncated,
        Fault::NotJson,
        Fault::WrongLength,
        Fault::NoResponse { handled: true },
        Fault::Disconnect { handled: false },
        Fault::Disconnect { handled: true },
        Fault::EchoHeaders,
    ]
}
