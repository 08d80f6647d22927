//! A waiting call reports progress at least every five seconds, if the client sent a progress token.

use crate::support::stub_upstream;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::{Response, StatusCode};
use serde_json::{Value, json};
use stub_upstream::{Upstream, ok_reply, threshold};

const RESPONSE_DELAY: Duration = Duration::from_secs(6);

/// A slow response, a wait for a permit, and a `Retry-After`.
#[test]
fn every_wait_reports_progress() {
    let throttled = Arc::new(AtomicUsize::default());
    let upstream = Upstream::open(move |request| {
        let path = request.uri().path().to_owned();
        let is_first = path.contains("Contacts") && throttled.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            if path.contains("Threshold") {
                return threshold();
            }
            if is_first {
                let (mut parts, body) = ok_reply("{}").into_parts();
                parts.status = StatusCode::TOO_MANY_REQUESTS;
                parts.headers.insert("retry-after", RESPONSE_DELAY.as_secs().into());
                return Response::from_parts(parts, body);
            }
            if path.contains("Tickets") {
                tokio::time::sleep(RESPONSE_DELAY).await;
            }
            ok_reply(r#"{"item":{"id":7}}"#)
        }
    });
    let mut process = upstream.program(&[], &[]).spawn().expect("the program");
    let mut input = process.stdin.take().expect("its input");
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
    writeln!(input, "{hello}").expect("it reads");
    let calls = [("Tickets", 1), ("Tickets", 2), ("Tickets", 3), ("Tickets", 4), ("Contacts", 5)];
    for (entity, id) in calls {
        let arguments = json!({ "entity": entity, "id": 10 + id, "fields": "id" });
        let params = json!({ "name": "get-entity", "arguments": arguments, "_meta": { "progressToken": id } });
        let call = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params });
        writeln!(input, "{call}").expect("it reads");
    }
    let started = Instant::now();
    let mut last: HashMap<u64, (Instant, u32)> = (1..=5).map(|id| (id, (started, 0))).collect();
    let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
    while !last.is_empty() {
        let line = lines.next().expect("more output").expect("a line");
        let message: Value = serde_json::from_str(&line).expect("JSON");
        let id = message["params"]["progressToken"].as_u64().or_else(|| message["id"].as_u64());
        let Some((at, notified)) = id.and_then(|id| last.get_mut(&id)) else { continue };
        assert!(at.elapsed() < Duration::from_secs(5), "{id:?}: {:?}", at.elapsed());
        (*at, *notified) = (Instant::now(), *notified + 1);
        if message["result"].is_object() {
            assert!(*notified > 1, "a wait of {RESPONSE_DELAY:?} without progress: {message}");
            last.remove(&id.unwrap_or_default());
        }
    }
    assert!(started.elapsed() > 2 * RESPONSE_DELAY, "the fourth call waits for a permit");
    drop(input);
    assert!(process.wait().expect("an end").success());
}
