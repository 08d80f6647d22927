//! What came back, read: the body of a good reply, or the error it amounts to.

mod said;
mod wait;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::Value;

use super::wire::{Broken, MAX_BODY};
use crate::error::{Code, Error, Retry, Upstream};
use said::Said;

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
    fn writes(self) -> bool {
        matches!(self, Self::Change | Self::Delete)
    }

    /// The code where nothing good came back and nothing says what happened.
    fn unclear(self) -> Code {
        if self.writes() {
            Code::OutcomeUnknown
        } else {
            Code::UpstreamUnavailable
        }
    }
}

/// The body of a good reply; `errors[]` makes any reply a bad one.
///
/// # Errors
///
/// The error that the status and Autotask's words amount to.
pub fn read(reply: &Response<Bytes>, act: Act) -> Result<Value, Error> {
    let said = Said::new(reply.body());
    match code(reply.status(), &said, act) {
        Some(code) => Err(error(code, reply, &said)),
        None => said
            .body
            .ok_or_else(|| Error::internal("A good reply had no body.")),
    }
}

/// What Autotask said, whatever the reply amounts to.
#[must_use]
pub fn upstream(reply: &Response<Bytes>) -> Upstream {
    Upstream {
        status: reply.status().as_u16(),
        errors: Said::new(reply.body()).reasons,
    }
}

fn code(status: StatusCode, said: &Said, act: Act) -> Option<Code> {
    match status.as_u16() {
        401 => Some(Code::AuthFailed),
        502 | 504 => Some(act.unclear()),
        status => known_words(said, act).or_else(|| by_status(status, said, act)),
    }
}

/// Sentences that mean more than the status they come with.
fn known_words(said: &Said, act: Act) -> Option<Code> {
    let any = |words: &[&str]| words.iter().any(|word| said.text.contains(word));
    if any(&["itgenatr005", "thread threshold", "thread limit"]) {
        Some(Code::RateLimited)
    } else if any(&[
        "request threshold",
        "requests threshold",
        "maximum number of requests",
    ]) || (any(&["threshold"])
        && any(&["per hour", "hourly", "external request", "requests"]))
    {
        Some(Code::ThresholdReached)
    } else if any(&["adequate permissions"]) {
        Some(Code::Forbidden)
    } else if any(&[
        "integrationcode is invalid",
        "zone information could not be determined",
    ]) {
        Some(Code::AuthFailed)
    } else if act == Act::Delete && any(&["no matching records found"]) {
        Some(Code::NotFound)
    } else {
        None
    }
}

fn by_status(status: u16, said: &Said, act: Act) -> Option<Code> {
    match status {
        200..300 if said.is_verdict => Some(Code::Rejected),
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
        None => Some(act.unclear()),
    }
}

fn error(code: Code, reply: &Response<Bytes>, said: &Said) -> Error {
    let status = reply.status().as_u16();
    let error = Error::new(code, message(code, status, said)).upstream(Upstream {
        status,
        errors: said.reasons.clone(),
    });
    match wait::seconds(reply) {
        Some(seconds) if matches!(code.retry(), Retry::Later(_)) => {
            error.retry(Retry::Later(seconds)).next(later(seconds))
        }
        _ => error.next(next(code, said)),
    }
}

fn message(code: Code, status: u16, said: &Said) -> String {
    let reasons = said.sentence();
    match (sentence(code, status), reasons.as_str()) {
        (sentence, "") => sentence,
        (_, reasons) if code == Code::Rejected => reasons.to_owned(),
        (sentence, reasons) => format!("{sentence} Autotask says: {reasons}"),
    }
}

fn sentence(code: Code, status: u16) -> String {
    let text = match code {
        Code::AuthFailed => "Autotask refused the credentials.",
        Code::Forbidden => "Autotask denies this to the API user.",
        Code::NotFound => "Autotask has no such record, or does not show it to the API user.",
        Code::NotAllowed => "Autotask does not take this method at this address.",
        Code::RateLimited => "Autotask takes no more requests at once.",
        Code::ThresholdReached => "The tenant's hourly threshold of requests is reached.",
        Code::Timeout => "Autotask waited too long for the request.",
        Code::OutcomeUnknown => {
            return format!("The reply (status {status}) does not say what became of the write.");
        }
        _ if (200..300).contains(&status) => "Autotask's reply does not read as JSON.",
        _ if (300..400).contains(&status) => {
            return format!("A redirect came back (status {status}); none is followed.");
        }
        Code::Rejected => {
            return format!("Autotask refused the request (status {status}) and gave no reason.");
        }
        _ => return format!("Autotask is out of order (status {status})."),
    };
    text.to_owned()
}

fn later(seconds: u64) -> String {
    format!("Wait {seconds} seconds, then make the same call.")
}

fn next(code: Code, said: &Said) -> String {
    let text = match code {
        Code::AuthFailed if said.text.contains("integrationcode") => {
            "Correct AUTOTASK_INTEGRATION_CODE, then start the server again."
        }
        Code::AuthFailed => {
            "Check AUTOTASK_USERNAME and AUTOTASK_SECRET, and that the user is active and not locked; repeated tries lock it."
        }
        Code::Forbidden => {
            "Ask an Autotask administrator to grant this right to the API user's security level, and to the impersonated resource if there is one."
        }
        Code::NotFound => "Find the record with a search.",
        Code::NotAllowed => "Call list-known-entities with detail to see what the entity takes.",
        Code::Rejected => {
            "Change what Autotask names; describe-entity-fields tells what each field takes."
        }
        Code::OutcomeUnknown => CHECK_FIRST,
        code => match code.retry() {
            Retry::Later(seconds) => return later(seconds),
            _ => "Read the settings again with `autotask-mcp doctor`.",
        },
    };
    text.to_owned()
}

const CHECK_FIRST: &str =
    "Read or search the record to see whether the write happened; write again only if it did not.";

/// The error of a request that got no reply.
#[must_use]
pub fn broken(broken: &Broken, act: Act) -> Error {
    let why = match broken {
        Broken::NotSent(reason) => return unreachable(reason),
        Broken::TimedOut(limit) => {
            format!(
                "Autotask did not answer within {} seconds.",
                limit.as_secs()
            )
        }
        Broken::Lost(reason) => format!("The connection was lost: {reason}."),
        Broken::TooLarge => format!("The reply is larger than {} MiB.", MAX_BODY >> 20),
    };
    match broken {
        _ if act.writes() => {
            let message = format!("{why} The write was sent and may have happened.");
            Error::new(Code::OutcomeUnknown, message).next(CHECK_FIRST)
        }
        Broken::TimedOut(_) => plain(Code::Timeout, why),
        Broken::TooLarge => Error::new(Code::UpstreamUnavailable, why)
            .retry(Retry::AfterChange)
            .next("Ask for fewer records or fewer fields."),
        Broken::NotSent(_) | Broken::Lost(_) => plain(Code::UpstreamUnavailable, why),
    }
}

fn unreachable(reason: &str) -> Error {
    let message = format!("Autotask cannot be reached: {reason}. Nothing was sent.");
    Error::new(Code::UpstreamUnavailable, message)
        .next("Check the network and AUTOTASK_API_URL, then make the same call.")
}

fn plain(code: Code, message: String) -> Error {
    Error::new(code, message).next(next(code, &Said::default()))
}

#[cfg(test)]
mod tests;
