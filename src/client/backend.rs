//! The transport: sends a request once and reads the whole response, within a timeout and a size limit.

mod body_limits;
mod network;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};

use crate::config::Config;
use network::Network;

pub use body_limits::MAX_BODY_BYTES;
pub use network::http_client;

/// A server within the process.
pub type InProcess = dyn Fn(Request<Bytes>) -> InProcessReply + Send + Sync;

/// How a server within the process responds; all but the first two are failures.
#[derive(Debug)]
pub enum InProcessReply {
    Reply(Response<Bytes>),
    /// The response after a delay.
    Delayed(Duration, Response<Bytes>),
    /// The request was received and no response ever comes.
    NoResponse,
    /// The connection ends before the response is complete.
    ConnectionLost,
    /// Nothing listens at the address.
    ConnectionRefused,
}

/// Where requests are sent.
pub struct Backend {
    target: BackendTarget,
    timeout: Duration,
}

enum BackendTarget {
    Network(Network),
    InProcess(Arc<InProcess>),
}

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransportError {
    /// Nothing was sent, for this reason.
    NotSent(String),
    /// No complete response came within this time.
    TimedOut(Duration),
    /// The connection ended before the response was complete, for this reason.
    Lost(String),
    /// The response is larger than `MAX_BODY_BYTES`.
    TooLarge,
    /// The response holds more values than fit into memory, though its text would.
    TooMany,
}

impl Backend {
    /// The network, with the timeout and the hosts of the settings.
    #[must_use]
    pub fn https(config: &Config) -> Self {
        let base = config.api_url.as_ref().unwrap_or(&config.zone_url);
        let network = Network::new(base.is_loopback());
        Self { target: BackendTarget::Network(network), timeout: config.timeout }
    }

    /// A server within the process, under the same timeout.
    pub fn local(
        config: &Config,
        handle: impl Fn(Request<Bytes>) -> InProcessReply + Send + Sync + 'static,
    ) -> Self {
        Self { target: BackendTarget::InProcess(Arc::new(handle)), timeout: config.timeout }
    }

    /// Sends a request once and reads the whole response; redirects are not followed.
    ///
    /// # Errors
    ///
    /// `TransportError`, which tells whether anything was sent.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let started = Instant::now();
        let exchange = async {
            match &self.target {
                BackendTarget::Network(network) => network.send(request).await,
                BackendTarget::InProcess(handle) => handle(request).into_response().await,
            }
        };
        let result = tokio::time::timeout(self.timeout, exchange).await;
        let result = result.unwrap_or(Err(TransportError::TimedOut(self.timeout)));
        let result = result.and_then(body_limits::check_size);
        let ms = started.elapsed().as_millis();
        match &result {
            Ok(response) => {
                tracing::debug!("{method} {path} {} {ms} ms", response.status().as_u16());
            }
            Err(error) => tracing::warn!("{method} {path} {} {ms} ms", error.as_str()),
        }
        result
    }
}

impl InProcessReply {
    async fn into_response(self) -> Result<Response<Bytes>, TransportError> {
        match self {
            Self::Reply(response) => Ok(response),
            Self::Delayed(delay, response) => {
                tokio::time::sleep(delay).await;
                Ok(response)
            }
            Self::NoResponse => std::future::pending().await,
            Self::ConnectionLost => {
                Err(TransportError::Lost("the connection was closed".to_owned()))
            }
            Self::ConnectionRefused => {
                Err(TransportError::NotSent("connection refused".to_owned()))
            }
        }
    }
}

impl TransportError {
    /// A short name for logs and metrics.
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
