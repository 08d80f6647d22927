//! Where every call is taken, from whichever door: found, planned, performed, answered.

pub mod prompts;

use secrecy::SecretString;
use serde_json::Value;
use tracing::{Instrument, Span};

use crate::access::Access;
use crate::access::caller::{Caller, ClientChannel, ConfirmationRequest, NoClient};
use crate::audit::{Audit, AuditAttempt};
use crate::catalog::nearest;
use crate::client::Client;
use crate::client::backend::Backend;
use crate::config::{Config, ConfigError};
use crate::confirm::decision::take_confirm;
use crate::error::{Code, Error};
use crate::executor::{CallContext, Executor, Outcome};
use crate::plan::Plan;
use crate::render::{Renderer, ToolResponse};
use crate::resources::Uri;
use crate::text::redact::Redactor;
use crate::tools::{Arguments, PlanContext, Tool};

/// All that a call needs.
pub struct App {
    owner: Caller,
    performer: Executor,
    audit: Audit,
    closed_status_ids: Vec<i64>,
    voice: Renderer,
}

impl App {
    /// A desk with these settings, in front of this wire.
    ///
    /// # Errors
    /// A setting that names no tool.
    pub fn new(config: &Config, wire: Backend) -> Result<Self, ConfigError> {
        Self::with_redactor(config, wire, Redactor::new(&config.credentials()))
    }

    /// The same; errors and the audit log share this redactor, for example with the log.
    ///
    /// # Errors
    /// As for `new`.
    pub fn with_redactor(
        config: &Config,
        wire: Backend,
        redactor: Redactor,
    ) -> Result<Self, ConfigError> {
        let client = Client::new(config, wire);
        Ok(Self {
            owner: Caller::operator(Access::new(config)?),
            performer: Executor::new(config, client),
            audit: Audit::new(config, &redactor),
            closed_status_ids: config.closed_status_ids.clone(),
            voice: Renderer {
                limit: config.max_answer_chars,
                records: Redactor::new(config.secrets()),
                errors: redactor,
            },
        })
    }

    /// Whoever runs the server.
    #[must_use]
    pub fn operator(&self) -> &Caller {
        &self.owner
    }

    /// The hands behind the desk.
    #[must_use]
    pub fn executor(&self) -> &Executor {
        &self.performer
    }

    /// Where attempted writes are noted.
    #[must_use]
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// Takes a call of whoever runs the server; none where no such tool is registered.
    pub async fn call_as_operator(&self, name: &str, arguments: Arguments) -> Option<ToolResponse> {
        self.call_tool(&self.owner, &NoClient, name, arguments).await
    }

    /// Takes a caller's call; none where no such tool is open to them.
    pub async fn call_tool(
        &self,
        caller: &Caller,
        line: &dyn ClientChannel,
        name: &str,
        arguments: Arguments,
    ) -> Option<ToolResponse> {
        let attempt = self.audit.attempt(name, caller.name(), &arguments);
        let outcome = match caller.gate().find_tool(name) {
            Ok(Some(tool)) => match attempt.check_writable() {
                Ok(()) => {
                    self.run((caller, line, &attempt), tool, arguments)
                        .instrument(span(tool, line))
                        .await
                }
                Err(error) => Err(error),
            },
            Ok(None) => {
                with_audit_entry(&attempt, Err(tool_not_offered_error(name, caller.gate()))).ok();
                return None;
            }
            Err(error) => Err(error),
        };
        let word = outcome.as_ref().map_or_else(|error| error.code().name(), |_| "ok");
        self.performer.client().metrics().record_call(name, word);
        Some(self.voice.render(with_audit_entry(&attempt, outcome)))
    }

    async fn run(
        &self,
        (caller, line, attempt): (&Caller, &dyn ClientChannel, &AuditAttempt),
        tool: Tool,
        mut arguments: Arguments,
    ) -> Result<Outcome, Error> {
        let confirm = take_confirm(tool, &mut arguments);
        let plan = self.plan_call(caller, tool, arguments)?;
        let call = CallContext { tool, caller, line, confirm: confirm.as_deref(), attempt };
        let mut outcome = self.performer.execute(call, plan).await?;
        if let Some(warning) = self.performer.client().warning() {
            outcome.add_warning(warning);
        }
        Ok(outcome)
    }

