//! A request as it goes out: its address, its credentials, its body.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;

use crate::client::request::Request;
use crate::config::BaseUrl;
use crate::error::Error;

const JSON_CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/json");

/// The request as it goes out, below the base of the zone.
pub(super) fn http_request(
    base: &BaseUrl,
    request: &Request,
    headers: &HeaderMap,
) -> Result<http::Request<Bytes>, Error> {
    if has_dot_segments(&request.path) {
        return Err(bad_path_error(request));
    }
    let body = request.body.as_ref().map(Value::to_string);
    let mut letter = http::Request::builder()
        .method(&request.method)
        .uri(format!("{base}{}", request.url_path()))
        .body(Bytes::from(body.unwrap_or_default()))
        .map_err(|_| bad_path_error(request))?;
    letter.headers_mut().extend(headers.clone());
    letter.headers_mut().insert(ACCEPT, JSON_CONTENT_TYPE);
    if request.body.is_some() {
        letter.headers_mut().insert(CONTENT_TYPE, JSON_CONTENT_TYPE);
    }
    Ok(letter)
}

/// Whether a path has empty or dot segments, which would leave the version or the entity.
fn has_dot_segments(path: &str) -> bool {
    let path = without_query(path).to_ascii_lowercase().replace("%2e", ".");
    path.split(['/', '\\']).any(|segment| matches!(segment, "" | "." | ".."))
}

fn bad_path_error(request: &Request) -> Error {
    Error::internal(format!("No request can be made to {:?}.", without_query(&request.path)))
}

/// The path without its query, which may hold a tenant's data.
fn without_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}
