//! Errors of the wire in sentences: what happened, and one act that helps.

use std::borrow::Cow;

use bytes::Bytes;
use http::Response;

use super::error_body::ParsedBody;
use super::{OperationKind, retry_after};
use crate::client::backend::{MAX_BODY_BYTES, TransportError};
use crate::error::{Code, Error, Retry, Upstream};

const CHECK_CREDENTIALS: &str = "Check AUTOTASK_USERNAME and AUTOTASK_SECRET, and that the user is not locked; \
    repeated tries lock it.";
const ASK_FOR_PERMISSION: &str = "Ask an Autotask administrator to grant this right to the security level \
    of the API user, and of the impersonated resource if there is one.";
const CHECK_API_URL: &str = "Where AUTOTASK_API_URL is set, let it end with /atservicesrest/; \
    else do without the entity, as only some tenants have it.";
const CHECK_FIRST: &str =
    "Read or search the record to see whether the write happened; write again only if it did not.";

/// The error of a reply.
pub(super) fn error(code: Code, reply: &Response<Bytes>, said: &ParsedBody) -> Error {
    let status = reply.status().as_u16();
    let error = Error::new(code, message(code, status, said))
        .upstream(Upstream { status, errors: said.reasons.clone() });
    match (code.retry(), retry_after::retry_after(reply)) {
        _ if reply.status().is_redirection() => error
            .with_retry(Retry::AfterChange)
            .next("Correct AUTOTASK_API_URL or AUTOTASK_ZONE_URL; no redirect is followed."),
        (Retry::Later(_), Some(seconds)) => {
            error.with_retry(Retry::Later(seconds)).next(wait_message(seconds))
        }
        _ => error.next(next(code, said)),
    }
}

/// The error of an address that Autotask does not know.
pub(super) fn unknown_path_error(reply: &Response<Bytes>, said: &ParsedBody) -> Error {
    let status = reply.status().as_u16();
    let message = "Autotask does not know this address: AUTOTASK_API_URL is not the zone's, or this tenant does not have the entity.";
    let error = Error::new(Code::NotFound, message).unknown_path();
    let error = match said.sentence() {
        reasons if reasons.is_empty() => error,
        reasons => error.also(&format!("Autotask says: {reasons}")),
    };
    error.next(CHECK_API_URL).upstream(Upstream { status, errors: said.reasons.clone() })
}

/// The error of a request that got no reply.
pub(in crate::client) fn broken(broken: &TransportError, act: OperationKind) -> Error {
    let why = match broken {
        TransportError::NotSent(reason) => return unreachable(reason),
        TransportError::TimedOut(limit) => {
            format!("Autotask did not answer within {} seconds.", limit.as_secs())
        }
        TransportError::Lost(reason) => format!("The connection was lost: {reason}."),
        TransportError::TooLarge => {
            format!("The reply is larger than {} MiB.", MAX_BODY_BYTES >> 20)
        }
        TransportError::TooMany => "The reply holds more values than fit into memory.".into(),
    };
    match broken {
        _ if act.writes() => {
            let message = format!("{why} The write was sent and may have happened.");
            Error::new(Code::OutcomeUnknown, message).next(CHECK_FIRST)
        }
        TransportError::TimedOut(_) => plain(Code::Timeout, why),
        TransportError::TooLarge | TransportError::TooMany => {
            Error::new(Code::UpstreamUnavailable, why)
                .with_retry(Retry::AfterChange)
                .next("Ask for fewer records or fewer fields.")
        }
        TransportError::NotSent(_) | TransportError::Lost(_) => {
            plain(Code::UpstreamUnavailable, why)
        }
    }
}

fn unreachable(reason: &str) -> Error {
    let message = format!("Autotask cannot be reached: {reason}. Nothing was sent.");
    Error::new(Code::UpstreamUnavailable, message)
        .next("Check the network and AUTOTASK_API_URL, then make the same call.")
}

fn plain(code: Code, message: String) -> Error {
    Error::new(code, message).next(next(code, &ParsedBody::default()))
}

fn message(code: Code, status: u16, said: &ParsedBody) -> String {
    match (code, said.sentence()) {
        (_, reasons) if reasons.is_empty() => sentence(code, status).into(),
        (Code::Rejected, reasons) => reasons,
        (_, reasons) => format!("{} Autotask says: {reasons}", sentence(code, status)),
    }
}

fn sentence(code: Code, status: u16) -> Cow<'static, str> {
    match code {
        Code::AuthFailed => "Autotask refused the credentials.".into(),
        Code::Forbidden => "Autotask denies this to the API user.".into(),
        Code::NotFound => "Autotask has no such record, or hides it from the API user.".into(),
        Code::NotAllowed => "Autotask does not take this method at this address.".into(),
        Code::RateLimited => "Autotask takes no more requests at once.".into(),
        Code::ThresholdReached => "The tenant's hourly threshold of requests is reached.".into(),
        Code::Timeout => "Autotask waited too long for the request.".into(),
        Code::OutcomeUnknown => {
            format!("The reply (status {status}) does not say what became of the write.").into()
        }
        Code::Rejected => format!("Autotask gave no reason (status {status}).").into(),
        _ => server_error_message(status),
    }
}

fn server_error_message(status: u16) -> Cow<'static, str> {
    match status {
        200..300 => "Autotask's reply does not read as JSON.".into(),
        300..400 => format!("A redirect came back (status {status}).").into(),
        _ => format!("Autotask is out of order (status {status}).").into(),
    }
}

fn wait_message(seconds: u64) -> String {
    let unit = if seconds == 1 { "second" } else { "seconds" };
    format!("Wait {seconds} {unit}, then make the same call.")
}

fn next(code: Code, said: &ParsedBody) -> Cow<'static, str> {
    match (code, code.retry()) {
        (Code::AuthFailed, _) if said.text.contains("integrationcode") => {
            "Correct AUTOTASK_INTEGRATION_CODE, then start the server again.".into()
        }
        (Code::AuthFailed, _) => CHECK_CREDENTIALS.into(),
        (Code::Forbidden, _) => ASK_FOR_PERMISSION.into(),
        (Code::NotFound, _) => "Find the record with a search.".into(),
        (Code::NotAllowed, _) => {
            "Call list-known-entities with detail to see what the entity takes.".into()
        }
        (Code::OutcomeUnknown, _) => CHECK_FIRST.into(),
        (_, Retry::Later(seconds)) => wait_message(seconds).into(),
        _ => "Correct the fields or ids; describe-entity-fields tells what each takes.".into(),
    }
}
