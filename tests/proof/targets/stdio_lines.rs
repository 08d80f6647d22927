//! Lines on standard input of the program; `FUZZ_PROGRAM` names it outside of cargo's tests.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use serde_json::{Value, json};

const MAX_WAIT: Duration = Duration::from_secs(30);

struct Program {
    input: ChildStdin,
    output: Receiver<String>,
    pings: u64,
}

/// After any lines, a request gets a response, and all output is JSON-RPC messages.
pub fn run(data: &[u8]) {
    static PROGRAM: OnceLock<Option<Mutex<Program>>> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| path().map(|path| Mutex::new(start(&path))));
    let Some(program) = program else { return };
    let mut program = program.lock().expect("the program");
    program.pings += 1;
    let id = format!("ping-{}", program.pings);
    let ping = json!({ "jsonrpc": "2.0", "id": id, "method": "ping" });
    let lines = [data, b"\n", ping.to_string().as_bytes(), b"\n"].concat();
    program.input.write_all(&lines).expect("it reads");
    loop {
        let line = program.output.recv_timeout(MAX_WAIT).expect("an answer");
        let message: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        if message["id"] == id {
            // The newest protocol has no ping, and an `initialize` among the lines may have selected it.
            return assert!(
                message["result"].is_object() || message["error"].is_object(),
                "{line}"
            );
        }
    }
}

fn path() -> Option<String> {
    let built = option_env!("CARGO_BIN_EXE_autotask-mcp").map(str::to_owned);
    built.or_else(|| std::env::var("FUZZ_PROGRAM").ok())
}

fn start(path: &str) -> Program {
    let mut command = Command::new(path);
    command.arg("--sandbox").env_clear().stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.stderr(Stdio::null()).spawn().expect("the program");
    let (input, output) = (process.stdin.take(), process.stdout.take());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let lines = BufReader::new(output.expect("its output")).lines();
        lines.map_while(Result::ok).try_for_each(|line| sender.send(line)).ok();
        process.wait().ok();
    });
    let mut input = input.expect("its input");
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "fuzz", "version": "1" } } });
    writeln!(input, "{hello}").expect("it reads");
    receiver.recv_timeout(MAX_WAIT).expect("an answer");
    Program { input, output: receiver, pings: 0 }
}