    /// What the tenant told of counts beside the schema, with a warning where it makes a difference.
    fn plan_call(&self, caller: &Caller, tool: Tool, arguments: Arguments) -> Result<Plan, Error> {
        let learnt = self.performer.discovered_schema();
        let within = |learnt| PlanContext {
            policy: caller.gate().policy(),
            closed_status_ids: &self.closed_status_ids,
            discovered: learnt,
        };
        if !learnt.has_discoveries() {
            return tool.plan(arguments, &within(&learnt));
        }
        let plan = tool.plan(arguments.clone(), &within(&learnt))?;
        let alone = tool.plan(arguments, &within(&learnt.without_discoveries()));
        Ok(match alone {
            Ok(alone) if alone == plan => plan,
            alone => plan.with_warning(discovered_schema_warning(alone.err().as_ref())),
        })
    }

    /// Reads a resource for a caller; none where the URI names none, or none whose tool is open to them.
    pub async fn read_resource(&self, caller: &Caller, uri: &str) -> Option<ToolResponse> {
        let (tool, arguments) = Uri::read(uri)?.tool_call();
        caller.gate().find_tool(tool.name()).ok().flatten()?;
        let nothing = AuditAttempt::none();
        let outcome = self.run((caller, &NoClient, &nothing), tool, arguments).await;
        let gone = matches!(&outcome, Err(error) if error.is_no_record() || is_missing_target(error.code()));
        if gone { None } else { Some(self.voice.render(outcome)) }
    }

    /// A question in the words a person reads.
    #[must_use]
    pub fn confirmation_text(&self, question: &ConfirmationRequest) -> String {
        self.voice.render_confirmation(question)
    }

    /// Replaces the tokens of HTTP clients, which are redacted everywhere as the secrets of the settings are.
    pub fn set_tokens(&self, tokens: &[SecretString]) {
        self.voice.records.set_tokens(tokens);
        self.voice.errors.set_tokens(tokens);
    }

    /// A text without secrets, for what leaves beside answers.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.voice.errors.redact(text).into_owned()
    }
}

/// Whether an error says that what a URI names can be nothing, or is nothing that there is.
fn is_missing_target(code: Code) -> bool {
    matches!(code, Code::UnknownEntity | Code::NoSuchName | Code::BadArgument)
}

/// The outcome, once its attempt has its line; a write that went out stays true without one.
fn with_audit_entry(
    attempt: &AuditAttempt,
    outcome: Result<Outcome, Error>,
) -> Result<Outcome, Error> {
    let reply = match &outcome {
        Ok(Outcome::Value(reply)) => Ok(reply),
        Ok(_) => Ok(&Value::Null),
        Err(error) => Err(error),
    };
    let Err(unwritable) = attempt.close(reply) else {
        return outcome;
    };
    tracing::error!("{unwritable}");
    match outcome {
        Ok(mut outcome) if attempt.was_sent() => {
            outcome.add_warning(
                "The audit log could not take this write; further ones are refused.".into(),
            );
            Ok(outcome)
        }
        Err(error) if attempt.was_sent() => Err(error),
        _ => Err(unwritable),
    }
}

/// What to tell of a call that the tenant's word made possible, and what the schema alone says of it.
fn discovered_schema_warning(error: Option<&Error>) -> String {
    let message = error.map_or("something else is meant.", Error::message);
    format!(
        "The built-in schema says: {message} The tenant told otherwise and is believed; \
         cargo xtask refresh-schema brings the schema up to date."
    )
}

fn tool_not_offered_error(name: &str, gate: &Access) -> Error {
    Error::new(Code::NotAllowed, unknown_tool_message(name, gate))
}

/// A call in logs and traces.
fn span(tool: Tool, line: &dyn ClientChannel) -> Span {
    let span = tracing::info_span!("tools/call", tool = tool.name());
    #[cfg(feature = "otel")]
    if let Some(parent) = line.traceparent() {
        crate::telemetry::otel::set_parent(&span, &parent);
    }
    #[cfg(not(feature = "otel"))]
    let _ = line;
    span
}

/// What to say of a tool that is not there, or not for whoever is behind this gate.
#[must_use]
pub fn unknown_tool_message(name: &str, gate: &Access) -> String {
    let shown: String = name.chars().take(64).collect();
    let closed = Tool::find(name).map_or("", |_| ", which is not offered here");
    let offered = gate.tools().iter().map(|tool| tool.name());
    match nearest(name, offered).first() {
        Some(near) => format!("Unknown tool: {shown}{closed}; the nearest is {near}."),
        None => format!("Unknown tool: {shown}{closed}."),
    }
}

/// Arguments from JSON text, as the command line takes them.
///
/// # Errors
/// `bad-argument` where the text is no JSON object.
pub fn parse_arguments(text: &str) -> Result<Arguments, Error> {
    match serde_json::from_str(text) {
        Ok(Value::Object(arguments)) => Ok(arguments),
        _ => Err(Error::new(Code::BadArgument, "The arguments are no JSON object.")
            .accepts("an object, such as {\"id\":5}")),
    }
}
