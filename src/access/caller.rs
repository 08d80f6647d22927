//! Who calls, and the channel back to them while a call runs.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::access::Access;
use crate::confirm::decision::RejectReason;
use crate::tools::Tool;

/// A caller: what they may use, who they are, and the person they act for.
#[derive(Debug, Clone)]
pub struct Caller {
    access: Access,
    name: Option<Arc<str>>,
    person: Option<Person>,
}

/// A resource (person) in Autotask that a caller acts for; the value `me` refers to them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Person {
    /// By the id of the resource.
    Id(i64),
    /// By an e-mail address, which is looked up on first use.
    Email(Arc<str>),
}

/// The channel to a client during a call; the defaults are those of a client that only waits for the response.
pub trait ClientChannel: Send + Sync {
    /// The trace that the call belongs to, as a W3C `traceparent`.
    fn traceparent(&self) -> Option<String> {
        None
    }

    /// Reports progress: how much is done, and of how much if that is known.
    fn progress(&self, _done: u64, _total: Option<u64>, _message: &str) {}

    /// Whether the client can ask its user to confirm a write.
    fn supports_elicitation(&self) -> bool {
        false
    }

    /// Whether a confirmation code from a response can be presented to this process later.
    fn can_present_code(&self) -> bool {
        true
    }

    /// The place for the `confirm` of a previewed write, which a view returns; none if the client shows no views.
    fn view_confirm(&self) -> Option<&OnceLock<String>> {
        None
    }

    /// Asks the user to confirm a write.
    fn elicit<'a>(&'a self, _request: &'a ConfirmationRequest) -> ReplyFuture<'a> {
        Box::pin(std::future::ready(ConfirmationReply::Rejected(RejectReason::NoResponse, None)))
    }
}

/// A pending reply of the user.
pub type ReplyFuture<'a> = Pin<Box<dyn Future<Output = ConfirmationReply> + Send + 'a>>;

/// What a user is asked before a write.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfirmationRequest {
    /// What would be done, such as `update Ticket 8107`.
    pub would: String,
    /// The preview of the write.
    pub preview: Value,
    /// Returned with an approval.
    pub code: String,
}

/// The reply to a confirmation request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfirmationReply {
    /// Approved, with the code of the request.
    Accepted(String),
    /// Not approved, with the code if it was returned.
    Rejected(RejectReason, Option<String>),
    /// The reply arrives with a repetition of the same call.
    Deferred,
}

/// A client that only waits for the response.
#[derive(Debug, Clone, Copy)]
pub struct NoClient;

impl ClientChannel for NoClient {}

impl Caller {
    /// The operator of the server, who may use everything that the settings allow.
    #[must_use]
    pub fn operator(access: Access) -> Self {
        Self { access, name: None, person: None }
    }

    /// A named caller with its own access rules.
    #[must_use]
    pub fn named(name: &str, access: Access) -> Self {
        Self { access, name: Some(name.into()), person: None }
    }

    /// The same caller, acting for this person.
    #[must_use]
    pub fn with_person(self, person: Option<Person>) -> Self {
        Self { person, ..self }
    }

    /// The same caller with other access rules.
    #[must_use]
    pub fn with_access(self, access: Access) -> Self {
        Self { access, ..self }
    }

    /// What the caller may use.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The caller's name, for the audit log.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What the caller may do, in one of three words, for metrics.
    #[must_use]
    pub fn role(&self) -> &'static str {
        match self.access.policy().is_read_only() {
            true => "read-only",
            false if self.access.tools().len() < Tool::ALL.len() => "tools",
            false => "full",
        }
    }

    /// The person the caller acts for: that of the token, or that of `AUTOTASK_IMPERSONATION_RESOURCE_ID`.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        self.person.as_ref()
    }
}
