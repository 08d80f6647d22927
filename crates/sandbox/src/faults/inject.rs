//! Applies one fault to one request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use http::{Request, Response, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::ApiError;
use crate::faults::{Fault, FaultResult};
use crate::response::{self, JSON};
use crate::router;
use crate::state::State;

const THREAD_LIMIT: &str =
    "Itgenatr005: The thread threshold of 3 for this object has been exceeded.";
const THRESHOLD: &str =
    "You have exceeded your request threshold of 10000 external requests per 60 minutes.";
const VALIDATION: &str = "Picklist value [99] does not exist for status.";
const OTHER_HOST: &str = "https://evil.example.test/";
/// How many bytes a wrong `Content-Length` exceeds the body by.
const MISSING_BYTES: usize = 1_000;
const SPACES: &[u8] = &[b' '; 1 << 16];

/// Applies a fault to a request, and returns the result for the client.
pub(crate) fn inject(fault: &Fault, state: &mut State, request: &Request<Bytes>) -> FaultResult {
    let is_received =
        !matches!(fault, Fault::ConnectionRefused | Fault::Disconnect { handled: false });
    if is_received {
        state.log(request);
    }
    if let Fault::Disconnect { handled: true } | Fault::NoResponse { handled: true } = fault {
        router::handle(state, request);
    }
    let now = state.store.clock.now();
    match fault {
        Fault::ConnectionRefused => FaultResult::ConnectionRefused,
        Fault::Disconnect { .. } => FaultResult::Disconnect,
        Fault::NoResponse { .. } => FaultResult::NoResponse,
        Fault::Delayed(time) => FaultResult::Delayed(*time, router::handle(state, request)),
        Fault::SlowBody(time) => FaultResult::SlowBody(*time, router::handle(state, request)),
        Fault::Oversized(size) => FaultResult::Oversized(response::with_date(spaces(), now), *size),
        Fault::EmptyObject
        | Fault::Truncated
        | Fault::InvalidUtf8
        | Fault::WrongContentType
        | Fault::WrongLength => {
            FaultResult::Response(damage(fault, router::handle(state, request)))
        }
        _ => FaultResult::Response(response::with_date(error_response(fault, request), now)),
    }
}

/// Damages the response of a handled request.
fn damage(fault: &Fault, response: Response<Bytes>) -> Response<Bytes> {
    match fault {
        Fault::Truncated => response.map(|body| body.slice(..body.len() / 2)),
        Fault::InvalidUtf8 => response.map(|body| with_invalid_byte(&body)),
        Fault::WrongContentType => with_header(
            response,
            CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        ),
        Fault::WrongLength => {
            let length = response.body().len() + MISSING_BYTES;
            with_header(response, CONTENT_LENGTH, length.into())
        }
        _ => response.map(|_| Bytes::from_static(b"{}")),
    }
}

/// The response of a request that is not handled.
fn error_response(fault: &Fault, request: &Request<Bytes>) -> Response<Bytes> {
    match fault {
        Fault::TooManyRequests { retry_after } => too_many_requests(retry_after.as_deref()),
        Fault::ThreadLimit => reject(ApiError::rejected(THREAD_LIMIT)),
        Fault::ThresholdExceeded => reject(ApiError::rejected(THRESHOLD)),
        Fault::ValidationError => reject(ApiError::record(VALIDATION)),
        Fault::PermissionDenied => reject(ApiError::permission_denied("query")),
        Fault::EchoHeaders => reject(ApiError::rejected(quote_headers(request))),
        Fault::Unauthorized => reject(ApiError::Unauthorized),
        Fault::Html500 => page(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::BadGateway => page(StatusCode::BAD_GATEWAY),
        Fault::Unavailable => page(StatusCode::SERVICE_UNAVAILABLE),
        Fault::GatewayTimeout => page(StatusCode::GATEWAY_TIMEOUT),
        Fault::NotJson => page(StatusCode::OK),
        Fault::Redirect => {
            let response = response::build(StatusCode::FOUND, "text/html", Vec::new());
            with_header(response, LOCATION, HeaderValue::from_static(OTHER_HOST))
        }
        _ => response::build(StatusCode::INTERNAL_SERVER_ERROR, JSON, Vec::new()),
    }
}

fn reject(error: ApiError) -> Response<Bytes> {
    response::from_result(Err(error))
}

fn spaces() -> Response<Bytes> {
    let empty = response::build(StatusCode::OK, JSON, Vec::new());
    empty.map(|_| Bytes::from_static(SPACES))
}

/// Inserts an invalid byte into the first name of the body.
fn with_invalid_byte(body: &Bytes) -> Bytes {
    let mut body = body.to_vec();
    let quote = body.iter().position(|byte| *byte == b'"');
    body.insert(quote.map_or(0, |index| index + 1), 0xC3);
    body.into()
}

fn with_header(
    mut response: Response<Bytes>,
    name: http::HeaderName,
    value: HeaderValue,
) -> Response<Bytes> {
    response.headers_mut().insert(name, value);
    response
}

fn too_many_requests(retry_after: Option<&str>) -> Response<Bytes> {
    let response = response::build(StatusCode::TOO_MANY_REQUESTS, JSON, Vec::new());
    match retry_after.and_then(|value| value.parse().ok()) {
        Some(value) => with_header(response, RETRY_AFTER, value),
        None => response,
    }
}

fn quote_headers(request: &Request<Bytes>) -> String {
    let values = request.headers().iter().map(|(name, value)| {
        let plain = String::from_utf8_lossy(value.as_bytes());
        let encoded = utf8_percent_encode(&plain, NON_ALPHANUMERIC);
        format!("{name}: {plain} {encoded} {}", STANDARD.encode(value))
    });
    let values = values.collect::<Vec<_>>().join("; ");
    format!("No handler for a call with {values}.")
}

fn page(status: StatusCode) -> Response<Bytes> {
    let title = status.canonical_reason().unwrap_or_default();
    let html = format!(
        "<!DOCTYPE html><html><head><title>{title}</title></head>\
         <body><h1>{} - {title}</h1></body></html>",
        status.as_u16()
    );
    response::build(status, "text/html", html.into_bytes())
}
