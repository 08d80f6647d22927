//! The program stays below 100 MB with large and hostile responses, many at a time.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

#[path = "support/stub_upstream.rs"]
mod stub_upstream;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout};

use serde_json::{Value, json};
use stub_upstream::{Reply, Upstream, ok_reply, repeated_body, threshold};

const MEGABYTE: usize = 1 << 20;
/// An unoptimized program is larger itself, and its peak varies with the load of the machine.
const LIMIT_MEGABYTES: u64 = if cfg!(debug_assertions) { 130 } else { 100 };

/// The response, chosen by the entity in the path.
fn reply(path: &str) -> Reply {
    let entity = path.split('/').nth(3).unwrap_or_default();
    match entity {
        "ThresholdInformation" => threshold(),
        "Tickets" => ok_reply(page(500, 30_000)),
        "Tasks" => ok_reply(page(20_000, 5)),
        "Projects" => ok_reply(format!("{{\"items\":[{}0]}}", "0,".repeat(8 * MEGABYTE - 20))),
        "Products" => ok_reply(format!("{{\"items\":[{}0]}}", "{\"a\":{}},".repeat(MEGABYTE))),
        "Services" => ok_reply(json!({ "errors": ["x".repeat(15 * MEGABYTE)] }).to_string()),
        "Quotes" => repeated_body(vec![b' '; MEGABYTE].into(), 200),
        "Invoices" => repeated_body(b"{\"items\":[".repeat(10_000).into(), usize::MAX),
        _ => ok_reply(page(500, 12_000)),
    }
}

/// A page of records with thirty fields, one of them a text of this length.
fn page(records: usize, text: usize) -> String {
    let numbers: Vec<_> = (1..=30).map(|n| format!("\"number{n}\":{n}000")).collect();
    let numbers = numbers.join(",");
    let text = "x".repeat(text);
    let record = |id| format!("{{\"id\":{id},\"description\":\"{text}\",{numbers}}}");
    let records: Vec<_> = (1..=records).map(record).collect();
    format!("{{\"items\":[{}],\"pageDetails\":{{}}}}", records.join(","))
}

struct Session {
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Session {
    fn start(upstream: &Upstream) -> Self {
        let mut process = upstream.program(&[], &[]).spawn().expect("the program");
        let output = BufReader::new(process.stdout.take().expect("its output"));
        let mut session = Self { process, output };
        session.send(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } }));
        session.receive();
        session
    }

    fn send(&mut self, message: &Value) {
        let input = self.process.stdin.as_mut().expect("its input");
        writeln!(input, "{message}").expect("open input");
    }

    fn receive(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a response");
        serde_json::from_str(&line).expect("JSON")
    }

    /// Queries all entities at once; returns the texts of the responses in any order.
    fn list(&mut self, entities: &[&str]) -> Vec<String> {
        for (id, entity) in (1..).zip(entities) {
            let id: u32 = id;
            let arguments =
                json!({ "entity": entity, "query": { "filter": [], "MaxRecords": 500 } });
            self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call",
                "params": { "name": "query-entity", "arguments": arguments } }));
        }
        let texts = entities.iter().map(|_| {
            let response = self.receive();
            let text = response["result"]["content"][0]["text"].as_str();
            text.expect("a response").to_owned()
        });
        texts.collect()
    }

    /// The peak memory of the process.
    fn peak_megabytes(&self) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.expect("its peak") / 1024
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn memory_stays_below_a_hundred_megabytes() {
    let upstream = Upstream::open(|request| async move { reply(request.uri().path()) });
    let dozen = [
        "Companies",
        "Contacts",
        "Contracts",
        "Resources",
        "Roles",
        "Appointments",
        "TimeEntries",
        "TicketNotes",
        "CompanyNotes",
        "Departments",
        "Holidays",
        "Opportunities",
    ];
    let too_many = "upstream-unavailable: The response is too large to process.";
    let too_large = "upstream-unavailable: The response is larger than 16 MiB.";
    let rows: [(&[&str], &str); 8] = [
        (&["Tickets"], "{\"items\":[{\"id\":1,"),
        (&dozen, "{\"items\":[{\"id\":1,"),
        (&["Companies"; 12], "{\"items\":[{\"id\":1,"),
        (&["Tasks"], too_many),
        (&["Projects", "Products"], too_many),
        (&["Quotes", "Invoices"], too_large),
        (&["Services"], ""),
        (
            &[
                "Tickets",
                "Tasks",
                "Projects",
                "Products",
                "Services",
                "Quotes",
                "Invoices",
                "Companies",
            ],
            "",
        ),
    ];
    let mut session = Session::start(&upstream);
    for (entities, prefix) in rows {
        for text in session.list(entities) {
            assert!(
                text.starts_with(prefix) && text.len() <= 40_000,
                "{entities:?}: {} {text:.300}",
                text.len()
            );
        }
        let peak = session.peak_megabytes();
        assert!(peak < LIMIT_MEGABYTES, "{peak} MB after {entities:?}");
    }
}
