//! Makes a call of any transport: finds the tool, plans, executes and renders.

mod clock;
mod instructions;
mod link;
pub mod prompts;
pub mod reports;

use futures_util::future::BoxFuture;
use secrecy::SecretString;
use serde_json::Value;
use tracing::{Instrument, Span};

use crate::access::Access;
use crate::access::caller::{Caller, ClientChannel, ConfirmationRequest, NoClient, Person};
use crate::audit::{Audit, AuditAttempt};
use crate::client::Client;
use crate::client::backend::Backend;
use crate::client::caller_key::CallerKey;
use crate::completion::CompletionSearch;
use crate::config::{Config, ConfigError};
use crate::error::{Code, Error};
use crate::executor::{CallContext, Executor, Outcome};
use crate::plan::Plan;
use crate::render::{Renderer, ToolResponse};
use crate::resources::Uri;
use crate::text::redact::Redactor;
use crate::tools::{self, Arguments, PlanContext, Tool};
use crate::value::datetime::Calendar;
use clock::Clock;
pub use instructions::MAX_INSTRUCTIONS_CHARS;
use link::PageLink;

/// Everything needed to make calls.
pub struct App {
    operator: Caller,
    executor: Executor,
    completion: CompletionSearch,
    audit: Audit,
    closed_status_ids: Vec<i64>,
    renderer: Renderer,
    clock: Clock,
    is_sandbox: bool,
}

/// The result of a call, and the link to render with it.
type CallResult = (Result<Outcome, Error>, Option<String>);

impl App {
    /// An app with these settings, which reaches Autotask through this backend.
    ///
    /// # Errors
    /// A setting that names an unknown tool.
    pub fn new(config: &Config, backend: Backend) -> Result<Self, ConfigError> {
        Self::with_redactor(config, backend, Redactor::new(&config.credentials()))
    }

    /// As `new`, with a redactor that errors and the audit log share with the log.
    ///
    /// # Errors
    /// As for `new`.
    pub fn with_redactor(
        config: &Config,
        backend: Backend,
        redactor: Redactor,
    ) -> Result<Self, ConfigError> {
        let client = Client::new(config, backend);
        let clock = Clock::new(config);
        let person = config.impersonation.map(Person::Id);
        Ok(Self {
            operator: Caller::operator(Access::new(config)?).with_person(person),
            completion: CompletionSearch::new(&client),
            executor: Executor::new(config, client),
            audit: Audit::new(config, &redactor),
            closed_status_ids: config.closed_status_ids.clone(),
            renderer: Renderer {
                limit: config.max_answer_chars,
                records: Redactor::new(config.secrets()),
                errors: redactor,
                time_zone: clock.time_zone.clone(),
            },
            clock,
            is_sandbox: config.sandbox,
        })
    }

    /// The operator of the server.
    #[must_use]
    pub fn operator(&self) -> &Caller {
        &self.operator
    }

    /// The executor of plans.
    #[must_use]
    pub fn executor(&self) -> &Executor {
        &self.executor
    }

    /// The audit log.
    #[must_use]
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// Makes a call as the operator; none if no such tool is enabled.
    pub async fn call_as_operator(&self, name: &str, arguments: Arguments) -> Option<ToolResponse> {
        self.call_tool(&self.operator, &NoClient, name, arguments).await
    }

