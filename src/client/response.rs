//! Responses: the body of a successful one, or the error that a failed one means.

pub mod body;
mod error_body;
mod messages;
mod null_stripping;
mod rows;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, HeaderName, RETRY_AFTER};
use http::{Response, StatusCode};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde_json::{Value, json};

use crate::client::backend::TransportError;
use crate::client::created_id;
use crate::client::retry::{FailureKind, OperationKind};
use crate::error::{Code, Error, Upstream};
use body::Body;
use error_body::ParsedBody;

pub(super) use messages::transport_error;

/// The body of a successful response; any response with `errors[]` is an error.
///
/// # Errors
///
/// The error that the status and Autotask's messages mean.
pub fn read(
    response: &Response<Bytes>,
    operation: OperationKind,
    request_body: &[u8],
) -> Result<Value, Error> {
    read_body(response, operation, request_body).map(Body::into_value)
}

/// The same, with the items of a page apart.
///
/// # Errors
/// As for the body.
pub fn read_body(
    response: &Response<Bytes>,
    operation: OperationKind,
    request_body: &[u8],
) -> Result<Body, Error> {
    let is_page = operation == OperationKind::Query;
    let body = ParsedBody::new(response.body(), request_body, is_page);
    match code(response.status(), &body, operation) {
        Some(Code::NotFound) if is_unknown_path(response, &body, operation) => {
            Err(messages::unknown_path_error(response, &body))
        }
        Some(code) => Err(messages::error(code, response, &body)),
        // The response to a delete may have only a status.
        None if operation == OperationKind::Delete => {
            Ok(body.json.unwrap_or_else(|| json!({})).into())
        }
        None => {
            let json = body.json;
            let json = json.ok_or_else(|| Error::internal("A successful response had no body."))?;
            Ok(Body { json, items: body.items })
        }
    }
}

/// The kind of a failure, for the retry policy.
pub(super) fn classify_failure(
    sent: &Result<Response<Bytes>, TransportError>,
    error: &Error,
) -> FailureKind {
    match sent {
        Err(TransportError::NotSent(_)) => FailureKind::NotSent,
        Err(TransportError::TimedOut(_) | TransportError::Lost(_)) => FailureKind::Transient,
        Err(TransportError::TooLarge | TransportError::TooMany) => FailureKind::Permanent,
        Ok(response) => match (response.status().as_u16(), error.code()) {
            (300..400, _) => FailureKind::Permanent,
            (_, Code::OutcomeUnknown) => FailureKind::Transient,
            (401, _) => FailureKind::Unauthorized,
            (429, code) => match retry_after(response) {
                None if code == Code::ThresholdReached => FailureKind::Permanent,
                seconds => FailureKind::Throttled(seconds),
            },
            (_, Code::RateLimited) => FailureKind::ThreadLimit,
            (400..500, _) => FailureKind::Permanent,
            (_, Code::UpstreamUnavailable | Code::Timeout) => FailureKind::Transient,
            _ => FailureKind::Permanent,
        },
    }
}

/// Autotask's status and messages.
#[must_use]
pub fn upstream(response: &Response<Bytes>) -> Upstream {
    Upstream {
        status: response.status().as_u16(),
        errors: ParsedBody::new(response.body(), &[], false).messages,
    }
}

fn code(status: StatusCode, body: &ParsedBody, operation: OperationKind) -> Option<Code> {
    match status.as_u16() {
        _ if names_record_despite_error(status, body, operation) => Some(Code::OutcomeUnknown),
        401 => Some(Code::AuthFailed),
        502 | 504 => Some(operation.ambiguous_code()),
        status => {
            code_by_phrase(body, operation).or_else(|| code_by_status(status, body, operation))
        }
    }
}

/// A rejection that names a created record proves nothing; a delete creates none.
fn names_record_despite_error(
    status: StatusCode,
    body: &ParsedBody,
    operation: OperationKind,
) -> bool {
    let created = body.json.as_ref().and_then(created_id);
    let is_rejected = !status.is_success() || body.has_errors;
    operation == OperationKind::Mutate && is_rejected && created.is_some_and(|id| id > 0)
}

/// Messages that are more specific than the status.
fn code_by_phrase(body: &ParsedBody, operation: OperationKind) -> Option<Code> {
    let any = |phrases: &[&str]| phrases.iter().any(|phrase| body.lowercase.contains(phrase));
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
    } else if operation == OperationKind::Delete && any(&["no matching records found"]) {
        Some(Code::NotFound)
    } else {
        None
    }
}

/// Whether a 404 means an unknown path: an HTML page, or the response to a query, which has status 200 if it finds
/// nothing.
fn is_unknown_path(
    response: &Response<Bytes>,
    body: &ParsedBody,
    operation: OperationKind,
) -> bool {
    let content_type = header(response, &CONTENT_TYPE);
    let is_html = content_type.is_some_and(|kind| kind.starts_with("text/html"));
    let no_route = (is_html && !body.is_empty)
        || error_body::is_html(response.body())
        || body.lowercase.contains("no http resource");
    response.status() == 404 && (no_route || operation == OperationKind::Query)
}

fn code_by_status(status: u16, body: &ParsedBody, operation: OperationKind) -> Option<Code> {
    match status {
        200..300 if body.has_errors => Some(Code::Rejected),
        200..300 => code_for_empty_body(body, operation),
        403 => Some(Code::Forbidden),
        404 | 410 => Some(Code::NotFound),
        405 => Some(Code::NotAllowed),
        408 if operation.is_write() => Some(Code::OutcomeUnknown),
        408 => Some(Code::Timeout),
        429 => Some(Code::RateLimited),
        400..500 => Some(Code::Rejected),
        503 => Some(operation.ambiguous_code()),
        500.. if body.is_about_request => Some(Code::Rejected),
        // Server errors and redirects, which are not followed: a write may have been processed.
        _ => Some(operation.ambiguous_code()),
    }
}

/// For a missing record, some zones send 200 with an `item` of null, or with an empty body.
fn code_for_empty_body(body: &ParsedBody, operation: OperationKind) -> Option<Code> {
    match &body.json {
        Some(json) if operation == OperationKind::Get && json.get("item") == Some(&Value::Null) => {
            Some(Code::NotFound)
        }
        Some(_) => None,
        None if operation == OperationKind::Get && body.is_empty => Some(Code::NotFound),
        None if operation == OperationKind::Delete && body.is_empty => None,
        None => Some(operation.ambiguous_code()),
    }
}

/// The seconds of `Retry-After`, at least 1; a date counts from the response's own `Date`, or else from now.
fn retry_after(response: &Response<Bytes>) -> Option<u64> {
    let text = header(response, &RETRY_AFTER)?;
    let seconds = text.parse().ok().or_else(|| seconds_until(text, response))?;
    Some(seconds.max(1))
}

fn seconds_until(date: &str, response: &Response<Bytes>) -> Option<u64> {
    let sent = header(response, &DATE).and_then(http_date).unwrap_or_else(Timestamp::now);
    let wait = http_date(date)?.duration_since(sent);
    Some(u64::try_from(wait.as_secs()).unwrap_or_default())
}

fn header<'a>(response: &'a Response<Bytes>, name: &HeaderName) -> Option<&'a str> {
    let value = response.headers().get(name)?;
    value.to_str().ok().map(str::trim)
}

fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests;
