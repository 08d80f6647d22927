//! What goes back: envelopes, and the shapes in which Autotask refuses.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, HeaderValue};
use http::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::date::NOW_IN_HTTP;

/// The content type of JSON.
pub(super) const JSON: &str = "application/json; charset=utf-8";
const NOT_FOUND_PAGE: &str = include_str!("reply/404.html");

/// Why a request is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No such address: the web server's own page.
    NoRoute,
    /// No record of this id.
    NoRecord,
    /// The address exists and does not take this method.
    NoVerb(Method),
    /// The secret is wrong.
    Unauthorized,
    /// A rule of the tenant, told in `errors`.
    Rejected(String),
}

impl Refusal {
    /// A rejection in these words.
    pub(super) fn because(words: impl Into<String>) -> Self {
        Self::Rejected(words.into())
    }

    /// A rejection of a record, with the marker that such messages end with.
    pub(super) fn of_record(words: impl AsRef<str>) -> Self {
        Self::Rejected(format!("{} ; on record number [1].", words.as_ref()))
    }

    /// The rejection of an id that stands for nothing usable.
    pub(super) fn reference(field: &str, kind: &str) -> Self {
        Self::of_record(format!(
            "Reference value on field: {field} of type: {kind} does not exist or is invalid."
        ))
    }

    /// The rejection of a field left out or emptied.
    pub(super) fn missing(field: &str) -> Self {
        Self::of_record(format!("Missing Required Field: {field}"))
    }
}

/// The answer on the wire.
pub(super) fn of(result: Result<Vec<u8>, Refusal>) -> Response<Bytes> {
    match result {
        Ok(body) => response(StatusCode::OK, JSON, body),
        Err(refusal) => refused(&refusal),
    }
}

fn refused(refusal: &Refusal) -> Response<Bytes> {
    match refusal {
        Refusal::NoRoute => response(StatusCode::NOT_FOUND, "text/html", NOT_FOUND_PAGE.into()),
        Refusal::NoRecord => response(StatusCode::NOT_FOUND, JSON, Vec::new()),
        Refusal::NoVerb(method) => {
            let words = format!("The requested resource does not support http method '{method}'.");
            let body = json!({ "Message": words });
            response(StatusCode::METHOD_NOT_ALLOWED, JSON, bytes(&body))
        }
        Refusal::Unauthorized => response(StatusCode::UNAUTHORIZED, JSON, Vec::new()),
        Refusal::Rejected(words) => {
            let body = json!({ "errors": [words] });
            response(StatusCode::INTERNAL_SERVER_ERROR, JSON, bytes(&body))
        }
    }
}

/// A JSON value as a body.
pub(super) fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

/// An answer of this status, content type and body.
pub(super) fn response(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    let now = HeaderValue::from_static(NOW_IN_HTTP);
    response.headers_mut().insert(DATE, now);
    response
}
