//! An attempted write, from its call to the record of its outcome.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::file::Durability;
use super::{Log, argument_summary};
use crate::access::caller::{Caller, Person};
use crate::client::{self, OutcomeCallback};
use crate::confirm::decision::RejectReason;
use crate::error::{Code, Error};
use crate::plan::Write;
use crate::plan::request::Request;
use crate::tools::{Arguments, Tool};
use crate::value::hmac::random;

/// An attempt whose outcome is recorded when it is closed, or when the last clone is dropped.
#[derive(Clone)]
pub struct AuditAttempt(Option<Arc<AttemptState>>);

struct AttemptState {
    log: Arc<Log>,
    started: Instant,
    entry: Mutex<AuditEntry>,
}

/// The record as known so far.
struct AuditEntry {
    record: Map<String, Value>,
    /// The tenant's response, if the write was sent.
    response: Option<AuditOutcome>,
    /// How a person rejected the write.
    rejection: Option<&'static str>,
    is_closed: bool,
}

/// How an attempt ended, and the id from Autotask.
#[derive(Clone)]
struct AuditOutcome {
    word: &'static str,
    item_id: Option<i64>,
}

impl AuditAttempt {
    /// An attempt that is not recorded.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    pub(super) fn begin(log: Arc<Log>, tool: Tool, caller: &Caller, arguments: &Arguments) -> Self {
        let mut record = Map::new();
        // Each record sets its own time; this puts it first.
        record.insert("time".into(), Value::Null);
        let id = random::<9>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        record.insert("attempt".into(), id.ok().into());
        record.insert("tool".into(), tool.name().into());
        record.extend(caller.name().map(|name| ("caller".into(), name.into())));
        record.extend(caller.person().map(|person| ("as".into(), json_of_person(person))));
        record.extend(argument_summary::describe_arguments(&log, tool, arguments));
        let entry = AuditEntry { record, response: None, rejection: None, is_closed: false };
        Self(Some(Arc::new(AttemptState { log, started: Instant::now(), entry: entry.into() })))
    }

    /// A separate attempt for one of several records of a call; the call itself is no longer recorded.
    #[must_use]
    pub fn for_record(&self, id: i64, request: &Request) -> Self {
        let Some(state) = &self.0 else {
            return Self::none();
        };
        let mut parent = state.entry();
        parent.is_closed = true;
        let mut record = parent.record.clone();
        drop(parent);
        let attempt = random::<9>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        record.insert("attempt".into(), attempt.ok().into());
        let entry = AuditEntry { record, response: None, rejection: None, is_closed: false };
        let (log, started) = (state.log.clone(), Instant::now());
        let single = Self(Some(Arc::new(AttemptState { log, started, entry: entry.into() })));
        single.set("id", id.into());
        single.record_request(request);
        single
    }

    /// Checks that a record could be appended.
    ///
    /// # Errors
    /// `not-allowed`.
    pub fn check_writable(&self) -> Result<(), Error> {
        self.0.as_ref().map_or(Ok(()), |state| state.log.check_writable())
    }

    /// Sets the record that the write is planned for.
    pub fn record_plan(&self, write: &Write) {
        self.set("entity", write.entity.name().into());
        if let Some(id) = write.id() {
            self.set("id", id.into());
        }
    }

    /// Sets the request and the names of its fields.
    pub fn record_request(&self, request: &Request) {
        match (request.author, &self.0) {
            (Some(author), _) => self.set("as", author.into()),
            (None, Some(state)) => _ = state.entry().record.shift_remove("as"),
            (None, None) => {}
        }
        self.set("method", request.method.as_str().into());
        self.set("path", request.path.as_str().into());
        let fields = request.body.as_ref().and_then(Value::as_object);
        if let Some(fields) = fields {
            self.set("fields", fields.keys().cloned().collect());
        }
    }

    /// Appends the record that the request is about to be sent.
    ///
    /// # Errors
    /// `not-allowed`, because nothing is sent without this record.
    pub fn record_sending(&self) -> Result<(), Error> {
        let Some(state) = &self.0 else {
            return Ok(());
        };
        let mut record = state.entry().record.clone();
        record.insert("time".into(), now());
        record.insert("outcome".into(), "sending".into());
        state.log.append(&record.into(), Durability::Fsync)
    }

    /// Sets the tenant's response.
    pub fn record_response(&self, outcome: Result<&Value, &Error>) {
        if let Some(state) = &self.0 {
            state.entry().response = Some(outcome_of(outcome));
        }
    }

    /// Sets how a person rejected the write.
    pub fn record_rejection(&self, why: RejectReason) {
        if let Some(state) = &self.0 {
            state.entry().rejection = Some(why.as_str());
        }
    }

    /// Appends the record of the outcome.
    ///
    /// # Errors
    /// `not-allowed` if it could not be appended.
    pub fn close(&self, outcome: Result<&Value, &Error>) -> Result<(), Error> {
        match self.0.as_ref().filter(|state| !state.entry().is_closed) {
            Some(state) => state.close(&outcome_of(outcome)),
            None => Ok(()),
        }
    }

    /// Whether the write was sent.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        self.0.as_ref().is_some_and(|state| state.entry().response.is_some())
    }

    fn set(&self, name: &str, value: Value) {
        if let Some(state) = &self.0 {
            state.entry().record.insert(name.to_owned(), value);
        }
    }
}

impl AttemptState {
    fn entry(&self) -> MutexGuard<'_, AuditEntry> {
        self.entry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, outcome: &AuditOutcome) -> Result<(), Error> {
        let mut entry = self.entry();
        entry.is_closed = true;
        let mut record = std::mem::take(&mut entry.record);
        record.insert("time".into(), now());
        record.insert("outcome".into(), entry.rejection.unwrap_or(outcome.word).into());
        record.extend(outcome.item_id.map(|id| ("itemId".into(), id.into())));
        record.insert("ms".into(), json!(self.started.elapsed().as_millis()));
        let durability = match entry.response {
            Some(_) => Durability::Fsync,
            None => Durability::Buffered,
        };
        self.log.append(&record.into(), durability)
    }
}

/// Records the tenant's response even if the caller has disconnected.
impl Drop for AttemptState {
    fn drop(&mut self) {
        let entry = self.entry();
        if entry.is_closed {
            return;
        }
        let cancelled = AuditOutcome { word: "cancelled", item_id: None };
        let outcome = entry.response.clone().unwrap_or(cancelled);
        drop(entry);
        if let Err(error) = self.close(&outcome) {
            tracing::error!("{error}");
        }
    }
}

fn outcome_of(outcome: Result<&Value, &Error>) -> AuditOutcome {
    match outcome {
        Ok(reply) => match client::created_id(reply) {
            None => AuditOutcome { word: Code::OutcomeUnknown.name(), item_id: None },
            item_id => AuditOutcome { word: "written", item_id },
        },
        Err(error) => AuditOutcome { word: error.code().name(), item_id: None },
    }
}

fn json_of_person(person: &Person) -> Value {
    match person {
        Person::Id(id) => (*id).into(),
        Person::Email(email) => email.as_ref().into(),
    }
}

fn now() -> Value {
    format!("{:.3}", Timestamp::now()).into()
}

/// Extends a callback to record the outcome in the audit log too, even if the caller has disconnected.
pub fn also_audit(attempt: AuditAttempt, callback: OutcomeCallback) -> OutcomeCallback {
    Arc::new(move |outcome| {
        attempt.record_response(outcome.as_ref());
        callback(outcome);
    })
}
