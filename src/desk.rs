//! Where every call is taken, from whichever door: found, planned, performed, answered.

pub mod prompting;

use serde_json::Value;
use tracing::{Instrument, Span};

use crate::answer::{Answer, Voice};
use crate::audit::{Audit, AuditAttempt};
use crate::caller::{Caller, Line, Question, Silent};
use crate::client::Client;
use crate::client::wire::Wire;
use crate::config::{Config, Invalid};
use crate::error::{Code, Error};
use crate::gate::Gate;
use crate::gate::confirm::take_confirm;
use crate::perform::{Call, Outcome, Performer};
use crate::plan::Plan;
use crate::schema::nearest;
use crate::secret::Redactor;
use crate::tools::{Arguments, Situation, Tool};
use crate::uris::Uri;

/// All that a call needs.
pub struct Desk {
    owner: Caller,
    performer: Performer,
    audit: Audit,
    closed_status_ids: Vec<i64>,
    voice: Voice,
}

impl Desk {
    /// A desk with these settings, in front of this wire.
    ///
    /// # Errors
    /// A setting that names no tool.
    pub fn new(config: &Config, wire: Wire) -> Result<Self, Invalid> {
        let client = Client::new(config, wire);
        Ok(Self {
            owner: Caller::owner(Gate::new(config)?),
            performer: Performer::new(config, client),
            audit: Audit::new(config),
            closed_status_ids: config.closed_status_ids.clone(),
            voice: Voice {
                limit: config.max_answer_chars,
                records: Redactor::new(config.secrets()),
                errors: Redactor::new(&config.credentials()),
            },
        })
    }

    /// Whoever runs the server.
    #[must_use]
    pub fn owner(&self) -> &Caller {
        &self.owner
    }

    /// The hands behind the desk.
    #[must_use]
    pub fn performer(&self) -> &Performer {
        &self.performer
    }

    /// Where attempted writes are noted.
    #[must_use]
    pub fn audit(&self) -> &Audit {
        &self.audit
    }

    /// Takes a call of whoever runs the server; none where no such tool is registered.
    pub async fn call(&self, name: &str, arguments: Arguments) -> Option<Answer> {
        self.answer(&self.owner, &Silent, name, arguments).await
    }

    /// Takes a caller's call; none where no such tool is open to them.
    pub async fn answer(
        &self,
        caller: &Caller,
        line: &dyn Line,
        name: &str,
        arguments: Arguments,
    ) -> Option<Answer> {
        let attempt = self.audit.attempt(name, caller.name(), &arguments);
        let outcome = match caller.gate().find(name) {
            Ok(Some(tool)) => match attempt.check_writable() {
                Ok(()) => {
                    self.outcome((caller, line, &attempt), tool, arguments)
                        .instrument(span(tool, line))
                        .await
                }
                Err(error) => Err(error),
            },
            Ok(None) => {
                noted(&attempt, Err(unregistered(name, caller.gate()))).ok();
                return None;
            }
            Err(error) => Err(error),
        };
        let word = outcome.as_ref().map_or_else(|error| error.code().name(), |_| "ok");
        self.performer.client().metrics().called(name, word);
        Some(self.voice.say(noted(&attempt, outcome)))
    }

    async fn outcome(
        &self,
        (caller, line, attempt): (&Caller, &dyn Line, &AuditAttempt),
        tool: Tool,
        mut arguments: Arguments,
    ) -> Result<Outcome, Error> {
        let confirm = take_confirm(tool, &mut arguments);
        let plan = self.planned(caller, tool, arguments)?;
        let call = Call { tool, caller, line, confirm: confirm.as_deref(), attempt };
        let mut outcome = self.performer.perform(call, plan).await?;
        if let Some(warning) = self.performer.client().warning() {
            outcome.warn(warning);
        }
        Ok(outcome)
    }

