//! Chaos test: a seed determines calls, faults, delays and cancellations of the whole server, with time paused.
//! `CHAOS_SEEDS` sets the number of seeds, and `CHAOS_SEED` runs a single one.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use autotask_sandbox::{Fault, INTEGRATION_CODE, SECRET};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::random::Random;
use crate::support::Harness;

const DEFAULT_SEEDS: u64 = 200;
const CALLS: usize = 24;
/// Longer than any call, including its waits and retries.
const MAX_CALL_TIME: Duration = Duration::from_secs(1_800);
/// After this time without faults everything works again.
const RECOVERY_TIME: Duration = Duration::from_secs(300);

/// A call, when it starts, and when it is cancelled.
struct Call {
    tool: &'static str,
    arguments: Value,
    start: Duration,
    cancelled_after: Duration,
}

#[test]
fn odd_seeds() {
    run_seeds(1);
}

#[test]
fn even_seeds() {
    run_seeds(0);
}

/// Runs the seeds with this remainder, so that two threads share the work.
fn run_seeds(remainder: u64) {
    let number = |name| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    let seeds = match number("CHAOS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("CHAOS_SEEDS").unwrap_or(DEFAULT_SEEDS),
    };
    for seed in seeds.filter(|seed| seed % 2 == remainder) {
        let result = catch_unwind(AssertUnwindSafe(|| run(seed)));
        assert!(result.is_ok(), "CHAOS_SEED={seed} cargo test --test proof chaos");
    }
}

fn run(seed: u64) {
    let mut random = Random::new(seed);
    let log =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chaos-{}-{seed}", std::process::id()));
    let path = log.to_string_lossy().into_owned();
    let harness = Harness::with([("AUTOTASK_AUDIT_LOG", path.as_str())]);
    let percent = *random.pick(&[0, 5, 20, 50]);
    harness.sandbox.set_random_faults(seed, percent, faults());
    let calls: Vec<_> = (0..CALLS).map(|number| call(&mut random, number)).collect();
    let responses =
        harness.runtime.block_on(join_all(calls.iter().map(|call| make(&harness, call))));
    harness.sandbox.clear_faults();
    harness.runtime.block_on(async { sleep(RECOVERY_TIME).await });
    let recovered = harness.json("get-ticket", &json!({ "id": 8107, "fields": "id" }));
    assert_eq!(recovered["item"]["id"], 8107, "{recovered}");
    check_creates(&harness, &calls, &responses);
    let records = fs::read_to_string(&log).unwrap_or_default();
    fs::remove_file(&log).ok();
    let sent = records.lines().filter(|line| line.contains("\"sending\"")).count();
    assert!(
        sent >= harness.sandbox.created("Contacts"),
        "a create was sent without an audit record"
    );
}

fn call(random: &mut Random, number: usize) -> Call {
    let id = 8001 + random.below(20);
    let (tool, arguments) = match random.below(10) {
        0..4 => (
            "create-contact",
            json!({ "companyID": 412, "firstName": "Chaos", "lastName": name(number), "confirm": "CREATE_CONTACT" }),
        ),
        4 => (
            "update-ticket",
            json!({ "id": id, "priority": 1 + random.below(4), "confirm": "UPDATE_TICKET" }),
        ),
        5 => (
            "delete-entity",
            json!({ "entity": "TimeEntries", "id": 5500 + random.below(5), "confirm": "DELETE_ENTITY" }),
        ),
        6 => (
            "search-tickets",
            json!({ "companyID": "Marrow Bakery", "openOnly": true, "maxRecords": 5 }),
        ),
        7 => (
            "count-entity",
            json!({ "entity": "Tickets", "query": [{ "op": "gt", "field": "id", "value": id }], "groupBy": "status" }),
        ),
        8 => (
            "create-contact",
            json!({ "companyID": "Marrow Bakery", "firstName": "Only", "lastName": "Previewed" }),
        ),
        _ => ("get-ticket", json!({ "id": id, "include": ["notes"] })),
    };
    let cancelled_after = match random.percent(30) {
        true => Duration::from_millis(random.next() % 30_000),
        false => MAX_CALL_TIME,
    };
    Call { tool, arguments, start: Duration::from_millis(random.next() % 60_000), cancelled_after }
}

fn name(number: usize) -> String {
    format!("Number {number}")
}

/// Makes a call; returns the response or its structured error, or none if the call was cancelled.
async fn make(harness: &Harness, call: &Call) -> Option<Value> {
    sleep(call.start).await;
    let arguments = call.arguments.as_object().cloned().unwrap_or_default();
    let response =
        timeout(call.cancelled_after, harness.app.call_as_operator(call.tool, arguments)).await;
    assert!(response.is_ok() || call.cancelled_after < MAX_CALL_TIME, "{} hangs", call.arguments);
    let response = response.ok()?.expect("a tool");
    let text = format!("{}{:?}", response.text, response.error);
    assert!(!text.contains(SECRET) && !text.contains(INTEGRATION_CODE), "a secret: {text}");
    Some(response.error.unwrap_or_else(|| serde_json::from_str(&response.text).expect("JSON")))
}

/// Asserts that no create ran twice, that reported creates ran, and that rejected ones did not.
fn check_creates(harness: &Harness, calls: &[Call], responses: &[Option<Value>]) {
    let created = contacts(harness);
    let creates =
        calls.iter().zip(responses).filter(|(call, _)| call.arguments["firstName"] == "Chaos");
    for (call, response) in creates {
        let name = call.arguments["lastName"].as_str().unwrap_or_default();
        let count = created.get(name).copied().unwrap_or_default();
        let code = response.as_ref().map(|response| response["error"]["code"].as_str());
        let expected = match code {
            Some(None) => 1..=1,
            Some(Some("outcome-unknown")) | None => 0..=1,
            Some(Some(_)) => 0..=0,
        };
        assert!(expected.contains(&count), "{name} was created {count} times: {response:?}");
    }
    assert_eq!(created.get("Previewed"), None, "a preview wrote");
}

/// The number of contacts with each last name.
fn contacts(harness: &Harness) -> BTreeMap<String, usize> {
    let filter = json!([{ "op": "in", "field": "firstName", "value": ["Chaos", "Only"] }]);
    let call = json!({ "entity": "Contacts", "query": filter, "fields": "lastName" });
    let page = harness.json("query-entity", &call);
    let mut names = BTreeMap::new();
    for item in page["items"].as_array().expect("contacts") {
        *names.entry(item["lastName"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    names
}

fn faults() -> Vec<Fault> {
    let after = |text: &str| Fault::TooManyRequests { retry_after: Some(text.into()) };
    vec![
        Fault::TooManyRequests { retry_after: None },
        after("2"),
        after("never"),
        Fault::ThreadLimit,
        Fault::ValidationError,
        Fault::PermissionDenied,
        Fault::Empty500,
        Fault::Html500,
        Fault::GatewayTimeout,
        Fault::Truncated,
        Fault::NotJson,
        Fault::InvalidUtf8,
        Fault::EmptyObject,
        Fault::Redirect,
        Fault::Delayed(Duration::from_secs(3)),
        Fault::Delayed(Duration::from_secs(70)),
        Fault::NoResponse { handled: false },
        Fault::NoResponse { handled: true },
        Fault::Disconnect { handled: false },
        Fault::Disconnect { handled: true },
        Fault::SlowBody(Duration::from_secs(5)),
        Fault::Unauthorized,
        Fault::EchoHeaders,
        Fault::ConnectionRefused,
    ]
}
