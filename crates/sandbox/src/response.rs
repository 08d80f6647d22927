//! HTTP responses: status, content type, date and body.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, HeaderValue};
use http::{Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::error::ApiError;

/// The content type of JSON.
pub(crate) const JSON: &str = "application/json; charset=utf-8";
const NOT_FOUND_PAGE: &str = include_str!("../data/404.html");

/// The response for the result of a request.
pub(crate) fn from_result(result: Result<Vec<u8>, ApiError>) -> Response<Bytes> {
    match result {
        Ok(body) => build(StatusCode::OK, JSON, body),
        Err(error) => from_error(&error),
    }
}

fn from_error(error: &ApiError) -> Response<Bytes> {
    match error {
        ApiError::UnknownPath => build(StatusCode::NOT_FOUND, "text/html", NOT_FOUND_PAGE.into()),
        ApiError::RecordNotFound => build(StatusCode::NOT_FOUND, JSON, Vec::new()),
        ApiError::MethodNotAllowed(method) => {
            let text = format!("The requested resource does not support http method '{method}'.");
            build(StatusCode::METHOD_NOT_ALLOWED, JSON, to_bytes(&json!({ "Message": text })))
        }
        ApiError::Unauthorized => build(StatusCode::UNAUTHORIZED, JSON, Vec::new()),
        ApiError::Rejected(message) => {
            let body = json!({ "errors": [message] });
            build(StatusCode::INTERNAL_SERVER_ERROR, JSON, to_bytes(&body))
        }
    }
}

/// A JSON value as a body.
pub(crate) fn to_bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

/// A response of this status, content type and body.
pub(crate) fn build(
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Sets the `Date` header.
pub(crate) fn with_date(mut response: Response<Bytes>, now: Timestamp) -> Response<Bytes> {
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(DATE, date);
    }
    response
}
