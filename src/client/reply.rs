//! What came back, read: the body of a good reply, or the error it amounts to.

mod dense;
mod said;
mod sentence;
mod wait;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::client::item_id;
use crate::client::retry::Sign;
use crate::client::wire::Broken;
use crate::error::{Code, Error, Upstream};
use said::Said;

pub(super) use sentence::broken;

/// What a request was for, which decides what an unclear reply means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Reads what stands at an address.
    Get,
    /// Asks a question in the body of a POST.
    Query,
    /// Creates or updates.
    Change,
    /// Deletes.
    Delete,
}

impl Act {
    /// Whether it may change something.
    pub(super) fn writes(self) -> bool {
        matches!(self, Self::Change | Self::Delete)
    }

    /// The code where nothing good came back and nothing says what happened.
    fn unclear(self) -> Code {
        if self.writes() { Code::OutcomeUnknown } else { Code::UpstreamUnavailable }
    }
}

/// The body of a good reply to a request with the body `asked`; `errors[]` makes any reply a bad one.
///
/// # Errors
///
/// The error that the status and Autotask's words amount to.
pub fn read(reply: &Response<Bytes>, act: Act, asked: &[u8]) -> Result<Value, Error> {
    let said = Said::new(reply.body(), asked);
    match code(reply.status(), &said, act) {
        Some(Code::NotFound) if leads_nowhere(reply, &said, act) => {
            Err(sentence::nowhere(reply, &said))
        }
        Some(code) => Err(sentence::error(code, reply, &said)),
        // A delete may be answered with nothing but its status.
        None if act == Act::Delete => Ok(said.body.unwrap_or_else(|| json!({}))),
        None => said.body.ok_or_else(|| Error::internal("A good reply had no body.")),
    }
}

/// What a failed try amounts to, for the table of what is sent again.
pub(super) fn sign(sent: &Result<Response<Bytes>, Broken>, error: &Error) -> Sign {
    match sent {
        Err(Broken::NotSent(_)) => Sign::NotSent,
        Err(Broken::TimedOut(_) | Broken::Lost(_)) => Sign::Trouble,
        Err(Broken::TooLarge | Broken::TooMany) => Sign::Verdict,
        Ok(reply) => match (reply.status().as_u16(), error.code()) {
            (_, Code::OutcomeUnknown) => Sign::Trouble,
            (401, _) => Sign::Unauthorized,
            (429, code) => match wait::seconds(reply) {
                None if code == Code::ThresholdReached => Sign::Verdict,
                seconds => Sign::Throttled(seconds),
            },
            (_, Code::RateLimited) => Sign::Crowded,
            (300..500, _) => Sign::Verdict,
            (_, Code::UpstreamUnavailable | Code::Timeout) => Sign::Trouble,
            _ => Sign::Verdict,
        },
    }
}

/// What Autotask said, whatever the reply amounts to.
#[must_use]
pub fn upstream(reply: &Response<Bytes>) -> Upstream {
    Upstream { status: reply.status().as_u16(), errors: Said::new(reply.body(), &[]).reasons }
}

fn code(status: StatusCode, said: &Said, act: Act) -> Option<Code> {
    match status.as_u16() {
        _ if contradicts_itself(status, said, act) => Some(Code::OutcomeUnknown),
        401 => Some(Code::AuthFailed),
        502 | 504 => Some(act.unclear()),
        status => known_words(said, act).or_else(|| by_status(status, said, act)),
    }
}

/// A refusal that names the record it made proves nothing; a delete makes none.
fn contradicts_itself(status: StatusCode, said: &Said, act: Act) -> bool {
    let made = said.body.as_ref().and_then(item_id);
    let is_refused = !status.is_success() || said.has_errors;
    act == Act::Change && is_refused && made.is_some_and(|id| id > 0)
}

/// Sentences that mean more than the status they come with.
fn known_words(said: &Said, act: Act) -> Option<Code> {
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
    } else if act == Act::Delete && any(&["no matching records found"]) {
        Some(Code::NotFound)
    } else {
        None
    }
}

/// Whether a 404 is of the address: a page of the web server, or the answer to a query, which finds nothing with 200.
fn leads_nowhere(reply: &Response<Bytes>, said: &Said, act: Act) -> bool {
    let kind = reply.headers().get(CONTENT_TYPE);
    let is_html = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let is_of_address = (is_html && !said.is_empty)
        || said::opens_a_page(reply.body())
        || said.text.contains("no http resource");
    reply.status() == 404 && (is_of_address || act == Act::Query)
}

fn by_status(status: u16, said: &Said, act: Act) -> Option<Code> {
    match status {
        200..300 if said.has_errors => Some(Code::Rejected),
        200..300 => no_body(said, act),
        403 => Some(Code::Forbidden),
        404 | 410 => Some(Code::NotFound),
        405 => Some(Code::NotAllowed),
        408 if act.writes() => Some(Code::OutcomeUnknown),
        408 => Some(Code::Timeout),
        429 => Some(Code::RateLimited),
        400..500 => Some(Code::Rejected),
        503 => Some(act.unclear()),
        500.. if said.is_verdict => Some(Code::Rejected),
        500.. => Some(act.unclear()),
        // Redirects are not followed, so nothing was done.
        _ => Some(Code::UpstreamUnavailable),
    }
}

/// Some zones answer a missing record with 200 and an `item` of null, or with nothing at all.
fn no_body(said: &Said, act: Act) -> Option<Code> {
    match &said.body {
        Some(body) if act == Act::Get && body.get("item") == Some(&Value::Null) => {
            Some(Code::NotFound)
        }
        Some(_) => None,
        None if act == Act::Get && said.is_empty => Some(Code::NotFound),
        None if act == Act::Delete && said.is_empty => None,
        None => Some(act.unclear()),
    }
}

#[cfg(test)]
mod tests;
