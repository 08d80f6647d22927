//! A request as it is sent over HTTP.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::config::BaseUrl;
use crate::error::Error;
use crate::plan::request::Request;

const JSON_CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/json");
const IMPERSONATION: HeaderName = HeaderName::from_static("impersonationresourceid");

/// The HTTP request that is sent, below the base URL of the zone.
pub(super) fn http_request(
    base: &BaseUrl,
    request: &Request,
    headers: &HeaderMap,
) -> Result<http::Request<Bytes>, Error> {
    if has_dot_segments(&request.path) {
        return Err(bad_path_error(request));
    }
    let body = request.body.as_ref().map(Value::to_string);
    let mut message = http::Request::builder()
        .method(&request.method)
        .uri(format!("{base}{}", request.url_path()))
        .body(Bytes::from(body.unwrap_or_default()))
        .map_err(|_| bad_path_error(request))?;
    message.headers_mut().extend(headers.clone());
    message.headers_mut().insert(ACCEPT, JSON_CONTENT_TYPE);
    // On a read, Autotask rejects this header ("adequate permissions to query").
    message.headers_mut().extend(request.author.map(|id| (IMPERSONATION, id.into())));
    if request.body.is_some() {
        message.headers_mut().insert(CONTENT_TYPE, JSON_CONTENT_TYPE);
    }
    Ok(message)
}

/// Whether a path has empty or dot segments, which would lead out of the version or the entity.
fn has_dot_segments(path: &str) -> bool {
    let path = strip_query(path).to_ascii_lowercase().replace("%2e", ".");
    path.split(['/', '\\']).any(|segment| matches!(segment, "" | "." | ".."))
}

fn bad_path_error(request: &Request) -> Error {
    Error::internal(format!("The path {:?} is not valid.", strip_query(&request.path)))
}

/// The path without its query, which may hold a tenant's data.
fn strip_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}
