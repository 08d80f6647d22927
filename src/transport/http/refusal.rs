//! What is said to whoever is not let in: an HTTP status, and a JSON-RPC error that says why.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, StatusCode};
use rmcp::model::{ErrorData, RequestId};
use serde_json::json;

/// Why a request is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A foreign `Host` or `Origin`.
    Foreign,
    /// No token, or one that nobody has.
    Unknown,
    /// More is worked on already than may be.
    Busy,
    TooLarge,
    /// The body did not come in time.
    Unread,
    /// The body is not sent as HTTP wants it.
    Torn,
    NoJson,
    /// JSON, but no JSON-RPC message.
    NoMessage,
    /// Neither JSON nor an event stream is taken, or something else than JSON is sent.
    Unfit(StatusCode),
    NotPost,
    Nowhere,
    NotReady,
    /// The request's first lines are not HTTP, or too long.
    NoHead(StatusCode),
}

/// Asked for again after so many seconds.
const SOON: &str = "1";

impl Refusal {
    fn parts(self) -> (StatusCode, i32, &'static str) {
        match self {
            Self::Foreign => {
                (StatusCode::FORBIDDEN, -32600, "The Host or Origin of the request is not let in.")
            }
            Self::Unknown => (
                StatusCode::UNAUTHORIZED,
                -32600,
                "A valid bearer token is needed in Authorization.",
            ),
            Self::Busy => (
                StatusCode::TOO_MANY_REQUESTS,
                -32000,
                "Too many calls at the same time; try again in a second.",
            ),
            Self::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, -32600, "The request is larger than 1 MiB.")
            }
            Self::Unread => {
                (StatusCode::REQUEST_TIMEOUT, -32600, "The request did not come whole in time.")
            }
            Self::NoJson => (StatusCode::BAD_REQUEST, -32700, "The body is no JSON."),
            Self::NoMessage => {
                (StatusCode::BAD_REQUEST, -32600, "The body is no JSON-RPC 2.0 message.")
            }
            Self::Torn => {
                (StatusCode::BAD_REQUEST, -32600, "The body does not come as its headers say.")
            }
            Self::Unfit(status) => (status, unfit(status).0, unfit(status).1),
            Self::NotPost => (
                StatusCode::METHOD_NOT_ALLOWED,
                -32600,
                "The server keeps no sessions; only POST is taken.",
            ),
            Self::Nowhere => {
                (StatusCode::NOT_FOUND, -32600, "There is nothing here; MCP is at /mcp.")
            }
            Self::NoHead(status) => (status, -32600, unread(status)),
            Self::NotReady => {
                (StatusCode::SERVICE_UNAVAILABLE, -32000, "The way to Autotask is not open.")
            }
        }
    }

    fn body(self) -> String {
        let (_, code, message) = self.parts();
        let error = json!({ "code": code, "message": message });
        json!({ "jsonrpc": "2.0", "id": null, "error": error }).to_string()
    }

    /// The answer as bytes, for a connection that ends with it.
    pub fn whole(self) -> String {
        let (status, body) = (self.parts().0, self.body());
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
    }

    fn header(self) -> Option<(HeaderName, HeaderValue)> {
        let header = |name, value| Some((name, HeaderValue::from_static(value)));
        match self {
            Self::Unknown => header(WWW_AUTHENTICATE, "Bearer realm=\"autotask-mcp\""),
            Self::Busy | Self::NotReady => header(RETRY_AFTER, SOON),
            Self::NotPost => header(ALLOW, "POST"),
            _ => None,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = spoken(self.parts().0, self.body());
        response.headers_mut().extend(self.header());
        response
    }
}

/// The refusal of a message whose id is known.
pub fn to(id: &RequestId, error: &ErrorData) -> Response {
    let body = json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string();
    spoken(StatusCode::BAD_REQUEST, body)
}

fn spoken(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// What the transport below means by a status.
fn unfit(status: StatusCode) -> (i32, &'static str) {
    match status {
        StatusCode::NOT_ACCEPTABLE => {
            (-32600, "Accept must name both application/json and text/event-stream.")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (-32600, "Content-Type must be application/json."),
        StatusCode::BAD_REQUEST => (
            -32600,
            "A header does not fit: MCP-Protocol-Version names no version that is spoken here.",
        ),
        _ if status.is_server_error() => (-32603, "The server failed to answer."),
        _ => (-32600, "The request is not understood."),
    }
}

fn unread(status: StatusCode) -> &'static str {
    match status {
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            "The headers of the request are larger than 64 KiB, or more than 100."
        }
        StatusCode::URI_TOO_LONG => "The address of the request is too long.",
        _ => "The first lines of the request are not HTTP/1.1.",
    }
}

fn essence(value: &HeaderValue) -> &str {
    let value = value.to_str().unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

/// Whether a `Content-Type` is JSON.
pub fn is_json(value: &HeaderValue) -> bool {
    essence(value).eq_ignore_ascii_case("application/json")
}

/// The same of what the transport below refused in plain text.
pub fn in_json(response: Response) -> Response {
    let status = response.status();
    if status.is_success() || response.headers().get(CONTENT_TYPE).is_some_and(is_json) {
        return response;
    }
    let refusal = match status {
        StatusCode::METHOD_NOT_ALLOWED => Refusal::NotPost,
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
        status => Refusal::Unfit(status),
    };
    refusal.into_response()
}
