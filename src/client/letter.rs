//! A request as it goes out: its address, its credentials, its body.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;

use crate::config::BaseUrl;
use crate::error::Error;
use crate::request::Request;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The request as it goes out, below the base of the zone.
pub(super) fn letter(
    base: &BaseUrl,
    request: &Request,
    headers: &HeaderMap,
) -> Result<http::Request<Bytes>, Error> {
    if climbs(&request.path) {
        return Err(unsendable(request));
    }
    let body = request.body.as_ref().map(Value::to_string);
    let mut letter = http::Request::builder()
        .method(&request.method)
        .uri(format!("{base}{}", request.address()))
        .body(Bytes::from(body.unwrap_or_default()))
        .map_err(|_| unsendable(request))?;
    letter.headers_mut().extend(headers.clone());
    letter.headers_mut().insert(ACCEPT, JSON);
    if request.body.is_some() {
        letter.headers_mut().insert(CONTENT_TYPE, JSON);
    }
    Ok(letter)
}

/// Whether a path has empty or dot segments, which would leave the version or the entity.
fn climbs(path: &str) -> bool {
    let path = bare(path).to_ascii_lowercase().replace("%2e", ".");
    path.split(['/', '\\']).any(|segment| matches!(segment, "" | "." | ".."))
}

fn unsendable(request: &Request) -> Error {
    Error::internal(format!("No request can be made to {:?}.", bare(&request.path)))
}

/// The path without its query, which may hold a tenant's data.
fn bare(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}
