//! One attempted write, from its call to its line.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::file::Safe;
use super::{Log, given};
use crate::access::caller::RejectReason;
use crate::client;
use crate::client::request::Request;
use crate::error::{Code, Error};
use crate::plan::Write;
use crate::tools::{Arguments, Tool};

/// An attempt that gets its line when it is closed, or when nobody holds it any more.
#[derive(Clone)]
pub struct Attempt(Option<Arc<Open>>);

struct Open {
    log: Arc<Log>,
    began: Instant,
    facts: Mutex<Facts>,
}

/// What is known so far.
struct Facts {
    line: Map<String, Value>,
    /// What the tenant answered, if the write went out.
    heard: Option<Ending>,
    /// The word of a person who did not say yes.
    refused: Option<&'static str>,
    closed: bool,
}

/// How an attempt ended.
#[derive(Clone)]
struct Ending {
    word: &'static str,
    made: Option<i64>,
}

impl Attempt {
    /// No attempt, or nobody who notes it.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    pub(super) fn begin(
        log: Arc<Log>,
        tool: Tool,
        caller: Option<&str>,
        arguments: &Arguments,
    ) -> Self {
        let mut line = Map::new();
        line.insert("time".into(), now().into());
        line.insert("tool".into(), tool.name().into());
        line.extend(caller.map(|name| ("caller".into(), name.into())));
        line.extend(log.impersonation.map(|id| ("as".into(), id.into())));
        line.extend(given::told(&log, tool, arguments));
        let facts = Mutex::new(Facts { line, heard: None, refused: None, closed: false });
        let began = Instant::now();
        Self(Some(Arc::new(Open { log, began, facts })))
    }

    /// Whether its line would get in; without that nothing is written.
    ///
    /// # Errors
    /// `not-allowed`.
    pub fn ready(&self) -> Result<(), Error> {
        self.0.as_ref().map_or(Ok(()), |open| open.log.ready())
    }

    /// Notes what is to be written.
    pub fn plans(&self, write: &Write) {
        self.note("entity", write.entity.name().into());
        if let Some(id) = write.id() {
            self.note("id", id.into());
        }
    }

    /// Notes the request as it would go, its fields by name.
    pub fn draws(&self, request: &Request) {
        self.note("method", request.method.as_str().into());
        self.note("path", request.path.as_str().into());
        let fields = request.body.as_ref().and_then(Value::as_object);
        if let Some(fields) = fields {
            self.note("fields", fields.keys().cloned().collect());
        }
    }

    /// Notes what the tenant answered.
    pub fn heard(&self, outcome: Result<&Value, &Error>) {
        if let Some(open) = &self.0 {
            open.facts().heard = Some(ending(outcome));
        }
    }

    /// Notes that the person did not say yes.
    pub fn refused(&self, why: RejectReason) {
        if let Some(open) = &self.0 {
            open.facts().refused = Some(why.as_str());
        }
    }

    /// Appends the line.
    ///
    /// # Errors
    /// `not-allowed`, where it did not get in.
    pub fn close(&self, outcome: Result<&Value, &Error>) -> Result<(), Error> {
        self.0.as_ref().map_or(Ok(()), |open| open.close(&ending(outcome)))
    }

    /// Whether the write went out.
    #[must_use]
    pub fn went_out(&self) -> bool {
        let open = self.0.as_ref();
        open.is_some_and(|open| open.facts().heard.is_some())
    }

    fn note(&self, name: &str, value: Value) {
        if let Some(open) = &self.0 {
            open.facts().line.insert(name.to_owned(), value);
        }
    }
}

impl Open {
    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, ending: &Ending) -> Result<(), Error> {
        let mut facts = self.facts();
        facts.closed = true;
        let mut line = std::mem::take(&mut facts.line);
        let word = facts.refused.unwrap_or(ending.word);
        line.insert("outcome".into(), word.into());
        line.extend(ending.made.map(|id| ("itemId".into(), id.into())));
        line.insert("ms".into(), json!(self.began.elapsed().as_millis()));
        let safe = match facts.heard {
            Some(_) => Safe::Synced,
            None => Safe::Flushed,
        };
        self.log.append(&line.into(), safe)
    }
}

/// The caller left: what the tenant answered is noted all the same.
impl Drop for Open {
    fn drop(&mut self) {
        let facts = self.facts();
        if facts.closed {
            return;
        }
        let left = Ending { word: "cancelled", made: None };
        let ending = facts.heard.clone().unwrap_or(left);
        drop(facts);
        if let Err(error) = self.close(&ending) {
            tracing::error!("{error}");
        }
    }
}

fn ending(outcome: Result<&Value, &Error>) -> Ending {
    match outcome {
        Ok(reply) => match client::created_id(reply) {
            None => Ending { word: Code::OutcomeUnknown.name(), made: None },
            made => Ending { word: "written", made },
        },
        Err(error) => Ending { word: error.code().name(), made: None },
    }
}

fn now() -> String {
    format!("{:.3}", Timestamp::now())
}
