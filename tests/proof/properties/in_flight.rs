//! At most three requests are in flight per endpoint, whenever calls are cancelled.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use autotask_mcp::app::App;
use autotask_mcp::client::backend::{Backend, InProcessReply};
use autotask_sandbox::{FaultResult, INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep, timeout};

use super::cases;
use crate::support::config;

/// The default timeout of a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A call: its kind, and in milliseconds when it starts and when it is cancelled.
#[derive(Debug, Clone)]
struct Call {
    kind: usize,
    start: u64,
    cancelled_after: Option<u64>,
}

/// The time spans of requests, by endpoint.
type Spans = Arc<Mutex<BTreeMap<String, Vec<(Instant, Instant)>>>>;

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let call = (0..5_usize, 0..5_000_u64, proptest::option::of(0..40_000_u64));
    let call =
        call.prop_map(|(kind, start, cancelled_after)| Call { kind, start, cancelled_after });
    proptest::collection::vec(call, 5..40)
}

/// Delays in milliseconds; some are longer than the timeout.
fn delays() -> impl Strategy<Value = Vec<u64>> {
    proptest::collection::vec(prop_oneof![0..3_000_u64, 0..80_000_u64], 1..20)
}

fn request(kind: usize, number: usize) -> (&'static str, Value) {
    match kind {
        0 => (
            "create-contact",
            json!({ "companyID": 412, "firstName": "A", "lastName": format!("N{number}"), "confirm": "CREATE_CONTACT" }),
        ),
        1 => ("get-company", json!({ "id": 400 + number })),
        2 => ("search-tickets", json!({ "titleContains": format!("a{number}"), "fields": "id" })),
        _ => ("get-ticket", json!({ "id": 8001 + number, "fields": "id" })),
    }
}

fn app(delays: Vec<u64>, spans: &Spans) -> App {
    let (sandbox, spans, count) = (Sandbox::new(), spans.clone(), Mutex::new(0));
    let config = config([("AUTOTASK_CONFIRM_MODE", "token")]).with_sandbox_credentials(
        USERNAME,
        SECRET,
        INTEGRATION_CODE,
    );
    let backend = Backend::local(&config, move |request| {
        let endpoint = endpoint(request.uri().path());
        let FaultResult::Response(response) = sandbox.respond(request) else {
            return InProcessReply::NoResponse;
        };
        let mut count = count.lock().expect("a count");
        *count += 1;
        let delay = Duration::from_millis(delays[*count % delays.len()]);
        let now = Instant::now();
        spans
            .lock()
            .expect("spans")
            .entry(endpoint)
            .or_default()
            .push((now, now + delay.min(REQUEST_TIMEOUT)));
        InProcessReply::Delayed(delay, response)
    });
    App::new(&config, backend).expect("an app")
}

/// The endpoint of a path: its collection, or parent and child.
fn endpoint(path: &str) -> String {
    let path = path.to_ascii_lowercase();
    let below = path.rsplit("v1.0/").next().expect("a path");
    let words = below.split('/').filter(|word| word.parse::<i64>().is_err() && *word != "query");
    words.take(2).collect::<Vec<_>>().join("/")
}

/// The maximum number of overlapping spans; one that ends when another starts does not overlap it.
fn max_overlap(spans: &[(Instant, Instant)]) -> usize {
    let at = |instant: &Instant| {
        spans.iter().filter(|(start, end)| start <= instant && instant < end).count()
    };
    spans.iter().map(|(start, _)| at(start)).max().unwrap_or_default()
}

fn run(app: &Arc<App>, calls: &[Call]) {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let tasks: Vec<_> = calls
            .iter()
            .enumerate()
            .map(|(number, call)| {
                let (app, call) = (app.clone(), call.clone());
                tokio::spawn(async move {
                    sleep(Duration::from_millis(call.start)).await;
                    let (tool, arguments) = request(call.kind, number);
                    let arguments = arguments.as_object().cloned().unwrap_or_default();
                    let limit = call
                        .cancelled_after
                        .map_or(Duration::from_secs(100_000), Duration::from_millis);
                    timeout(limit, app.call_as_operator(tool, arguments)).await.ok();
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        // Requests of cancelled calls end, too.
        sleep(Duration::from_secs(1_000)).await;
    });
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn at_most_three_requests_are_in_flight(calls in calls(), delays in delays()) {
        let spans = Spans::default();
        run(&Arc::new(app(delays, &spans)), &calls);
        let spans = spans.lock().expect("spans");
        // Autotask does not limit zone lookups.
        let objects = spans.iter().filter(|(endpoint, _)| *endpoint != "zoneinformation");
        for (endpoint, spans) in objects {
            let max = max_overlap(spans);
            prop_assert!(max <= 3, "{max} concurrent requests on {endpoint}");
        }
    }
}
