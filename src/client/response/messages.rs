//! The sentences of upstream errors: what happened, and what helps.

use std::borrow::Cow;

use bytes::Bytes;
use http::Response;

use super::error_body::ParsedBody;
use super::retry_after;
use crate::client::backend::{MAX_BODY_BYTES, TransportError};
use crate::client::retry::OperationKind;
use crate::error::{Code, Error, Retry, Upstream};

const CHECK_CREDENTIALS: &str = "Check AUTOTASK_USERNAME and AUTOTASK_SECRET, and that the user is not locked; \
    repeated attempts lock it.";
const REQUEST_PERMISSION: &str = "Ask an Autotask administrator to grant this permission to the security level \
    of the API user, and of the impersonated resource if there is one.";
const CHECK_API_URL: &str = "If AUTOTASK_API_URL is set, check that it ends with /atservicesrest/; \
    otherwise do not use this entity, which only some tenants have.";
const CHECK_FIRST: &str =
    "Read or search the record to see whether the write happened; repeat it only if it did not.";
const CORRECT_URL: &str =
    "Correct AUTOTASK_API_URL or AUTOTASK_ZONE_URL; redirects are not followed.";

/// The error of a response.
pub(super) fn error(code: Code, response: &Response<Bytes>, body: &ParsedBody) -> Error {
    let status = response.status().as_u16();
    let error = Error::new(code, message(code, status, body))
        .upstream(Upstream { status, errors: body.messages.clone() });
    let is_redirect = response.status().is_redirection();
    match (code.retry(), retry_after(response)) {
        (Retry::CheckFirst, _) if is_redirect => error.next(format!("{CHECK_FIRST} {CORRECT_URL}")),
        _ if is_redirect => error.with_retry(Retry::AfterChange).next(CORRECT_URL),
        (Retry::Later(_), Some(seconds)) => {
            error.with_retry(Retry::Later(seconds)).next(wait_message(seconds))
        }
        _ => error.next(next(code, body)),
    }
}

/// The error of a path that Autotask does not know.
pub(super) fn unknown_path_error(response: &Response<Bytes>, body: &ParsedBody) -> Error {
    let status = response.status().as_u16();
    let message = "Autotask does not know this path: AUTOTASK_API_URL is not the URL of the zone, or the tenant does not have this entity.";
    let error = Error::new(Code::NotFound, message).unknown_path();
    let error = match body.on_one_line() {
        messages if messages.is_empty() => error,
        messages => error.also(&format!("Autotask reports: {messages}")),
    };
    error.next(CHECK_API_URL).upstream(Upstream { status, errors: body.messages.clone() })
}

/// The error of a request without a response.
pub(in crate::client) fn transport_error(
    cause: &TransportError,
    operation: OperationKind,
) -> Error {
    let message = match cause {
        TransportError::NotSent(reason) => return unreachable_error(reason),
        TransportError::TimedOut(limit) => {
            format!("Autotask did not respond within {} seconds.", limit.as_secs())
        }
        TransportError::Lost(reason) => format!("The connection was lost: {reason}."),
        TransportError::TooLarge => {
            format!("The response is larger than {} MiB.", MAX_BODY_BYTES >> 20)
        }
        TransportError::TooMany => "The response is too large to process.".to_owned(),
    };
    match cause {
        _ if operation.is_write() => {
            let message = format!("{message} The write was sent and may have happened.");
            Error::new(Code::OutcomeUnknown, message).next(CHECK_FIRST)
        }
        TransportError::TimedOut(_) => without_body(Code::Timeout, message),
        TransportError::TooLarge | TransportError::TooMany => {
            Error::new(Code::UpstreamUnavailable, message)
                .with_retry(Retry::AfterChange)
                .next("Request fewer records or fewer fields.")
        }
        TransportError::NotSent(_) | TransportError::Lost(_) => {
            without_body(Code::UpstreamUnavailable, message)
        }
    }
}

fn unreachable_error(reason: &str) -> Error {
    let message = format!("Autotask cannot be reached: {reason}. Nothing was sent.");
    Error::new(Code::UpstreamUnavailable, message).next(
        "Check the network, the proxy and, if it is set, AUTOTASK_API_URL; then repeat the call.",
    )
}

fn without_body(code: Code, message: String) -> Error {
    Error::new(code, message).next(next(code, &ParsedBody::default()))
}

fn message(code: Code, status: u16, body: &ParsedBody) -> String {
    match (code, body.on_one_line()) {
        (_, messages) if messages.is_empty() => sentence(code, status).into(),
        (Code::Rejected, messages) => messages,
        (_, messages) => format!("{} Autotask reports: {messages}", sentence(code, status)),
    }
}

fn sentence(code: Code, status: u16) -> Cow<'static, str> {
    match code {
        Code::AuthFailed => "Autotask rejected the credentials.".into(),
        Code::Forbidden => "The API user lacks permission.".into(),
        Code::NotFound => "The record does not exist, or the API user cannot see it.".into(),
        Code::NotAllowed => "Autotask does not support this method for this entity.".into(),
        Code::RateLimited => "Too many concurrent requests.".into(),
        Code::ThresholdReached => {
            "The tenant's hourly threshold of API requests is reached.".into()
        }
        Code::Timeout => "Autotask timed out waiting for the request.".into(),
        Code::OutcomeUnknown => {
            format!("The response (status {status}) does not show whether the write happened.")
                .into()
        }
        Code::Rejected => {
            format!("Autotask rejected the request without a reason (status {status}).").into()
        }
        _ => server_error_message(status),
    }
}

fn server_error_message(status: u16) -> Cow<'static, str> {
    match status {
        200..300 => "Autotask's response is not valid JSON.".into(),
        300..400 => format!("Autotask responded with a redirect (status {status}).").into(),
        _ => format!("Autotask is unavailable (status {status}).").into(),
    }
}

fn wait_message(seconds: u64) -> String {
    let unit = if seconds == 1 { "second" } else { "seconds" };
    format!("Wait {seconds} {unit}, then repeat the call.")
}

fn next(code: Code, body: &ParsedBody) -> Cow<'static, str> {
    match (code, code.retry()) {
        (Code::AuthFailed, _) if body.lowercase.contains("integrationcode") => {
            "Correct AUTOTASK_INTEGRATION_CODE, then restart the server.".into()
        }
        (Code::AuthFailed, _) => CHECK_CREDENTIALS.into(),
        (Code::Forbidden, _) => REQUEST_PERMISSION.into(),
        (Code::NotFound, _) => "Find the record with a search.".into(),
        (Code::NotAllowed, _) => {
            "Call list-known-entities with detail to see what the entity supports.".into()
        }
        (Code::OutcomeUnknown, _) => CHECK_FIRST.into(),
        (_, Retry::Later(seconds)) => wait_message(seconds).into(),
        _ => "Correct the fields or ids; describe-entity-fields lists the accepted values.".into(),
    }
}
