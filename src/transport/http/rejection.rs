//! Why a request is rejected: an HTTP status and a JSON-RPC error.

use axum::Json;
use axum::body::to_bytes;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, StatusCode};
use rmcp::model::{ErrorCode, ErrorData, JsonRpcError, RequestId};

/// The error code of a temporary condition; JSON-RPC leaves it to the server.
const TEMPORARY: ErrorCode = ErrorCode(-32000);
const RETRY_AFTER_SECONDS: &str = "1";
/// rmcp's own error texts are one line.
const MAX_ERROR_TEXT_BYTES: usize = 4096;

/// Why a request is not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// `Host` or `Origin` is not allowed.
    ForbiddenHostOrOrigin,
    /// No bearer token, or an unknown one.
    Unauthorized,
    /// The same where access tokens are accepted.
    InvalidToken(Challenge),
    /// The access token is valid and lacks a scope.
    InsufficientScope(Challenge),
    /// A header that restricts the request has an invalid value.
    InvalidRestriction(String),
    /// `Accept` excludes JSON.
    NotAcceptable,
    /// The limit of concurrent requests is reached.
    TooManyRequests,
    /// The body exceeds the limit.
    BodyTooLarge,
    /// The body did not arrive in time.
    BodyTimeout,
    /// The body does not match its headers.
    MalformedBody,
    /// The body is not JSON.
    InvalidJson,
    /// The body is JSON, but not a JSON-RPC message.
    InvalidJsonRpc,
    /// `/mcp` supports only POST.
    MethodNotAllowed,
    /// No such path.
    NotFound,
    /// Calls to Autotask would fail.
    NotReady,
}

/// The response to a rejected token, apart from its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The value of `WWW-Authenticate`.
    pub header: HeaderValue,
    /// The reason, for people.
    pub message: String,
}

impl Rejection {
    fn status_and_message(&self) -> (u16, &str) {
        match self {
            Self::InvalidRestriction(message) => (400, message),
            Self::MalformedBody => (400, "Malformed request body."),
            Self::InvalidJson => (400, "The request body is not valid JSON."),
            Self::InvalidJsonRpc => (400, "The request body is not a JSON-RPC 2.0 message."),
            Self::Unauthorized => (401, "Authorization requires a valid bearer token."),
            Self::InvalidToken(challenge) => (401, &challenge.message),
            Self::InsufficientScope(challenge) => (403, &challenge.message),
            Self::ForbiddenHostOrOrigin => (403, "Host or Origin not allowed."),
            Self::NotFound => (404, "Not found; the MCP endpoint is /mcp."),
            Self::MethodNotAllowed => (405, "The server is stateless; /mcp supports only POST."),
            Self::NotAcceptable => (406, "Accept must allow application/json."),
            Self::BodyTimeout => (408, "Request body timed out."),
            Self::BodyTooLarge => (413, "The request body is larger than 10 MiB."),
            Self::TooManyRequests => (429, "Too many concurrent requests; retry in one second."),
            Self::NotReady => (503, "Not ready: Autotask is not reachable."),
        }
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::InvalidJson => ErrorCode::PARSE_ERROR,
            Self::TooManyRequests | Self::NotReady => TEMPORARY,
            _ => ErrorCode::INVALID_REQUEST,
        }
    }

    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        let header = |name, value| Some((name, HeaderValue::from_static(value)));
        match self {
            Self::InvalidToken(challenge) | Self::InsufficientScope(challenge) => {
                Some((WWW_AUTHENTICATE, challenge.header.clone()))
            }
            Self::Unauthorized => header(WWW_AUTHENTICATE, "Bearer realm=\"autotask-mcp\""),
            Self::TooManyRequests | Self::NotReady => header(RETRY_AFTER, RETRY_AFTER_SECONDS),
            Self::MethodNotAllowed => header(ALLOW, "POST"),
            _ => None,
        }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let (status, message) = self.status_and_message();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let error = ErrorData::new(self.code(), message.to_owned(), None);
        let mut response = json_rpc_error(status, None, error);
        response.headers_mut().extend(self.header());
        response
    }
}

/// A response with a JSON-RPC error; an error that belongs to no request has no `id`.
pub fn json_rpc_error(status: StatusCode, id: Option<RequestId>, error: ErrorData) -> Response {
    (status, Json(JsonRpcError::new(id, error))).into_response()
}

/// Turns rmcp's plain-text errors into JSON-RPC errors.
pub async fn into_json_error(response: Response) -> Response {
    let status = response.status();
    if status.is_success() || is_json(response.headers().get(CONTENT_TYPE)) {
        return response;
    }
    let text = to_bytes(response.into_body(), MAX_ERROR_TEXT_BYTES).await.unwrap_or_default();
    let message = String::from_utf8_lossy(&text).into_owned();
    let code = match status.is_server_error() {
        true => ErrorCode::INTERNAL_ERROR,
        false => ErrorCode::INVALID_REQUEST,
    };
    json_rpc_error(status, None, ErrorData::new(code, message, None))
}

/// Whether a `Content-Type` is JSON.
pub fn is_json(content_type: Option<&HeaderValue>) -> bool {
    let text = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}
