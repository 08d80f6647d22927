//! The end of input, or a signal, while a call is on the wire: its outcome is told, or told to be unknown, within ten
//! seconds.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use crate::support::stub_upstream;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Command;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};
use stub_upstream::{Reply, Upstream, threshold, whole};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Ending {
    Input,
    Signal,
}

/// What came of it all.
#[derive(Debug)]
struct Told {
    out: String,
    err: String,
    code: Option<i32>,
    after: Duration,
}

#[test]
fn what_is_on_the_wire_is_awaited_for_ten_seconds() {
    let run = |ending, answers_after| thread::spawn(move || end(ending, answers_after));
    let hushed = [Ending::Input, Ending::Signal].map(|ending| thread::spawn(move || reads(ending)));
    let silent = [Ending::Input, Ending::Signal].map(|ending| run(ending, Duration::MAX));
    let late = [Ending::Input, Ending::Signal].map(|ending| run(ending, Duration::from_secs(3)));
    for response in silent.map(|ran| ran.join().expect("an end")) {
        assert_eq!(response.code, Some(0), "{response:?}");
        assert!(response.err.contains("still unknown at shutdown"), "{response:?}");
        assert_eq!(unfinished(&response), [1], "{response:?}");
        let seconds = response.after.as_secs_f64();
        assert!((9.0..14.0).contains(&seconds), "{response:?}");
    }
    for response in hushed.map(|ran| ran.join().expect("an end")) {
        assert_eq!((unfinished(&response), response.code), (vec![1, 2], Some(0)));
        assert!(response.after < Duration::from_secs(12), "{response:?}");
    }
    for response in late.map(|ran| ran.join().expect("an end")) {
        let answer: Value = serde_json::from_str(&response.out).expect("the outcome");
        let text = &answer["result"]["content"][0]["text"];
        assert_eq!((text, response.code), (&json!("{\"itemId\":7}"), Some(0)), "{response:?}");
        assert!(!response.err.contains("still unknown at shutdown"), "{response:?}");
        assert!(response.after < Duration::from_secs(8), "{response:?}");
    }
}

/// Whoever does not read what is said keeps nothing running.
#[test]
fn a_client_that_does_not_read_is_not_waited_for() {
    let (sent, arrived) = channel();
    let upstream = Upstream::open(move |request| {
        let waits = !request.uri().path().contains("Threshold");
        answer(waits.then(|| sent.clone()), Duration::MAX)
    });
    let mut process = upstream.program(&[], &[]).spawn().expect("the program");
    let mut input = process.stdin.take().expect("its input");
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
    writeln!(input, "{hello}").expect("it reads");
    for id in 1..=9 {
        let list = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/list" });
        writeln!(input, "{list}").expect("it reads");
    }
    let read = json!({ "jsonrpc": "2.0", "id": 10, "method": "resources/read",
        "params": { "uri": "autotask://companies/6" } });
    writeln!(input, "{read}").expect("it reads");
    let waited = arrived.recv_timeout(Duration::from_secs(20));
    waited.expect("the request");
    let began = Instant::now();
    drop(input);
    while process.try_wait().expect("its state").is_none() {
        let waited = began.elapsed();
        assert!(waited < Duration::from_secs(12), "it goes on");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A call of the command line has its records in the audit log, though nobody hears its answer any more.
#[test]
fn a_call_that_is_stopped_awaits_its_write() {
    let (sent, arrived) = channel();
    let upstream = Upstream::open(move |request| {
        let writes = request.method() == Method::DELETE;
        answer(writes.then(|| sent.clone()), Duration::from_secs(2))
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

/// The ids of the requests that were told that the server ends, in order.
fn unfinished(response: &Told) -> Vec<u64> {
    let answers = response.out.lines().map(serde_json::from_str::<Value>);
    let answers = answers.map(|answer| answer.expect("only JSON"));
    let mut ids: Vec<_> = answers
        .filter(|answer| answer["error"]["code"] == -32603)
        .filter(|answer| answer["error"]["message"].to_string().contains("server is shutting down"))
        .filter_map(|answer| answer["id"].as_u64())
        .collect();
    ids.sort_unstable();
    ids
}

/// Ends the program while a write is on the wire that is answered after this time.
fn end(ending: Ending, answers_after: Duration) -> Told {
    let arguments = json!({ "entity": "TimeEntries", "id": 7, "confirm": "DELETE_ENTITY" });
    let write = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "delete-entity", "arguments": arguments } });
    end_while(ending, &[write], Method::DELETE, answers_after)
}

/// Ends the program while two reads wait for what never comes.
fn reads(ending: Ending) -> Told {
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "get-company", "arguments": { "id": 5 } } });
    let read = json!({ "jsonrpc": "2.0", "id": 2, "method": "resources/read",
        "params": { "uri": "autotask://companies/6" } });
    end_while(ending, &[call, read], Method::GET, Duration::MAX)
}

/// Ends the program while these requests are under way; what they ask with this method is answered after this time.
fn end_while(ending: Ending, requests: &[Value], slow: Method, answers_after: Duration) -> Told {
    let (sent, arrived) = channel();
    let upstream = Upstream::open(move |request| {
        let budget = request.uri().path().contains("Threshold");
        let waits = request.method() == slow && !budget;
        answer(waits.then(|| sent.clone()), answers_after)
    });
    let mut process = upstream.program(&[], &[]).spawn().expect("the program");
    let mut input = process.stdin.take().expect("its input");
    let mut output = BufReader::new(process.stdout.take().expect("its output"));
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
    writeln!(input, "{hello}").expect("it reads");
    output.read_line(&mut String::new()).expect("it answers");
    for request in requests {
        writeln!(input, "{request}").expect("it reads");
        let waited = arrived.recv_timeout(Duration::from_secs(20));
        waited.expect("the request");
    }
    let began = Instant::now();
    let held = match ending {
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
    drop(held);
    Told { out, err, code, after: began.elapsed() }
}

/// What waits says that it came, and is answered late or never.
async fn answer(waits: Option<Sender<()>>, after: Duration) -> Reply {
    let Some(came) = waits else {
        return threshold();
    };
    came.send(()).ok();
    tokio::time::sleep(after).await;
    whole(r#"{"itemId":7}"#)
}
