//! The end of input or a signal during a call: its outcome is reported, or reported as unknown, within ten seconds.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support::stub_upstream;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Command;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};
use stub_upstream::{Reply, Upstream, ok_reply, threshold};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Ending {
    Input,
    Signal,
}

/// The output and exit code of the program, and the time from the end to its exit.
#[derive(Debug)]
struct Exit {
    out: String,
    err: String,
    code: Option<i32>,
    after: Duration,
}

#[test]
fn calls_in_flight_get_ten_seconds_to_finish() {
    let run = |ending, delay| thread::spawn(move || end_during_write(ending, delay));
    let reads = [Ending::Input, Ending::Signal]
        .map(|ending| thread::spawn(move || end_during_reads(ending)));
    let silent = [Ending::Input, Ending::Signal].map(|ending| run(ending, Duration::MAX));
    let late = [Ending::Input, Ending::Signal].map(|ending| run(ending, Duration::from_secs(3)));
    for exit in silent.map(|thread| thread.join().expect("the program exits")) {
        assert_eq!(exit.code, Some(0), "{exit:?}");
        assert!(exit.err.contains("still unknown at shutdown"), "{exit:?}");
        assert_eq!(unfinished(&exit), [1], "{exit:?}");
        let seconds = exit.after.as_secs_f64();
        assert!((9.0..14.0).contains(&seconds), "{exit:?}");
    }
    for exit in reads.map(|thread| thread.join().expect("the program exits")) {
        assert_eq!((unfinished(&exit), exit.code), (vec![1, 2], Some(0)));
        assert!(exit.after < Duration::from_secs(12), "{exit:?}");
    }
    for exit in late.map(|thread| thread.join().expect("the program exits")) {
        let response: Value = serde_json::from_str(&exit.out).expect("the outcome");
        let text = &response["result"]["content"][0]["text"];
        assert_eq!((text, exit.code), (&json!("{\"itemId\":7}"), Some(0)), "{exit:?}");
        assert!(!exit.err.contains("still unknown at shutdown"), "{exit:?}");
        assert!(exit.after < Duration::from_secs(8), "{exit:?}");
    }
}

#[test]
fn a_client_that_does_not_read_does_not_delay_the_exit() {
    let (sent, arrived) = channel();
    let upstream = Upstream::open(move |request| {
        let is_held = !request.uri().path().contains("Threshold");
        respond(is_held.then(|| sent.clone()), Duration::MAX)
    });
    let mut process = upstream.program(&[], &[]).spawn().expect("the program");
    let mut input = process.stdin.take().expect("its input");
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
    writeln!(input, "{hello}").expect("the program reads");
    for id in 1..=9 {
        let list = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/list" });
        writeln!(input, "{list}").expect("the program reads");
    }
    let read = json!({ "jsonrpc": "2.0", "id": 10, "method": "resources/read",
        "params": { "uri": "autotask://companies/6" } });
    writeln!(input, "{read}").expect("the program reads");
    let waited = arrived.recv_timeout(Duration::from_secs(20));
    waited.expect("the request");
    let started = Instant::now();
    drop(input);
    while process.try_wait().expect("its state").is_none() {
        let waited = started.elapsed();
        assert!(waited < Duration::from_secs(12), "still running");
        thread::sleep(Duration::from_millis(50));
    }
}

/// An interrupted command still waits for the outcome of its write, and records it in the audit log.
#[test]
fn an_interrupted_command_waits_for_its_write() {
    let (sent, arrived) = channel();
    let upstream = Upstream::open(move |request| {
        let writes = request.method() == Method::DELETE;
        respond(writes.then(|| sent.clone()), Duration::from_secs(2))
    });
    let log = std::env::temp_dir().join(format!("autotask-mcp-call-{}.log", std::process::id()));
    let path = log.to_string_lossy().into_owned();
    let arguments = json!({ "entity": "TimeEntries", "id": 7, "confirm": "DELETE_ENTITY" });
    let call = ["call", "delete-entity", &arguments.to_string()];
    let mut command = upstream.program(&call, &[("AUTOTASK_AUDIT_LOG", &path)]);
    let mut process = command.spawn().expect("the program");
    let waited = arrived.recv_timeout(Duration::from_secs(20));
    waited.expect("the write");
    let id = process.id().to_string();
    let killed = Command::new("kill").args(["-INT", &id]).status();
    assert!(killed.expect("kill").success());
    assert_eq!(process.wait().expect("an end").code(), Some(0));
    let lines = std::fs::read_to_string(&log).expect("a log");
    std::fs::remove_file(&log).ok();
    let records = lines.lines().map(serde_json::from_str::<Value>);
    let outcomes = records.map(|record| record.expect("a record")["outcome"].clone());
    assert_eq!(outcomes.collect::<Vec<_>>(), ["sending", "written"]);
}

