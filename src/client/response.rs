//! What came back, read: the body of a good reply, or the error it amounts to.

mod error_body;
mod messages;
mod null_stripping;
mod retry_after;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::client::backend::TransportError;
use crate::client::created_id;
use crate::client::retry::FailureKind;
use crate::error::{Code, Error, Upstream};
use error_body::ParsedBody;

pub(super) use messages::broken;

/// What a request was for, which decides what an unclear reply means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// Reads what stands at an address.
    Get,
    /// Asks a question in the body of a POST.
    Query,
    /// Creates or updates.
    Mutate,
    /// Deletes.
    Delete,
}

impl OperationKind {
    /// Whether it may change something.
    pub(super) fn writes(self) -> bool {
        matches!(self, Self::Mutate | Self::Delete)
    }

    /// The code where nothing good came back and nothing says what happened.
    fn ambiguous_code(self) -> Code {
        if self.writes() { Code::OutcomeUnknown } else { Code::UpstreamUnavailable }
    }
}

/// The body of a good reply to a request with the body `asked`; `errors[]` makes any reply a bad one.
///
/// # Errors
///
/// The error that the status and Autotask's words amount to.
pub fn read(reply: &Response<Bytes>, act: OperationKind, asked: &[u8]) -> Result<Value, Error> {
    let said = ParsedBody::new(reply.body(), asked);
    match code(reply.status(), &said, act) {
        Some(Code::NotFound) if is_unknown_path(reply, &said, act) => {
            Err(messages::unknown_path_error(reply, &said))
        }
        Some(code) => Err(messages::error(code, reply, &said)),
        // A delete may be answered with nothing but its status.
        None if act == OperationKind::Delete => Ok(said.body.unwrap_or_else(|| json!({}))),
        None => said.body.ok_or_else(|| Error::internal("A good reply had no body.")),
    }
}

/// What a failed try amounts to, for the table of what is sent again.
pub(super) fn classify_failure(
    sent: &Result<Response<Bytes>, TransportError>,
    error: &Error,
) -> FailureKind {
    match sent {
        Err(TransportError::NotSent(_)) => FailureKind::NotSent,
        Err(TransportError::TimedOut(_) | TransportError::Lost(_)) => FailureKind::Transient,
        Err(TransportError::TooLarge | TransportError::TooMany) => FailureKind::Permanent,
        Ok(reply) => match (reply.status().as_u16(), error.code()) {
            (_, Code::OutcomeUnknown) => FailureKind::Transient,
            (401, _) => FailureKind::Unauthorized,
            (429, code) => match retry_after::retry_after(reply) {
                None if code == Code::ThresholdReached => FailureKind::Permanent,
                seconds => FailureKind::Throttled(seconds),
            },
            (_, Code::RateLimited) => FailureKind::ThreadLimit,
            (300..500, _) => FailureKind::Permanent,
            (_, Code::UpstreamUnavailable | Code::Timeout) => FailureKind::Transient,
            _ => FailureKind::Permanent,
        },
    }
}

/// What Autotask said, whatever the reply amounts to.
#[must_use]
pub fn upstream(reply: &Response<Bytes>) -> Upstream {
    Upstream { status: reply.status().as_u16(), errors: ParsedBody::new(reply.body(), &[]).reasons }
}

fn code(status: StatusCode, said: &ParsedBody, act: OperationKind) -> Option<Code> {
    match status.as_u16() {
        _ if names_record_despite_error(status, said, act) => Some(Code::OutcomeUnknown),
        401 => Some(Code::AuthFailed),
        502 | 504 => Some(act.ambiguous_code()),
        status => code_by_phrase(said, act).or_else(|| code_by_status(status, said, act)),
    }
}

/// A refusal that names the record it made proves nothing; a delete makes none.
fn names_record_despite_error(status: StatusCode, said: &ParsedBody, act: OperationKind) -> bool {
    let made = said.body.as_ref().and_then(created_id);
    let is_refused = !status.is_success() || said.has_errors;
    act == OperationKind::Mutate && is_refused && made.is_some_and(|id| id > 0)
}

/// Sentences that mean more than the status they come with.
fn code_by_phrase(said: &ParsedBody, act: OperationKind) -> Option<Code> {
    let any = |words: &[&str]| words.iter().any(|word| said.text.contains(word));
    if any(&["itgenatr005", "thread threshold", "thread limit"]) {
        Some(Code::RateLimited)
    } else if any(&["request threshold", "requests threshold", "maximum number of requests"])
        || (any(&["threshold"]) && any(&["per hour", "hourly", "external request", "requests"]))
    {
        Some(Code::ThresholdReached)
    } else if any(&["adequate permissions", "not authori"]) {
        Some(Code::Forbidden)
    } else if any(&["integrationcode is invalid", "zone information could not be determined"]) {
        Some(Code::AuthFailed)
    } else if act == OperationKind::Delete && any(&["no matching records found"]) {
        Some(Code::NotFound)
    } else {
        None
    }
}

/// Whether a 404 is of the address: a page of the web server, or the answer to a query, which finds nothing with 200.
fn is_unknown_path(reply: &Response<Bytes>, said: &ParsedBody, act: OperationKind) -> bool {
    let kind = reply.headers().get(CONTENT_TYPE);
    let is_html = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let is_of_address = (is_html && !said.is_empty)
        || error_body::is_html(reply.body())
        || said.text.contains("no http resource");
    reply.status() == 404 && (is_of_address || act == OperationKind::Query)
}

fn code_by_status(status: u16, said: &ParsedBody, act: OperationKind) -> Option<Code> {
    match status {
        200..300 if said.has_errors => Some(Code::Rejected),
        200..300 => code_for_empty_body(said, act),
        403 => Some(Code::Forbidden),
        404 | 410 => Some(Code::NotFound),
        405 => Some(Code::NotAllowed),
        408 if act.writes() => Some(Code::OutcomeUnknown),
        408 => Some(Code::Timeout),
        429 => Some(Code::RateLimited),
        400..500 => Some(Code::Rejected),
        503 => Some(act.ambiguous_code()),
        500.. if said.is_verdict => Some(Code::Rejected),
        500.. => Some(act.ambiguous_code()),
        // Redirects are not followed, so nothing was done.
        _ => Some(Code::UpstreamUnavailable),
    }
}

/// Some zones answer a missing record with 200 and an `item` of null, or with nothing at all.
fn code_for_empty_body(said: &ParsedBody, act: OperationKind) -> Option<Code> {
    match &said.body {
        Some(body) if act == OperationKind::Get && body.get("item") == Some(&Value::Null) => {
            Some(Code::NotFound)
        }
        Some(_) => None,
        None if act == OperationKind::Get && said.is_empty => Some(Code::NotFound),
        None if act == OperationKind::Delete && said.is_empty => None,
        None => Some(act.ambiguous_code()),
    }
}

#[cfg(test)]
mod tests;
