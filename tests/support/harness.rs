//! An app with a new in-process sandbox, for tests.
#![allow(dead_code, clippy::expect_used, reason = "each test uses a part of it")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use autotask_mcp::app::prompts::CompletionRef;
use autotask_mcp::app::{self, App};
use autotask_mcp::client::backend::{Backend, InProcessReply};
use autotask_mcp::config::Config;
use autotask_mcp::render::ToolResponse;
use autotask_sandbox::{FaultResult, INTEGRATION_CODE, MAX_CHUNKS, SECRET, Sandbox, USERNAME};
use serde_json::Value;
use tokio::runtime::Runtime;

pub struct Harness {
    pub app: Arc<App>,
    pub sandbox: Arc<Sandbox>,
    pub runtime: Runtime,
    sent: Arc<Mutex<Vec<String>>>,
    reported_requests: usize,
}

impl Harness {
    pub fn new() -> Self {
        Self::with([])
    }

    pub fn with<'a>(settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let sandbox = Arc::new(Sandbox::new());
        let config = config(settings).with_sandbox_credentials(USERNAME, SECRET, INTEGRATION_CODE);
        let tenant = sandbox.clone();
        let sent: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = sent.clone();
        let backend = Backend::local(&config, move |request| {
            let (method, path) = (request.method(), request.uri().path());
            let line = format!("{method} {path} {}", String::from_utf8_lossy(request.body()));
            log.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            in_process_reply(tenant.respond(request))
        });
        let app = App::new(&config, backend).expect("valid settings");
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        Self {
            app: Arc::new(app),
            sandbox,
            runtime: runtime.expect("a runtime"),
            sent,
            reported_requests: 0,
        }
    }

    /// The text of a response; a protocol error is in angle brackets.
    pub fn call(&self, tool: &str, arguments: &str) -> String {
        self.call_tool(tool, arguments).map_or_else(|| self.unknown(tool), |response| response.text)
    }

    fn unknown(&self, tool: &str) -> String {
        format!("<{}>", self.app.operator().access().unknown_tool_message(tool))
    }

    pub fn call_tool(&self, tool: &str, arguments: &str) -> Option<ToolResponse> {
        let arguments = app::parse_arguments(arguments).expect("a JSON object");
        self.runtime.block_on(self.app.call_as_operator(tool, arguments))
    }

    /// The response as JSON; for an error, its structured content.
    pub fn json(&self, tool: &str, arguments: &Value) -> Value {
        let response = self.call_tool(tool, &arguments.to_string()).expect("a registered tool");
        response.error.unwrap_or_else(|| serde_json::from_str(&response.text).expect("JSON"))
    }

    pub fn read(&self, uri: &str) -> String {
        let resource = self.runtime.block_on(self.app.read_resource(self.app.operator(), uri));
        resource.map_or_else(|| "<no such resource>".into(), |response| response.text)
    }

    /// The text of a prompt, from a line of its name and arguments; a protocol error is in angle brackets.
    pub fn prompt(&self, line: &str) -> String {
        let (name, arguments) = line.split_once(' ').unwrap_or((line, "{}"));
        let arguments = app::parse_arguments(arguments).expect("a JSON object");
        let prompt = self.app.get_prompt(self.app.operator(), name, &arguments);
        prompt.map_or_else(|error| format!("<{error}>"), |(_, text)| text)
    }

    /// The completions for a line of a prompt or template, its argument, and a prefix.
    pub fn complete(&self, line: &str) -> String {
        let mut words = line.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_default();
        let (name, argument, prefix) = (word(), word(), word());
        let reference = match name.contains("://") {
            true => CompletionRef::Template(name),
            false => CompletionRef::Prompt(name),
        };
        let complete = self.app.complete(self.app.operator(), reference, argument, prefix);
        match self.runtime.block_on(complete) {
            Err(error) => format!("<{error}>"),
            Ok(completions) => {
                let total = completions.total.map_or("?".to_owned(), |total| total.to_string());
                let more = if completions.has_more { ", more" } else { "" };
                format!("{} (total {total}{more})", completions.values.join(" | "))
            }
        }
    }

    /// Every request so far, with its body.
    pub fn requests_with_bodies(&self) -> Vec<String> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The requests since the last call of this function.
    pub fn requests(&mut self) -> Vec<String> {
        let all = self.sandbox.requests();
        let new = all.iter().skip(self.reported_requests).cloned().collect();
        self.reported_requests = all.len();
        new
    }
}

/// A configuration with only these settings.
pub fn config<'a>(settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> Config {
    let settings: HashMap<_, _> = settings.into_iter().collect();
    let lookup = |name: &str| settings.get(name).map(|value| (*value).to_owned());
    Config::read(&lookup).expect("valid settings")
}

/// The sandbox's result for an in-process backend; only real sockets support an oversized body.
pub fn in_process_reply(result: FaultResult) -> InProcessReply {
    match result {
        FaultResult::Response(reply) | FaultResult::Oversized(reply, _) => {
            InProcessReply::Reply(reply)
        }
        FaultResult::Delayed(after, reply) => InProcessReply::Delayed(after, reply),
        FaultResult::SlowBody(pause, reply) => {
            InProcessReply::Delayed(pause * u32::try_from(MAX_CHUNKS).expect("a few"), reply)
        }
        FaultResult::NoResponse => InProcessReply::NoResponse,
        FaultResult::Disconnect => InProcessReply::ConnectionLost,
        FaultResult::ConnectionRefused => InProcessReply::ConnectionRefused,
    }
}
