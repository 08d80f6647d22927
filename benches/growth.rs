//! Time and memory of the built program as something grows: records, calls before, connections, discovered fields. Each
//! line is what grows, how far, microseconds and kilobytes, with tabs between; `cargo xtask bench` draws them.

#[path = "../tests/support/http_server.rs"]
mod http_server;
#[path = "hot_paths/stand_in.rs"]
mod stand_in;

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use autotask_sandbox::{INTEGRATION_CODE, SECRET, USERNAME};
use http_server::{HttpServer, TOKEN, call};
use serde_json::{Value, json};
use stand_in::{PAGE_SIZE, StandIn};

type Done<T = ()> = Result<T, Box<dyn Error>>;

const RECORDS: [usize; 7] = [25, 100, 250, 500, 1_000, 2_500, 5_000];
const CALLS: usize = 200_000;
const CALL_STEPS: usize = 10;
const CONNECTIONS: [usize; 6] = [1, 50, 100, 250, 500, 1_000];
const FIELDS: [usize; 5] = [0, 100, 250, 500, 1_000];
/// Of so many measurements the median counts.
const REPEATED: usize = 21;

fn main() -> Done {
    records()?;
    calls()?;
    connections()?;
    fields()
}

fn report(what: &str, amount: usize, time: Duration, kilobytes: u64) {
    println!("{what}\t{amount}\t{}\t{kilobytes}", time.as_micros());
}

fn records() -> Done {
    for count in RECORDS {
        let mut program = Program::start(&StandIn::new())?;
        let page = json!({ "maxRecords": count.min(PAGE_SIZE), "fields": "*" });
        let pages = count.div_ceil(PAGE_SIZE);
        let time = median(|| (0..pages).try_for_each(|_| program.call("search-tickets", &page)))?;
        report("records", count, time, resident(program.process.id())?);
    }
    Ok(())
}

fn calls() -> Done {
    let mut program = Program::start(&StandIn::new())?;
    let get = json!({ "id": 8147 });
    for step in 0..=CALL_STEPS {
        let time = median(|| program.call("get-ticket", &get))?;
        report("calls", step * CALLS / CALL_STEPS, time, resident(program.process.id())?);
        for _ in 0..CALLS / CALL_STEPS {
            program.call("get-ticket", &get)?;
        }
    }
    Ok(())
}

fn connections() -> Done {
    let served = HttpServer::sandbox(&[]);
    let mut open = vec![Connection::open(&served)?];
    for count in CONNECTIONS {
        while open.len() < count {
            let mut connection = Connection::open(&served)?;
            connection.call()?;
            open.push(connection);
        }
        let first = open.first_mut().ok_or("no connection")?;
        let time = median(|| first.call())?;
        report("connections", count, time, resident(served.id())?);
    }
    Ok(())
}

fn fields() -> Done {
    for count in FIELDS {
        let mut program = Program::start(&StandIn::with_extra_fields(count))?;
        let time = median(|| program.call("search-tickets", &json!({ "maxRecords": 25 })))?;
        report("fields", count, time, resident(program.process.id())?);
    }
    Ok(())
}

fn median(mut run: impl FnMut() -> Done) -> Done<Duration> {
    // The first one fills the caches.
    run()?;
    let times = (0..REPEATED).map(|_| {
        let began = Instant::now();
        run().map(|()| began.elapsed())
    });
    let mut times = times.collect::<Done<Vec<_>>>()?;
    times.sort_unstable();
    Ok(times.get(REPEATED / 2).copied().unwrap_or_default())
}

/// Resident memory of a process in kB.
fn resident(process: u32) -> Done<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().split(' ').next());
    Ok(number.ok_or("no VmRSS")?.parse()?)
}

/// The built program over its pipes.
struct Program {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Program {
    fn start(stand_in: &StandIn) -> Done<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_autotask-mcp"))
            .env("AUTOTASK_API_URL", stand_in.listen()?)
            .env("AUTOTASK_USERNAME", USERNAME)
            .env("AUTOTASK_SECRET", SECRET)
            .env("AUTOTASK_INTEGRATION_CODE", INTEGRATION_CODE)
            .env("AUTOTASK_MAX_ANSWER_CHARS", "10000000")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let to = process.stdin.take().ok_or("no pipe to the program")?;
        let from = BufReader::new(process.stdout.take().ok_or("no pipe from the program")?);
        let mut program = Self { process, to, from };
        let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": { "name": "growth", "version": "0" } });
        program
            .ask(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello }))?;
        writeln!(
            program.to,
            "{}",
            json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })
        )?;
        Ok(program)
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Done {
        self.ask(&call(tool, arguments))
    }

    fn ask(&mut self, message: &Value) -> Done {
        writeln!(self.to, "{message}")?;
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        match line.contains("\"result\"") && !line.contains("\"isError\":true") {
            true => Ok(()),
            false => Err(line.into()),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A connection to the HTTP server.
struct Connection(BufReader<TcpStream>, Vec<u8>);

impl Connection {
    fn open(served: &HttpServer) -> Done<Self> {
        let address = served.base.trim_start_matches("http://");
        let body = call("get-ticket", &json!({ "id": 8107 })).to_string();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream), (head + &body).into_bytes()))
    }

    fn call(&mut self) -> Done {
        let Self(stream, request) = self;
        stream.get_mut().write_all(request)?;
        let (mut length, mut line) = (0, String::new());
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line)?;
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        match body.ends_with(b"\"isError\":false}}") {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&body).into_owned().into()),
        }
    }
}
