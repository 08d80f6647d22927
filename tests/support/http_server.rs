//! The built program as an HTTP server, for tests and benches.
#![allow(dead_code, clippy::expect_used, clippy::panic, reason = "each test uses a part of it")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use autotask_mcp::client::backend::http_client;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

/// The operator's token.
pub const TOKEN: &str = "correct-horse-battery";

/// A running server; killed when dropped.
pub struct HttpServer {
    process: Child,
    /// The base URL, such as `http://127.0.0.1:40000`.
    pub base: String,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    pub client: Client,
}

impl HttpServer {
    /// Starts the program with the built-in sandbox and these settings.
    pub fn sandbox(settings: &[(&str, &str)]) -> Self {
        Self::start(&["--sandbox"], settings)
    }

    /// Starts the program with these arguments and settings on a free port.
    pub fn start(arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut process = command(arguments, settings).spawn().expect("the program starts");
        let mut lines = BufReader::new(process.stderr.take().expect("its log"));
        let (base, start_of_log) = wait_for_address(&mut lines);
        let log = Arc::new(Mutex::new(start_of_log));
        let reader = std::thread::spawn({
            let log = log.clone();
            move || collect_log(lines, &log)
        });
        Self {
            process,
            base,
            log,
            reader: Some(reader),
            client: http_client().no_proxy().build().expect("a client"),
        }
    }

    /// The log so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    /// A request to `/mcp` with the operator's token, as an older client sends it.
    pub fn post(&self, body: &Value) -> RequestBuilder {
        self.post_as(TOKEN, body)
    }

    pub fn post_as(&self, token: &str, body: &Value) -> RequestBuilder {
        let post = self.client.post(format!("{}/mcp", self.base));
        post.bearer_auth(token)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json, text/event-stream")
            .body(body.to_string())
    }

    /// A request to `/mcp` as a client of protocol 2026-07-28 sends it.
    pub fn modern(&self, method: &str, params: Value) -> RequestBuilder {
        let body = modern(method, params);
        let name = body["params"]["name"].as_str().map(str::to_owned);
        let post = self
            .post(&body)
            .header("MCP-Protocol-Version", "2026-07-28")
            .header("Mcp-Method", method);
        match name {
            Some(name) => post.header("Mcp-Name", name),
            None => post,
        }
    }

    /// Calls a tool, and returns the text of the response.
    pub async fn call(&self, tool: &str, arguments: &Value) -> String {
        let reply = self.post(&call(tool, arguments)).send().await;
        text(&json_of(reply.expect("a reply")).await)
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let kill = Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status();
        assert!(kill.expect("kill runs").success());
    }

    /// Waits until the program exits.
    pub fn wait(&mut self) -> ExitStatus {
        let status = self.process.wait().expect("the program exits");
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the log ends");
        }
        status
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn command(arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autotask-mcp"));
    command
        .env_clear()
        .args(arguments)
        .env("AUTOTASK_TRANSPORT", "http")
        .env("AUTOTASK_HTTP_PORT", "0")
        .env("AUTOTASK_HTTP_TOKEN", TOKEN)
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

pub fn call(tool: &str, arguments: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": arguments } })
}

pub fn modern(method: &str, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
}

pub async fn json_of(reply: Response) -> Value {
    let text = reply.text().await.expect("a body");
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"))
}

pub fn text(reply: &Value) -> String {
    let text = reply["result"]["content"][0]["text"].as_str();
    text.unwrap_or_else(|| panic!("not a tool response: {reply}")).to_owned()
}

/// Reads the log up to the line with the address; returns the base URL and the log.
fn wait_for_address(lines: &mut BufReader<ChildStderr>) -> (String, String) {
    let mut log = String::new();
    loop {
        let mut line = String::new();
        let length = lines.read_line(&mut line).expect("the log");
        log += &line;
        assert!(length > 0, "the program exited: {log}");
        if let Some((_, url)) = line.split_once("served at ") {
            let base = url.trim().trim_end_matches("/mcp");
            return (base.to_owned(), log);
        }
    }
}

fn collect_log(mut lines: BufReader<ChildStderr>, log: &Mutex<String>) {
    let mut line = String::new();
    while lines.read_line(&mut line).is_ok_and(|length| length > 0) {
        log.lock().expect("the log").push_str(&std::mem::take(&mut line));
    }
    let _ = lines.read_to_string(&mut line);
}