    /// Makes a call for a caller; none if no such tool is enabled for them. A boxed future, because the code of an
    /// `async fn` is compiled again wherever it is awaited.
    pub fn call_tool<'a>(
        &'a self,
        caller: &'a Caller,
        channel: &'a dyn ClientChannel,
        name: &'a str,
        arguments: Arguments,
    ) -> BoxFuture<'a, Option<ToolResponse>> {
        let call = self.audited_call((caller, channel), name, arguments);
        Box::pin(caller_key(caller).scope(call))
    }

    async fn audited_call(
        &self,
        (caller, channel): (&Caller, &dyn ClientChannel),
        name: &str,
        arguments: Arguments,
    ) -> Option<ToolResponse> {
        let attempt = self.audit.attempt(name, caller, &arguments);
        let (result, link) = match caller.access().find_tool(name) {
            Ok(Some(tool)) => match attempt.check_writable() {
                Ok(()) => {
                    self.run((caller, channel, &attempt), tool, arguments)
                        .instrument(span(tool, channel))
                        .await
                }
                Err(error) => (Err(error), None),
            },
            Ok(None) => {
                let message = caller.access().unknown_tool_message(name);
                with_audit_entry(&attempt, Err(Error::not_allowed(message))).ok();
                return None;
            }
            Err(error) => (Err(error), None),
        };
        let code = result.as_ref().map_or_else(|error| error.code().name(), |_| "ok");
        self.executor.client().metrics().record_call(caller.role(), name, code);
        Some(self.renderer.render(with_audit_entry(&attempt, result), link.as_deref()))
    }

    fn run<'a>(
        &'a self,
        (caller, channel, attempt): (&'a Caller, &'a dyn ClientChannel, &'a AuditAttempt),
        tool: Tool,
        mut arguments: Arguments,
    ) -> BoxFuture<'a, CallResult> {
        Box::pin(async move {
            let confirm = take_confirm(tool, &mut arguments);
            let plan = match self.plan_call(caller, tool, arguments).await {
                Ok(plan) => plan,
                Err(error) => return (Err(error), None),
            };
            let is_write = matches!(plan, Plan::Write(_));
            let page_link = PageLink::of(&plan);
            let confirm = confirm.as_deref();
            let call = CallContext { tool, caller, channel, confirm, attempt };
            let mut result = self.executor.execute(call, plan).await;
            if is_write && result.is_ok() {
                self.completion.clear();
            }
            let client = self.executor.client();
            if let (Ok(outcome), Some(warning)) = (&mut result, client.warning()) {
                outcome.add_warning(warning);
            }
            let link = page_link.zip(client.web_url());
            let link = link.and_then(|(page, web_url)| page.add_to(web_url, &mut result));
            (result, link)
        })
    }

    /// Plans a call; reads the tenant's UDFs before it rejects a name that may be one.
    async fn plan_call(
        &self,
        caller: &Caller,
        tool: Tool,
        mut arguments: Arguments,
    ) -> Result<Plan, Error> {
        let sanitized = tools::sanitize(&mut arguments);
        let plan = || self.plan_as_discovered(caller, tool, &arguments);
        let mut planned = plan();
        let entity = tool.entity_of(&arguments).filter(|_| may_name_udf(&planned));
        if let Some(entity) = entity {
            self.executor.read_udfs(entity, &|| !may_name_udf(&plan())).await;
            planned = plan();
        }
        Ok(planned?.with_warnings(sanitized))
    }

    /// Plans with what the tenant reported in addition to the built-in schema, and warns if that made a difference.
    fn plan_as_discovered(
        &self,
        caller: &Caller,
        tool: Tool,
        arguments: &Arguments,
    ) -> Result<Plan, Error> {
        let discovered = self.executor.discovered_schema();
        let calendar = Calendar::new(self.clock.now(), self.clock.time_zone.clone());
        let context = |discovered| PlanContext {
            policy: caller.access().policy(),
            closed_status_ids: &self.closed_status_ids,
            discovered,
            calendar: &calendar,
        };
        if !discovered.has_discoveries() {
            return tool.plan(arguments, &context(&discovered));
        }
        let plan = tool.plan(arguments, &context(&discovered))?;
        let built_in = tool.plan(arguments, &context(&discovered.without_discoveries()));
        Ok(match built_in {
            Ok(built_in) if built_in == plan => plan,
            built_in => plan.with_warning(discovered_schema_warning(built_in.err().as_ref())),
        })
    }

    /// Reads a resource for a caller; none if the resource does not exist or the caller may not read it.
    pub async fn read_resource(&self, caller: &Caller, uri: &str) -> Option<ToolResponse> {
        let (tool, arguments) = Uri::parse(uri)?.tool_call();
        caller.access().find_tool(tool.name()).ok().flatten()?;
        let attempt = AuditAttempt::none();
        let call = self.run((caller, &NoClient, &attempt), tool, arguments);
        let (result, _) = caller_key(caller).scope(call).await;
        let is_missing = matches!(&result, Err(error) if error.is_no_record() || is_missing_target(error.code()));
        if is_missing { None } else { Some(self.renderer.render_resource(result)) }
    }

    /// The text of a confirmation dialog.
    #[must_use]
    pub fn confirmation_text(&self, request: &ConfirmationRequest) -> String {
        self.renderer.render_confirmation(request)
    }

    /// Replaces the tokens of HTTP clients, which are redacted like the secrets of the settings.
    pub fn set_tokens(&self, tokens: &[SecretString]) {
        self.renderer.records.set_tokens(tokens);
        self.renderer.errors.set_tokens(tokens);
    }

    /// A text without secrets, for messages that are not rendered.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.renderer.errors.redact(text).into_owned()
    }
}