    /// What the tenant told of counts beside the schema, with a warning where it makes a difference.
    fn planned(&self, caller: &Caller, tool: Tool, arguments: Arguments) -> Result<Plan, Error> {
        let learnt = self.performer.learnt();
        let within = |learnt| Situation {
            policy: caller.gate().policy(),
            closed_status_ids: &self.closed_status_ids,
            learnt,
        };
        if !learnt.is_beyond_the_schema() {
            return tool.plan(arguments, &within(&learnt));
        }
        let plan = tool.plan(arguments.clone(), &within(&learnt))?;
        let alone = tool.plan(arguments, &within(&learnt.of_the_schema()));
        Ok(match alone {
            Ok(alone) if alone == plan => plan,
            alone => plan.warned(believed(alone.err().as_ref())),
        })
    }

    /// Reads a resource for a caller; none where the URI names none, or none whose tool is open to them.
    pub async fn read(&self, caller: &Caller, uri: &str) -> Option<Answer> {
        let (tool, arguments) = Uri::read(uri)?.as_call();
        caller.gate().find(tool.name()).ok().flatten()?;
        let nothing = AuditAttempt::none();
        let outcome = self.outcome((caller, &Silent, &nothing), tool, arguments).await;
        let gone =
            matches!(&outcome, Err(error) if error.is_no_record() || is_nobody(error.code()));
        if gone { None } else { Some(self.voice.say(outcome)) }
    }

    /// A question in the words a person reads.
    #[must_use]
    pub fn question(&self, question: &Question) -> String {
        self.voice.ask(question)
    }

    /// A text without secrets, for what leaves beside answers.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        self.voice.errors.redact(text).into_owned()
    }
}

/// Whether an error says that what a URI names can be nothing, or is nothing that there is.
fn is_nobody(code: Code) -> bool {
    matches!(code, Code::UnknownEntity | Code::NoSuchName | Code::BadArgument)
}

/// The outcome, once its attempt has its line; a write that went out stays true without one.
fn noted(attempt: &AuditAttempt, outcome: Result<Outcome, Error>) -> Result<Outcome, Error> {
    let reply = match &outcome {
        Ok(Outcome::Known(reply)) => Ok(reply),
        Ok(_) => Ok(&Value::Null),
        Err(error) => Err(error),
    };
    let Err(unwritable) = attempt.close(reply) else {
        return outcome;
    };
    tracing::error!("{unwritable}");
    match outcome {
        Ok(mut outcome) if attempt.was_sent() => {
            outcome
                .warn("The audit log could not take this write; further ones are refused.".into());
            Ok(outcome)
        }
        Err(error) if attempt.was_sent() => Err(error),
        _ => Err(unwritable),
    }
}

/// What to tell of a call that the tenant's word made possible, and what the schema alone says of it.
fn believed(error: Option<&Error>) -> String {
    let message = error.map_or("something else is meant.", Error::message);
    format!(
        "The built-in schema says: {message} The tenant told otherwise and is believed; \
         cargo xtask refresh-schema brings the schema up to date."
    )
}

fn unregistered(name: &str, gate: &Gate) -> Error {
    Error::new(Code::NotAllowed, unknown(name, gate))
}

/// A call in logs and traces.
fn span(tool: Tool, line: &dyn Line) -> Span {
    let span = tracing::info_span!("tools/call", tool = tool.name());
    #[cfg(feature = "otel")]
    if let Some(parent) = line.traceparent() {
        crate::traces::follow(&span, &parent);
    }
    #[cfg(not(feature = "otel"))]
    let _ = line;
    span
}

/// What to say of a tool that is not there, or not for whoever is behind this gate.
#[must_use]
pub fn unknown(name: &str, gate: &Gate) -> String {
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
pub fn arguments(text: &str) -> Result<Arguments, Error> {
    match serde_json::from_str(text) {
        Ok(Value::Object(arguments)) => Ok(arguments),
        _ => Err(Error::new(Code::BadArgument, "The arguments are no JSON object.")
            .accepts("an object, such as {\"id\":5}")),
    }
}