/// The sorted ids of the requests that got the shutdown error.
fn unfinished(exit: &Exit) -> Vec<u64> {
    let responses = exit.out.lines().map(serde_json::from_str::<Value>);
    let responses = responses.map(|response| response.expect("only JSON"));
    let mut ids: Vec<_> = responses
        .filter(|response| response["error"]["code"] == -32603)
        .filter(|response| {
            response["error"]["message"].to_string().contains("server is shutting down")
        })
        .filter_map(|response| response["id"].as_u64())
        .collect();
    ids.sort_unstable();
    ids
}

/// Ends the program during a write whose response is delayed.
fn end_during_write(ending: Ending, delay: Duration) -> Exit {
    let arguments = json!({ "entity": "TimeEntries", "id": 7, "confirm": "DELETE_ENTITY" });
    let write = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "delete-entity", "arguments": arguments } });
    end_during(ending, &[write], Method::DELETE, delay)
}

/// Ends the program during two reads that get no response.
fn end_during_reads(ending: Ending) -> Exit {
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "get-company", "arguments": { "id": 5 } } });
    let read = json!({ "jsonrpc": "2.0", "id": 2, "method": "resources/read",
        "params": { "uri": "autotask://companies/6" } });
    end_during(ending, &[call, read], Method::GET, Duration::MAX)
}

/// Ends the program during these requests; responses to upstream requests with this method are delayed.
fn end_during(ending: Ending, requests: &[Value], slow: Method, delay: Duration) -> Exit {
    let (sent, arrived) = channel();
    let upstream = Upstream::open(move |request| {
        // Metadata is read beside the record.
        let path = request.uri().path();
        let is_extra = path.contains("Threshold") || path.contains("entityInformation");
        let is_held = request.method() == slow && !is_extra;
        respond(is_held.then(|| sent.clone()), delay)
    });
    let mut process = upstream.program(&[], &[]).spawn().expect("the program");
    let mut input = process.stdin.take().expect("its input");
    let mut output = BufReader::new(process.stdout.take().expect("its output"));
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
    writeln!(input, "{hello}").expect("the program reads");
    output.read_line(&mut String::new()).expect("a response");
    for request in requests {
        writeln!(input, "{request}").expect("the program reads");
        let waited = arrived.recv_timeout(Duration::from_secs(20));
        waited.expect("the request");
    }
    let started = Instant::now();
    let open_input = match ending {
        Ending::Input => {
            drop(input);
            None
        }
        Ending::Signal => {
            let id = process.id().to_string();
            let killed = Command::new("kill").args(["-TERM", &id]).status();
            assert!(killed.expect("kill").success());
            Some(input)
        }
    };
    let (mut out, mut err) = (String::new(), String::new());
    output.read_to_string(&mut out).expect("its output");
    let mut errors = process.stderr.take().expect("its log");
    errors.read_to_string(&mut err).expect("its log");
    let code = process.wait().expect("an end").code();
    drop(open_input);
    Exit { out, err, code, after: started.elapsed() }
}

/// Reports the arrival of a held request, and responds to it after the delay.
async fn respond(arrived: Option<Sender<()>>, delay: Duration) -> Reply {
    let Some(arrived) = arrived else {
        return threshold();
    };
    arrived.send(()).ok();
    tokio::time::sleep(delay).await;
    ok_reply(r#"{"itemId":7}"#)
}
