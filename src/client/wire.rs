//! The wire: bytes out, bytes in, no more than fit into memory, and nothing else.

mod bounds;
mod https;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};

use crate::config::Config;
use https::Https;

pub use bounds::MAX_BODY;

/// A server within the process.
pub type Local = dyn Fn(Request<Bytes>) -> Delivery + Send + Sync;

/// How a server within the process answers; all but the first is trouble.
#[derive(Debug)]
pub enum Delivery {
    Reply(Response<Bytes>),
    /// After a while.
    Late(Duration, Response<Bytes>),
    /// The request was taken and nothing ever comes back.
    Silence,
    /// The connection ends before the reply is whole.
    Cut,
    /// Nobody listens.
    Refused,
}

/// Where requests go.
pub enum Wire {
    /// Over the network.
    Https(Https),
    /// To a server within the process.
    Local(Arc<Local>, Duration),
}

/// Why no reply came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// Nothing was sent, for this reason.
    NotSent(String),
    /// No whole reply came within this time.
    TimedOut(Duration),
    /// The connection ended before the whole reply was there, for this reason.
    Lost(String),
    /// The reply is larger than `MAX_BODY`.
    TooLarge,
    /// The reply holds more values than fit into memory, though its text would.
    TooMany,
}

impl Wire {
    /// The network, with the timeout and the hosts that the settings name.
    #[must_use]
    pub fn https(config: &Config) -> Self {
        let base = config.api_url.as_ref().unwrap_or(&config.zone_url);
        Self::Https(Https::new(config.timeout, base.is_loopback()))
    }

    /// A server within the process, under the same timeout.
    pub fn local(
        config: &Config,
        handle: impl Fn(Request<Bytes>) -> Delivery + Send + Sync + 'static,
    ) -> Self {
        Self::Local(Arc::new(handle), config.timeout)
    }

    /// Sends a request once and reads the whole reply; redirects are replies like others.
    ///
    /// # Errors
    ///
    /// `Broken`, which says whether anything was sent.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Broken> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let began = Instant::now();
        let reply = match self {
            Self::Https(https) => https.send(request).await,
            Self::Local(handle, limit) => handle(request).whole(*limit).await,
        };
        let reply = reply.and_then(bounds::checked);
        let ms = began.elapsed().as_millis();
        match &reply {
            Ok(reply) => tracing::debug!("{method} {path} {} {ms} ms", reply.status().as_u16()),
            Err(broken) => tracing::warn!("{method} {path} {} {ms} ms", broken.word()),
        }
        reply
    }
}

impl Delivery {
    async fn whole(self, limit: Duration) -> Result<Response<Bytes>, Broken> {
        let (after, reply) = match self {
            Self::Reply(reply) => return Ok(reply),
            Self::Late(after, reply) => (after, Ok(reply)),
            Self::Silence => (Duration::MAX, Err(Broken::TimedOut(limit))),
            Self::Cut => (Duration::ZERO, Err(Broken::Lost("the connection was cut".into()))),
            Self::Refused => (Duration::ZERO, Err(Broken::NotSent("nobody listens".into()))),
        };
        tokio::time::sleep(after.min(limit)).await;
        if after < limit { reply } else { Err(Broken::TimedOut(limit)) }
    }
}

impl Broken {
    /// In a word, for logs and counters.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotSent(_) => "not sent",
            Self::TimedOut(_) => "timed out",
            Self::Lost(_) => "lost",
            Self::TooLarge | Self::TooMany => "too large",
        }
    }
}