/// The caller in whose turns the requests of a call wait.
fn caller_key(caller: &Caller) -> CallerKey {
    CallerKey::new(caller.name(), caller.role())
}

/// Whether a call is rejected for a name that may be a UDF.
fn may_name_udf(plan: &Result<Plan, Error>) -> bool {
    plan.as_ref().map_or_else(Some, Plan::problem).is_some_and(Error::may_name_udf)
}

/// Whether an error means that the target of a URI does not exist.
fn is_missing_target(code: Code) -> bool {
    matches!(code, Code::UnknownEntity | Code::NoSuchName | Code::BadArgument)
}

/// Records the outcome in the audit log and returns the result; a sent write is reported even if recording fails.
fn with_audit_entry(
    attempt: &AuditAttempt,
    result: Result<Outcome, Error>,
) -> Result<Outcome, Error> {
    let logged = match &result {
        Ok(Outcome::Value(value)) => Ok(value),
        Ok(_) => Ok(&Value::Null),
        Err(error) => Err(error),
    };
    let Err(unwritable) = attempt.close(logged) else {
        return result;
    };
    tracing::error!("{unwritable}");
    match result {
        Ok(mut outcome) if attempt.was_sent() => {
            outcome.add_warning(
                "The audit log could not record this write; further writes are blocked.".into(),
            );
            Ok(outcome)
        }
        Err(error) if attempt.was_sent() => Err(error),
        _ => Err(unwritable),
    }
}

/// The warning about a call that is valid only with what the tenant reported.
fn discovered_schema_warning(error: Option<&Error>) -> String {
    let message = error.map_or("it would mean something else.", Error::message);
    format!(
        "The built-in schema differs (\"{message}\"); the tenant's current schema was used. \
         cargo xtask refresh-schema updates the built-in one."
    )
}

/// The span of a call in logs and traces.
fn span(tool: Tool, channel: &dyn ClientChannel) -> Span {
    let span = tracing::info_span!("tools/call", tool = tool.name());
    #[cfg(feature = "otel")]
    if let Some(parent) = channel.traceparent() {
        crate::telemetry::otel::set_parent(&span, &parent);
    }
    #[cfg(not(feature = "otel"))]
    let _ = channel;
    span
}

/// Parses arguments from JSON text.
///
/// # Errors
/// `bad-argument` if the text is not a JSON object.
pub fn parse_arguments(text: &str) -> Result<Arguments, Error> {
    match serde_json::from_str(text) {
        Ok(Value::Object(arguments)) => Ok(arguments),
        _ => Err(Error::bad_argument("Arguments must be a JSON object.")
            .accepts("an object, such as {\"id\":5}")),
    }
}

/// Removes `confirm` from the arguments: it confirms the call and is not part of it.
fn take_confirm(tool: Tool, arguments: &mut Arguments) -> Option<String> {
    tool.token()?;
    match arguments.shift_remove("confirm")? {
        Value::Null => None,
        Value::String(token) => Some(token).filter(|token| !token.is_empty()),
        other => Some(other.to_string()),
    }
}
