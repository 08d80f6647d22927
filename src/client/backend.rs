//! The wire: bytes out, bytes in, no more than fit into memory, and nothing else.

mod body_limits;
mod network;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};

use crate::config::Config;
use network::Network;

pub use body_limits::MAX_BODY_BYTES;

/// A server within the process.
pub type InProcess = dyn Fn(Request<Bytes>) -> InProcessReply + Send + Sync;

/// How a server within the process answers; all but the first is trouble.
#[derive(Debug)]
pub enum InProcessReply {
    Reply(Response<Bytes>),
    /// After a while.
    Delayed(Duration, Response<Bytes>),
    /// The request was taken and nothing ever comes back.
    NoResponse,
    /// The connection ends before the reply is whole.
    ConnectionLost,
    /// Nobody listens.
    ConnectionRefused,
}

/// Where requests go.
pub enum Backend {
    /// Over the network.
    Network(Network),
    /// To a server within the process.
    InProcess(Arc<InProcess>, Duration),
}

/// Why no reply came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransportError {
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

impl Backend {
    /// The network, with the timeout and the hosts that the settings name.
    #[must_use]
    pub fn https(config: &Config) -> Self {
        let base = config.api_url.as_ref().unwrap_or(&config.zone_url);
        Self::Network(Network::new(config.timeout, base.is_loopback()))
    }

    /// A server within the process, under the same timeout.
    pub fn local(
        config: &Config,
        handle: impl Fn(Request<Bytes>) -> InProcessReply + Send + Sync + 'static,
    ) -> Self {
        Self::InProcess(Arc::new(handle), config.timeout)
    }

    /// Sends a request once and reads the whole reply; redirects are replies like others.
    ///
    /// # Errors
    ///
    /// `Broken`, which says whether anything was sent.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let began = Instant::now();
        let reply = match self {
            Self::Network(https) => https.send(request).await,
            Self::InProcess(handle, limit) => handle(request).into_response(*limit).await,
        };
        let reply = reply.and_then(body_limits::check_size);
        let ms = began.elapsed().as_millis();
        match &reply {
            Ok(reply) => tracing::debug!("{method} {path} {} {ms} ms", reply.status().as_u16()),
            Err(broken) => tracing::warn!("{method} {path} {} {ms} ms", broken.as_str()),
        }
        reply
    }
}

impl InProcessReply {
    async fn into_response(self, limit: Duration) -> Result<Response<Bytes>, TransportError> {
        let (after, reply) = match self {
            Self::Reply(reply) => return Ok(reply),
            Self::Delayed(after, reply) => (after, Ok(reply)),
            Self::NoResponse => (Duration::MAX, Err(TransportError::TimedOut(limit))),
            Self::ConnectionLost => {
                (Duration::ZERO, Err(TransportError::Lost("the connection was cut".into())))
            }
            Self::ConnectionRefused => {
                (Duration::ZERO, Err(TransportError::NotSent("nobody listens".into())))
            }
        };
        tokio::time::sleep(after.min(limit)).await;
        if after < limit { reply } else { Err(TransportError::TimedOut(limit)) }
    }
}

impl TransportError {
    /// In a word, for logs and counters.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NotSent(_) => "not sent",
            Self::TimedOut(_) => "timed out",
            Self::Lost(_) => "lost",
            Self::TooLarge | Self::TooMany => "too large",
        }
    }
}
