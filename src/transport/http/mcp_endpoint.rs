//! `/mcp`: reads a request, takes its permits, and hands it to rmcp.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{StatusCode, request};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use rmcp::model::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::auth::{MAX_BODY_BYTES, Principal, ServiceFactory, TokenStore, restricted_access};
use super::oauth::OAuth;
use super::rejection::{Rejection, into_json_error, is_json, json_rpc_error};
use crate::config::Http;
use crate::transport::jsonrpc;

/// Bodies over this size share a few permits, which bounds the memory of bodies that are being read.
const LARGE_BODY_BYTES: u64 = 1 << 20;
const MAX_LARGE_BODIES: usize = 32;
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// What all requests to `/mcp` share.
pub struct McpEndpoint {
    /// Makes the MCP service of a caller.
    pub factory: Box<ServiceFactory>,
    /// Accepts access tokens of an identity provider, if the settings name one.
    pub oauth: Option<Arc<OAuth>>,
    tokens: RwLock<Arc<TokenStore>>,
    requests: Arc<Semaphore>,
    max_requests: usize,
    large_bodies: Semaphore,
}

/// The permits of one request: of the server, and of its token.
struct RequestPermits(
    #[expect(dead_code, reason = "held until the response is complete")] [OwnedSemaphorePermit; 2],
);

impl McpEndpoint {
    /// An endpoint with the limits of the settings.
    pub fn new(
        http: &Http,
        factory: Box<ServiceFactory>,
        tokens: TokenStore,
        oauth: Option<OAuth>,
    ) -> Self {
        Self {
            factory,
            oauth: oauth.map(Arc::new),
            tokens: RwLock::new(Arc::new(tokens)),
            requests: Arc::new(Semaphore::new(http.max_calls)),
            max_requests: http.max_calls,
            large_bodies: Semaphore::new(MAX_LARGE_BODIES),
        }
    }

    /// The tokens that are valid now.
    pub fn tokens(&self) -> Arc<TokenStore> {
        self.tokens.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the tokens; requests in progress continue.
    pub fn replace_tokens(&self, tokens: TokenStore) {
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(tokens);
    }

    /// Resolves when no request is in progress; none is accepted after that.
    pub async fn drained(&self) {
        let all = u32::try_from(self.max_requests).unwrap_or(u32::MAX);
        if let Ok(permits) = self.requests.acquire_many(all).await {
            permits.forget();
        }
    }

    /// The principal of a static token, else that of an access token.
    async fn authenticate(&self, headers: &HeaderMap) -> Result<Arc<Principal>, Rejection> {
        match (self.tokens().authenticate(headers), &self.oauth) {
            (Some(principal), _) => Ok(principal),
            (None, Some(oauth)) => oauth.authenticate(headers, &self.factory).await,
            (None, None) => Err(Rejection::Unauthorized),
        }
    }

    fn acquire_permits(&self, principal: &Principal) -> Result<RequestPermits, Rejection> {
        let acquire = |permits: &Arc<Semaphore>| {
            permits.clone().try_acquire_owned().map_err(|_| Rejection::TooManyRequests)
        };
        Ok(RequestPermits([acquire(&self.requests)?, acquire(&principal.requests)?]))
    }

    /// The whole body, if it arrives in time and within the limit.
    async fn read_body(&self, body: Body) -> Result<Bytes, Rejection> {
        let size = body.size_hint();
        if size.lower() > MAX_BODY_BYTES as u64 {
            return Err(Rejection::BodyTooLarge);
        }
        let read = async {
            let is_large = size.upper().is_none_or(|bytes| bytes > LARGE_BODY_BYTES);
            let _permit = if is_large { self.large_bodies.acquire().await.ok() } else { None };
            Limited::new(body, MAX_BODY_BYTES).collect().await
        };
        match timeout(BODY_TIMEOUT, read).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Rejection::BodyTooLarge),
            Ok(Err(_)) => Err(Rejection::MalformedBody),
            Err(_) => Err(Rejection::BodyTimeout),
        }
    }
}

