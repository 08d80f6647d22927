//! Reads the parts of a request: headers, query parameters and the JSON body.

use bytes::Bytes;
use http::Request;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::error::ApiError;

/// A header's text; empty if it is absent.
pub(crate) fn header<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    let value = request.headers().get(name);
    value.and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// A decoded parameter of the query string.
pub(crate) fn parameter(request: &Request<Bytes>, name: &str) -> Option<String> {
    let query = request.uri().query()?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    let spaced = value.replace('+', " ");
    Some(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

/// The body, which must be a JSON object.
pub(crate) fn object_body(request: &Request<Bytes>) -> Result<Value, ApiError> {
    let body: Value =
        serde_json::from_slice(request.body()).map_err(|error| ApiError::invalid_json(&error))?;
    match body {
        Value::Object(_) => Ok(body),
        _ => Err(ApiError::rejected("The request body must be a JSON object.")),
    }
}

/// The member of an object with this name, in any letter case.
pub(crate) fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let mut pairs = object.as_object()?.iter();
    let found = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}
