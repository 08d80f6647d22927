//! The way in, step by step: who may come, who it is, whether there is room, what was brought.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, EXPECT, HeaderValue};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use rmcp::model::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::keys::{Guest, Keys};
use super::refusal::{self, Refusal, in_json, is_json};
use super::visitors::Visitors;
use crate::config::Http;
use crate::transport::jsonrpc;

/// The largest request.
const LARGEST: usize = 1 << 20;
/// So much of a larger one is thrown away before the connection is closed.
pub const DISCARDED: usize = 16 << 20;
/// A request's body comes within this time.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// The door to `/mcp`.
pub struct Door {
    visitors: Visitors,
    keys: RwLock<Arc<Keys>>,
    /// Places for calls at the same time.
    calls: Arc<Semaphore>,
    most_calls: usize,
}

/// A call's places, of all and of its guest.
struct Places(
    #[expect(dead_code, reason = "held until the answer is out")] [OwnedSemaphorePermit; 2],
);

impl Door {
    /// A door with room for so many calls as the settings say.
    pub fn new(http: &Http, visitors: Visitors, keys: Keys) -> Self {
        Self {
            visitors,
            keys: RwLock::new(Arc::new(keys)),
            calls: Arc::new(Semaphore::new(http.max_calls)),
            most_calls: http.max_calls,
        }
    }

    /// Serves a request, or says why not.
    pub async fn serve(&self, request: Request<Body>) -> Response {
        match self.pass(request).await {
            Ok(response) => response,
            Err(refusal) => refusal.into_response(),
        }
    }

    async fn pass(&self, request: Request<Body>) -> Result<Response, Refusal> {
        let guest = match self.admitted(&request) {
            Ok(guest) => guest,
            Err(refusal) => {
                unheard(request);
                return Err(refusal);
            }
        };
        let (mut parts, body) = request.into_parts();
        // Who takes anything takes both.
        if takes_anything(&parts.headers) {
            parts
                .headers
                .insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        }
        let body = whole(body, is_sent(&parts.headers)).await?;
        // Who is slow to ask takes nobody's place.
        let places = self.places(&guest)?;
        let says_json = parts.headers.get(CONTENT_TYPE).is_some_and(is_json);
        let response =
            guest.service.handle(Request::from_parts(parts, Full::new(body.clone()))).await;
        match response.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE if says_json => misread(&body),
            _ => Ok(in_json(kept(response, places))),
        }
    }

    fn admitted(&self, request: &Request<Body>) -> Result<Arc<Guest>, Refusal> {
        if !self.visitors.admit(request.uri(), request.headers()) {
            return Err(Refusal::Foreign);
        }
        let guest = self.keys().guest(request.headers());
        let guest = guest.ok_or(Refusal::Unknown)?;
        match *request.method() {
            Method::POST => Ok(guest),
            _ => Err(Refusal::NotPost),
        }
    }

    /// Resolves when no call is worked on; none is taken after that.
    pub async fn quiet(&self) {
        let all = u32::try_from(self.most_calls).unwrap_or(u32::MAX);
        if let Ok(places) = self.calls.acquire_many(all).await {
            places.forget();
        }
    }

    /// Takes over other keys; who is inside already stays, and is counted on.
    pub fn change_keys(&self, keys: Keys) {
        let keys = keys.after(&self.keys());
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    fn keys(&self) -> Arc<Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn places(&self, guest: &Guest) -> Result<Places, Refusal> {
        let one =
            |places: &Arc<Semaphore>| places.clone().try_acquire_owned().map_err(|_| Refusal::Busy);
        Ok(Places([one(&self.calls)?, one(&guest.calls)?]))
    }
}

fn takes_anything(headers: &HeaderMap) -> bool {
    !headers.contains_key(ACCEPT) || takes(headers, "*/*")
}

/// Whether `Accept` names this range; with a weight of nothing it takes none.
pub fn takes(headers: &HeaderMap, range: &str) -> bool {
    let named = headers.get_all(ACCEPT).iter();
    let mut named = named.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    let weight = |part: &str| part.strip_prefix("q=")?.parse::<f32>().ok();
    named.any(|named| {
        let mut parts = named.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(range));
        is_named && !parts.any(|part| weight(part) == Some(0.0))
    })
}

/// The body, if it comes in time, is not too large, and is JSON.
async fn whole(mut body: Body, is_sent: bool) -> Result<Bytes, Refusal> {
    let told = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if told > LARGEST {
        if is_sent {
            tokio::spawn(discard(body));
        }
        return Err(Refusal::TooLarge);
    }
    let read = Limited::new(&mut body, LARGEST).collect();
    match timeout(BODY_TIMEOUT, read).await {
        Ok(Ok(whole)) => json(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            tokio::spawn(discard(body));
            Err(Refusal::TooLarge)
        }
        Ok(Err(_)) => Err(Refusal::Torn),
        Err(_) => Err(Refusal::Unread),
    }
}

/// Who waits for leave to send needs none to hear a no.
fn is_sent(headers: &HeaderMap) -> bool {
    !headers.contains_key(EXPECT)
}

/// Lets a request go that is refused whatever it brings.
pub fn unheard(request: Request<Body>) {
    if is_sent(request.headers()) && !request.body().is_end_stream() {
        tokio::spawn(discard(request.into_body()));
    }
}

/// Reads on beside the refusal: who is cut off while still sending never hears why.
async fn discard(body: Body) {
    let mut body = Limited::new(body, DISCARDED);
    let rest = async { while let Some(Ok(_)) = body.frame().await {} };
    drop(timeout(BODY_TIMEOUT, rest).await);
}

fn json(body: Bytes) -> Result<Bytes, Refusal> {
    let text = str::from_utf8(&body).map_err(|_| Refusal::NoJson)?;
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Ok(body),
        Err(_) => Err(Refusal::NoJson),
    }
}

/// Why a body is no message; said to its sender, where it names one.
fn misread(body: &[u8]) -> Result<Response, Refusal> {
    match jsonrpc::read(body).map_err(|misread| *misread) {
        Err((error, Some(id))) => Ok(refusal::to(&id, &error)),
        Err((error, None)) if error.code == ErrorCode::PARSE_ERROR => Err(Refusal::NoJson),
        _ => Err(Refusal::NoMessage),
    }
}

/// A streamed answer keeps its places to its end.
fn kept(response: Response, places: Places) -> Response {
    if response.headers().get(CONTENT_TYPE).is_some_and(is_json) {
        return response;
    }
    response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _ = &places;
            frame
        }))
    })
}
