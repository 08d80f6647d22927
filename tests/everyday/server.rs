//! The built program with the sandbox, over standard input and output.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// The sandbox's clock in all requests: a Tuesday, 11:00 in New York.
const NOW: &str = "2026-06-30T15:00:00Z";

pub struct Server {
    process: Child,
    output: BufReader<ChildStdout>,
    /// Its response to `initialize`.
    initialized: Value,
}

/// The response to a call, as a model reads it.
pub struct Response {
    pub text: String,
    /// The text as JSON; for an error, its structured content.
    pub json: Value,
    pub content: Vec<Value>,
    /// The code of an error.
    pub error: Option<String>,
    /// Characters / 4.
    pub tokens: usize,
}

impl Server {
    pub fn start<'a>(env: impl Iterator<Item = (&'a String, &'a String)>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_autotask-mcp"));
        command
            .env_clear()
            .arg("--sandbox")
            .env("AUTOTASK_SANDBOX_NOW", NOW)
            .env("AUTOTASK_LOG", "error")
            .envs(env);
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = BufReader::new(process.stdout.take().expect("its output"));
        let mut server = Self { process, output, initialized: Value::Null };
        let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "everyday", "version": "1" } });
        server.initialized = server.request("initialize", &hello);
        server.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        server
    }

    /// Makes a call written as a tool (or an MCP method, which has a slash), a space and JSON.
    /// `initialize` returns the response from the start.
    pub fn call(&mut self, call: &str) -> Response {
        let (name, arguments) = call.split_once(' ').unwrap_or((call, "{}"));
        let arguments: Value =
            serde_json::from_str(arguments).unwrap_or_else(|error| panic!("{call}: {error}"));
        match name.contains('/') {
            _ if name == "initialize" => Response::new(&self.initialized),
            true => Response::new(&self.request(name, &arguments)),
            false => Response::new(
                &self.request("tools/call", &json!({ "name": name, "arguments": arguments })),
            ),
        }
    }

    /// The requests that the tenant has counted so far, including this one.
    pub fn upstream_requests(&mut self) -> u64 {
        self.call("get-threshold-information").json["currentTimeframeRequestCount"]
            .as_u64()
            .expect("a count")
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }));
        loop {
            let mut line = String::new();
            self.output.read_line(&mut line).expect("it responds");
            let message: Value =
                serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
            if message.get("id").is_some() && message.get("method").is_none() {
                return message;
            }
        }
    }

    fn send(&mut self, message: &Value) {
        let input = self.process.stdin.as_mut().expect("its input");
        writeln!(input, "{message}").expect("it reads");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // The exit status does not matter here.
        let _ = self.process.wait();
    }
}

/// The contents of a prompt's messages.
fn prompt_content(result: &Value) -> Vec<Value> {
    let messages = result["messages"].as_array();
    messages.into_iter().flatten().map(|message| message["content"].clone()).collect()
}

impl Response {
    fn new(message: &Value) -> Self {
        let result = message.get("result").unwrap_or(&message["error"]);
        let content =
            result["content"].as_array().cloned().unwrap_or_else(|| prompt_content(result));
        let text = match content.is_empty() {
            true => result.to_string(),
            false => content
                .iter()
                .filter_map(|part| part["text"].as_str())
                .collect::<Vec<_>>()
                .join("\n"),
        };
        let is_error = result["isError"] == true || message.get("error").is_some();
        let json = match is_error && result.get("structuredContent").is_some() {
            true => result["structuredContent"].clone(),
            false => serde_json::from_str(&text).unwrap_or(Value::Null),
        };
        let error =
            is_error.then(|| json["error"]["code"].as_str().unwrap_or("protocol").to_owned());
        let tokens = text.chars().count().div_ceil(4);
        Self { text, json, content, error, tokens }
    }

    /// The call that the last line of an error suggests, if it suggests one.
    pub fn next_call(&self) -> Option<String> {
        let next = self.json["error"]["next"].as_str()?;
        let start = next.find(" {")?;
        let name = next.get(..start)?.rsplit(' ').next()?;
        let rest = next.get(start..)?;
        let arguments =
            serde_json::Deserializer::from_str(rest).into_iter::<Value>().next()?.ok()?;
        Some(format!("{name} {arguments}"))
    }
}
