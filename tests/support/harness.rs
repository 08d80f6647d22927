//! A desk in front of a sandbox of its own, for tests.
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
    seen: usize,
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
        let letters = sent.clone();
        let wire = Backend::local(&config, move |request| {
            let (method, path) = (request.method(), request.uri().path());
            let letter = format!("{method} {path} {}", String::from_utf8_lossy(request.body()));
            let mut letters = letters.lock().unwrap_or_else(PoisonError::into_inner);
            letters.push(letter);
            delivered(tenant.respond(request))
        });
        let app = App::new(&config, wire).expect("settings that name tools");
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        Self { app: Arc::new(app), sandbox, runtime: runtime.expect("a runtime"), sent, seen: 0 }
    }

    /// The text of an answer; a protocol error in angle brackets.
    pub fn call(&self, tool: &str, arguments: &str) -> String {
        self.answer(tool, arguments).map_or_else(|| self.unknown(tool), |answer| answer.text)
    }

    fn unknown(&self, tool: &str) -> String {
        format!("<{}>", self.app.operator().access().unknown_tool_message(tool))
    }

    pub fn answer(&self, tool: &str, arguments: &str) -> Option<ToolResponse> {
        let arguments = app::parse_arguments(arguments).expect("a JSON object");
        self.runtime.block_on(self.app.call_as_operator(tool, arguments))
    }

    /// The answer as JSON; an error as its structured content.
    pub fn json(&self, tool: &str, arguments: &Value) -> Value {
        let answer = self.answer(tool, &arguments.to_string()).expect("a registered tool");
        answer.error.unwrap_or_else(|| serde_json::from_str(&answer.text).expect("JSON"))
    }

    pub fn read(&self, uri: &str) -> String {
        let read = self.runtime.block_on(self.app.read_resource(self.app.operator(), uri));
        read.map_or_else(|| "<no such resource>".into(), |answer| answer.text)
    }

    /// The text of a prompt, from its name and arguments; a protocol error in angle brackets.
    pub fn prompt(&self, line: &str) -> String {
        let (name, given) = line.split_once(' ').unwrap_or((line, "{}"));
        let given = app::parse_arguments(given).expect("a JSON object");
        let filled = self.app.get_prompt(self.app.operator(), name, &given);
        filled.map_or_else(|why| format!("<{why}>"), |(_, text)| text)
    }

    /// What completes an argument: a prompt or template, its argument, and a beginning.
    pub fn complete(&self, line: &str) -> String {
        let mut words = line.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_default();
        let (of, argument, beginning) = (word(), word(), word());
        let of = match of.contains("://") {
            true => CompletionRef::Template(of),
            false => CompletionRef::Prompt(of),
        };
        let owner = self.app.operator();
        let complete = self.app.complete(owner, of, argument, beginning);
        match self.runtime.block_on(complete) {
            Err(why) => format!("<{why}>"),
            Ok(found) => {
                let total = found.total.map_or("?".to_owned(), |total| total.to_string());
                let more = if found.more { ", more" } else { "" };
                format!("{} (total {total}{more})", found.values.join(" | "))
            }
        }
    }

    /// Every request so far, with its body.
    pub fn letters(&self) -> Vec<String> {
        let letters = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        letters.clone()
    }

    /// The requests since the last look.
    pub fn requests(&mut self) -> Vec<String> {
        let all = self.sandbox.requests();
        let fresh = all.iter().skip(self.seen).cloned().collect();
        self.seen = all.len();
        fresh
    }
}

/// The settings of the sandbox with these besides.
pub fn config<'a>(settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> Config {
    let settings: HashMap<_, _> = settings.into_iter().collect();
    let lookup = |name: &str| settings.get(name).map(|value| (*value).to_owned());
    Config::read(&lookup).expect("settings that read")
}

/// What the tenant does, as the wire knows it; a huge body is for real sockets.
pub fn delivered(behavior: FaultResult) -> InProcessReply {
    match behavior {
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