/// Finds the principal of a request's bearer token, restricted as its headers demand.
///
/// # Errors
/// A token that is not accepted, or `InvalidRestriction`.
pub async fn authenticate(
    State(endpoint): State<Arc<McpEndpoint>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Rejection> {
    let principal = endpoint.authenticate(request.headers()).await?;
    let principal = match restricted_access(principal.access(), request.headers())? {
        Some(access) => Arc::new(principal.restricted(access, &endpoint.factory)),
        None => principal,
    };
    request.extensions_mut().insert(principal);
    Ok(next.run(request).await)
}

/// Answers a request of an authenticated principal.
///
/// # Errors
/// Why the request does not reach the MCP server.
pub async fn handle(
    State(endpoint): State<Arc<McpEndpoint>>,
    Extension(principal): Extension<Arc<Principal>>,
    request: Request,
) -> Result<Response, Rejection> {
    let (mut parts, body) = request.into_parts();
    let streams = negotiate_media_type(&mut parts)?;
    // Read the body before acquiring a permit, so that slow clients do not hold one.
    let body = endpoint.read_body(body).await?;
    let body = jsonrpc::parse_text_arguments(&body).map_or(body, Bytes::from);
    let permits = endpoint.acquire_permits(&principal)?;
    let says_json = is_json(parts.headers.get(CONTENT_TYPE));
    let request = Request::from_parts(parts, Full::new(body.clone()));
    let response = (principal.service)(request).await;
    if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE && says_json {
        return explain_invalid_message(&body);
    }
    let response = into_json_error(response).await;
    match is_json(response.headers().get(CONTENT_TYPE)) {
        true => Ok(response),
        false if streams => Ok(hold_permits(response, permits)),
        false => Ok(final_message(response).await),
    }
}

/// Tells rmcp, which requires both media types, that the client accepts both; answers whether it accepts a stream.
fn negotiate_media_type(parts: &mut request::Parts) -> Result<bool, Rejection> {
    const BOTH: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");
    if !accepts(&parts.headers, "application/json") {
        return Err(Rejection::NotAcceptable);
    }
    let streams = accepts(&parts.headers, "text/event-stream");
    parts.headers.insert(ACCEPT, BOTH);
    Ok(streams)
}

/// Whether `Accept` allows a media type; the most specific range that matches it decides.
fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let (kind, _) = media_type.split_once('/').unwrap_or_default();
    let ranges = [media_type, &format!("{kind}/*"), "*/*"];
    let weight = ranges.into_iter().find_map(|range| media_type_weight(headers, range));
    !headers.contains_key(ACCEPT) || weight.is_some_and(|weight| weight > 0.0)
}

/// The weight that `Accept` gives to exactly this range.
pub fn media_type_weight(headers: &HeaderMap, range: &str) -> Option<f32> {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut named = values.flat_map(|value| value.split(',')).map(|entry| entry.split(';'));
    let mut parameters = named.find_map(|mut parts| {
        let is_range = parts.next()?.trim().eq_ignore_ascii_case(range);
        is_range.then_some(parts)
    })?;
    let weight = parameters.find_map(|parameter| parameter.trim().strip_prefix("q="));
    Some(weight.and_then(|weight| weight.parse().ok()).unwrap_or(1.0))
}

/// Why a body that rmcp could not decode is not a message; with its `id`, if it has one.
fn explain_invalid_message(body: &[u8]) -> Result<Response, Rejection> {
    match jsonrpc::read(body).map_err(|misread| *misread) {
        Err((error, Some(id))) => Ok(json_rpc_error(StatusCode::BAD_REQUEST, Some(id), error)),
        Err((error, None)) if error.code != ErrorCode::PARSE_ERROR => {
            Err(Rejection::InvalidJsonRpc)
        }
        Ok(Some(_)) => Err(Rejection::InvalidJsonRpc),
        Ok(None) | Err(_) => Err(Rejection::InvalidJson),
    }
}

/// A streamed response holds its permits until it ends.
fn hold_permits(response: Response, permits: RequestPermits) -> Response {
    response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _ = &permits;
            frame
        }))
    })
}

/// Reduces an event stream to its last message, for a client that does not accept streams.
async fn final_message(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let events = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut lines = events.rsplit(|byte| *byte == b'\n');
    let message = lines.find_map(|line| line.strip_prefix(b"data: ")).unwrap_or_default();
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response::from_parts(parts, Body::from(events.slice_ref(message)))
}
