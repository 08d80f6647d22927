//! The shipped program behind an HTTP door, for tests and benches.
#![allow(dead_code, clippy::expect_used, clippy::panic, reason = "each test uses a part of it")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use autotask_mcp::client::backend::http_client;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

/// The token of whoever runs the server.
pub const TOKEN: &str = "correct-horse-battery";

/// A running program; killed when dropped.
pub struct Served {
    process: Child,
    /// Where it listens, such as `http://127.0.0.1:40000`.
    pub base: String,
    printed: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    pub client: Client,
}

impl Served {
    /// The program with the sandbox inside, and these settings besides.
    pub fn sandbox(settings: &[(&str, &str)]) -> Self {
        Self::start(&["--sandbox"], settings)
    }

    /// The program with these arguments and settings, listening on a free port.
    pub fn start(arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut process = command(arguments, settings).spawn().expect("it starts");
        let mut lines = BufReader::new(process.stderr.take().expect("its log"));
        let (base, begun) = announced(&mut lines);
        let printed = Arc::new(Mutex::new(begun));
        let reader = std::thread::spawn({
            let printed = printed.clone();
            move || listen(lines, &printed)
        });
        Self {
            process,
            base,
            printed,
            reader: Some(reader),
            client: http_client().no_proxy().build().expect("a client"),
        }
    }

    /// What it logged so far.
    pub fn printed(&self) -> String {
        self.printed.lock().expect("the log").clone()
    }

    /// A request to `/mcp` with the owner's token, as an older client sends it.
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

    /// The same as a client of 2026-07-28 sends it.
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

    /// The text of a tool's answer.
    pub async fn call(&self, tool: &str, arguments: &Value) -> String {
        let reply = self.post(&call(tool, arguments)).send().await;
        text(&json_of(reply.expect("a reply")).await)
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let kill = Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status();
        assert!(kill.expect("kill runs").success());
    }

    /// Waits for its end.
    pub fn ended(&mut self) -> ExitStatus {
        let status = self.process.wait().expect("it ends");
        if let Some(reader) = self.reader.take() {
            reader.join().expect("its log ends");
        }
        status
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be gone already.
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
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {text}"))
}

pub fn text(reply: &Value) -> String {
    let text = reply["result"]["content"][0]["text"].as_str();
    text.unwrap_or_else(|| panic!("no answer: {reply}")).to_owned()
}

/// Reads the log up to the line that tells the address.
fn announced(lines: &mut BufReader<ChildStderr>) -> (String, String) {
    let mut printed = String::new();
    loop {
        let mut line = String::new();
        let length = lines.read_line(&mut line).expect("its log");
        printed += &line;
        assert!(length > 0, "it ended: {printed}");
        if let Some((_, at)) = line.split_once("served at ") {
            let base = at.trim().trim_end_matches("/mcp");
            return (base.to_owned(), printed);
        }
    }
}

fn listen(mut lines: BufReader<ChildStderr>, printed: &Mutex<String>) {
    let mut line = String::new();
    while lines.read_line(&mut line).is_ok_and(|length| length > 0) {
        printed.lock().expect("the log").push_str(&std::mem::take(&mut line));
    }
    let _ = lines.read_to_string(&mut line);
}
