//! Sends requests to Autotask: each one once, with credentials, to the right zone.

pub mod auth;
pub mod reply;
pub mod wire;
pub mod zone;

use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;

use crate::config::{BaseUrl, Config};
use crate::error::Error;
use crate::gate::Confirmed;
use crate::request::Request;
use auth::Auth;
use reply::Act;
use wire::Wire;
use zone::Zone;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Speaks to one tenant; clones share the zone and the connections.
#[derive(Clone)]
pub struct Client(Arc<Parts>);

struct Parts {
    wire: Wire,
    /// Missing credentials must not stop the start, only a call.
    auth: Result<Auth, Error>,
    zone: Zone,
}

impl Client {
    /// A client with the credentials and the zone of the settings; nothing is sent yet.
    #[must_use]
    pub fn new(config: &Config, wire: Wire) -> Self {
        Self(Arc::new(Parts {
            wire,
            auth: Auth::new(config),
            zone: Zone::new(config),
        }))
    }

    /// Sends a read and answers the body of its reply.
    ///
    /// # Errors
    ///
    /// What Autotask, the way there, or the credentials refused.
    pub async fn read(&self, request: &Request) -> Result<Value, Error> {
        let act = match request.method {
            Method::GET => Act::Get,
            _ => Act::Query,
        };
        self.send_once(request, act).await
    }

    /// Sends a confirmed write, once, and answers the body of its reply.
    ///
    /// # Errors
    ///
    /// As for a read; `outcome-unknown` when the write may have happened.
    pub async fn write(&self, request: &Request, _: Confirmed) -> Result<Value, Error> {
        let act = match request.method {
            Method::DELETE => Act::Delete,
            _ => Act::Change,
        };
        self.send_once(request, act).await
    }

    async fn send_once(&self, request: &Request, act: Act) -> Result<Value, Error> {
        let auth = self.0.auth.as_ref().map_err(Clone::clone)?;
        let base = self.0.zone.base(&self.0.wire, auth.username()).await?;
        let headers = match act {
            Act::Get | Act::Query => auth.read(),
            Act::Change | Act::Delete => auth.write(),
        };
        let letter = letter(&base, request, headers)?;
        match self.0.wire.send(letter).await {
            Ok(reply) => reply::read(&reply, act),
            Err(broken) => Err(reply::broken(&broken, act)),
        }
    }
}

/// The request as it goes out, below `V1.0/` of the zone.
fn letter(
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
        .uri(format!("{base}V1.0/{}", request.path))
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
    path.split(['/', '\\'])
        .any(|segment| matches!(segment, "" | "." | ".."))
}

fn unsendable(request: &Request) -> Error {
    Error::internal(format!(
        "No request can be made to {:?}.",
        bare(&request.path)
    ))
}

/// The path without its query, which may hold a tenant's data.
fn bare(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
