//! Lists that never end: reading all pages stops after a bounded number of requests.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use autotask_mcp::app::{App, parse_arguments};
use autotask_mcp::client::backend::{Backend, InProcessReply};
use autotask_sandbox::{INTEGRATION_CODE, SECRET, USERNAME};
use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

/// The content of each page of a list.
#[derive(Debug, Clone, Copy)]
enum Page {
    /// One record, its id greater than the last one.
    Advancing,
    /// The same records, as many as fit on a page.
    Repeated,
    /// No record.
    Empty,
}

fn page(kind: Page, next: i64) -> Vec<Value> {
    let record = |id: i64| json!({ "id": id, "companyID": 5, "status": 1, "ticketID": 7 });
    match kind {
        Page::Advancing => vec![record(next)],
        Page::Repeated => (1..=500).map(record).collect(),
        Page::Empty => Vec::new(),
    }
}

/// The number of requests that a call takes.
async fn requests(kind: Page, tool: &str, arguments: &Value) -> (usize, String) {
    let config =
        crate::support::config([]).with_sandbox_credentials(USERNAME, SECRET, INTEGRATION_CODE);
    let (sent, id) = (Arc::new(AtomicUsize::default()), AtomicI64::new(1));
    let counter = sent.clone();
    let backend = Backend::local(&config, move |request| {
        counter.fetch_add(1, Ordering::SeqCst);
        let path = request.uri().path().to_owned();
        let body = match path.rsplit('/').next().unwrap_or_default() {
            "count" => json!({ "queryCount": 15_000 }),
            "zoneInformation" => {
                json!({ "url": autotask_sandbox::BASE_URL, "webUrl": "", "zoneName": "x", "ci": 1 })
            }
            "ThresholdInformation" => {
                json!({ "externalRequestThreshold": 10_000, "currentTimeframeRequestCount": 1 })
            }
            "fields" | "userDefinedFields" => json!({ "fields": [] }),
            "query" | "TimeOffBalances" | "next" => {
                let next = format!(
                    "{}{}?page=2",
                    autotask_sandbox::BASE_URL,
                    path.trim_start_matches("/atservicesrest/")
                );
                json!({ "items": page(kind, id.fetch_add(1, Ordering::SeqCst)), "pageDetails": { "count": 500, "nextPageUrl": next } })
            }
            _ => json!({ "item": { "id": 7, "companyID": 5, "title": "x" } }),
        };
        InProcessReply::Reply(Response::new(Bytes::from(body.to_string())))
    });
    let app = App::new(&config, backend).expect("settings");
    let arguments = parse_arguments(&arguments.to_string()).expect("arguments");
    let response = app.call_as_operator(tool, arguments).await.expect("a tool");
    (sent.load(Ordering::SeqCst), response.text)
}

#[tokio::test(start_paused = true)]
async fn reading_all_pages_ends() {
    let parts = json!({ "id": 7, "include": ["notes"] });
    for (tool, arguments, max) in [
        ("get-ticket", parts, 20),
        ("search-tickets", json!({ "newest": true }), 200),
        ("search-time-entries", json!({ "companyID": 5 }), 200),
        (
            "count-entity",
            json!({ "entity": "Tickets", "query": [], "groupBy": ["companyID"] }),
            200,
        ),
        (
            "query-entity",
            json!({ "entity": "TicketHistory", "query": [{ "op": "eq", "field": "ticketID", "value": 7 }] }),
            20,
        ),
        (
            "query-entity",
            json!({ "entity": "TimeOffBalances", "parentEntity": "Resources", "parentId": 4, "query": [] }),
            20,
        ),
    ] {
        for kind in [Page::Advancing, Page::Repeated, Page::Empty] {
            let (sent, text) = requests(kind, tool, &arguments).await;
            // Metadata, labels and the threshold take some more.
            assert!((1..=max + 12).contains(&sent), "{tool} {kind:?}: {sent} requests, {text}");
            assert!(
                !text.starts_with("bad-argument") && !text.starts_with("unknown"),
                "{tool}: {text}"
            );
        }
    }
}
