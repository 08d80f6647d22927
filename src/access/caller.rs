//! Who calls, and the way back to them while a call runs.

use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

use crate::access::Access;

/// Somebody who calls: what is open to them, and their name, where there are several.
#[derive(Debug, Clone)]
pub struct Caller {
    access: Access,
    name: Option<Arc<str>>,
    person: Option<Person>,
}

/// A resource (person) in Autotask that a caller acts for; the value `me` refers to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// By the id of the resource.
    Id(i64),
    /// By an e-mail address, which is looked up on first use.
    Email(Arc<str>),
}

/// The way back to a caller while the call runs; a door that has none leaves all as it is.
pub trait ClientChannel: Send + Sync {
    /// The trace that the call is part of, in W3C form, where the caller names one.
    fn traceparent(&self) -> Option<String> {
        None
    }

    /// Tells how far a long call is: so much done, of so much where that is known.
    fn progress(&self, _done: u64, _of: Option<u64>, _doing: &str) {}

    /// Whether the person at the other end can be asked.
    fn supports_elicitation(&self) -> bool {
        false
    }

    /// Whether the caller can give this process a code that an answer showed them.
    fn can_present_code(&self) -> bool {
        true
    }

    /// Asks the person.
    fn elicit<'a>(&'a self, _question: &'a ConfirmationRequest) -> ReplyFuture<'a> {
        Box::pin(std::future::ready(ConfirmationReply::Rejected(RejectReason::NoResponse, None)))
    }
}

/// An answer to come.
pub type ReplyFuture<'a> = Pin<Box<dyn Future<Output = ConfirmationReply> + Send + 'a>>;

/// What a person is asked before a write.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfirmationRequest {
    /// What would be done, such as `change Ticket 8107`.
    pub would: String,
    pub preview: Value,
    /// Comes back with a yes.
    pub code: String,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfirmationReply {
    /// Yes, and the code that came back.
    Accepted(String),
    /// No, and the code, where it came back.
    Rejected(RejectReason, Option<String>),
    /// The answer comes with the same call made again.
    Deferred,
}

/// Why there is no yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectReason {
    Declined,
    Cancelled,
    NoResponse,
}

impl RejectReason {
    /// One word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Cancelled => "dismissed",
            Self::NoResponse => "unanswered",
        }
    }
}

/// A caller who only waits for the answer.
#[derive(Debug, Clone, Copy)]
pub struct NoClient;

impl ClientChannel for NoClient {}

impl Caller {
    /// Whoever runs the server: all that the settings leave.
    #[must_use]
    pub fn operator(gate: Access) -> Self {
        Self { access: gate, name: None, person: None }
    }

    /// Somebody of a name, behind a gate of their own.
    #[must_use]
    pub fn named(name: &str, gate: Access) -> Self {
        Self { access: gate, name: Some(name.into()), person: None }
    }

    /// What is open to them.
    #[must_use]
    pub fn gate(&self) -> &Access {
        &self.access
    }

    /// Their name, for the audit log.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The same caller, acting for this person.
    #[must_use]
    pub fn with_person(self, person: Option<Person>) -> Self {
        Self { person, ..self }
    }

    /// The person the caller acts for: that of the token, or that of `AUTOTASK_IMPERSONATION_RESOURCE_ID`.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        self.person.as_ref()
    }
}
