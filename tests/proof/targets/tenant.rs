//! An app with an in-process tenant and paused time, which records every request.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use autotask_mcp::app::App;
use autotask_mcp::client::backend::{Backend, InProcessReply};
use autotask_mcp::config::Config;
use autotask_mcp::render::ToolResponse;
use autotask_mcp::tools::Arguments;
use autotask_sandbox::{FaultResult, INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use bytes::Bytes;
use http::Request;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// Longer than any call, including retries.
const MAX_CALL_TIME: Duration = Duration::from_secs(3600);
/// The limit of responses in all targets, small enough to be reached.
pub const MAX_RESPONSE_CHARS: usize = 4_000;
/// Lists of entities and fields, and errors, have no configured limit; the longest is far below this.
const MAX_OTHER_CHARS: usize = 44_000;

pub struct Tenant {
    pub app: Arc<App>,
    sent: Arc<Mutex<Vec<String>>>,
    runtime: Runtime,
}

/// The configuration of a target, with additional settings.
pub fn config(settings: &[(&str, &str)]) -> Config {
    let limit = MAX_RESPONSE_CHARS.to_string();
    let own = [("AUTOTASK_MAX_ANSWER_CHARS", limit.as_str())];
    let lookup = |name: &str| {
        let found = settings.iter().chain(&own).find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let config = Config::read(&lookup).expect("valid settings");
    config.with_sandbox_credentials(USERNAME, SECRET, INTEGRATION_CODE)
}

impl Tenant {
    pub fn sandbox(settings: &[(&str, &str)]) -> Self {
        let sandbox = Sandbox::new();
        Self::new(settings, move |request| match sandbox.respond(request) {
            FaultResult::Response(response) => InProcessReply::Reply(response),
            _ => InProcessReply::NoResponse,
        })
    }

    pub fn new(
        settings: &[(&str, &str)],
        reply: impl Fn(Request<Bytes>) -> InProcessReply + Send + Sync + 'static,
    ) -> Self {
        let sent = Arc::<Mutex<Vec<String>>>::default();
        let config = config(settings);
        let backend = Backend::local(&config, {
            let sent = sent.clone();
            move |request| {
                let line = format!("{} {}", request.method(), request.uri().path());
                sent.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                reply(request)
            }
        });
        let app = Arc::new(App::new(&config, backend).expect("an app"));
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build();
        Self { app, sent, runtime: runtime.expect("a runtime") }
    }

    /// Makes a call and checks its response; none for an unknown tool.
    pub fn call(&self, tool: &str, arguments: Arguments) -> Option<ToolResponse> {
        let call = self.app.call_as_operator(tool, arguments);
        let call = async { tokio::time::timeout(MAX_CALL_TIME, call).await };
        let response = self.runtime.block_on(call).expect("the call ends")?;
        check_response(&response);
        Some(response)
    }

    /// The requests so far, as `METHOD path`.
    pub fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The requests so far that change data.
    pub fn writes(&self) -> Vec<String> {
        self.sent().into_iter().filter(|request| is_write(request)).collect()
    }
}

fn is_write(request: &str) -> bool {
    let is_query = request.ends_with("/query") || request.ends_with("/query/count");
    !(request.starts_with("GET ") || request.starts_with("POST ") && is_query)
}

/// A response is JSON or an error with a code, within the limit, and without a secret.
fn check_response(response: &ToolResponse) {
    let text = &response.text;
    match &response.error {
        Some(error) => assert!(error["error"]["code"].is_string(), "{error}"),
        None if text.is_empty() => assert!(response.attachment.is_some(), "an empty response"),
        None => drop(serde_json::from_str::<Value>(text).expect("JSON")),
    }
    let structured = response.error.as_ref().map(Value::to_string).unwrap_or_default();
    for text in [text, &structured] {
        let chars = text.chars().count();
        assert!(chars <= max_chars(text), "{chars} characters: {text}");
        assert!(!text.contains(SECRET) && !text.contains(INTEGRATION_CODE), "a secret: {text}");
    }
}

/// Responses with records are limited by the settings.
fn max_chars(text: &str) -> usize {
    match text.starts_with("{\"item") {
        true => MAX_RESPONSE_CHARS,
        false => MAX_OTHER_CHARS,
    }
}
