//! The wire: bytes out, bytes in, and nothing else.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use reqwest::redirect;
use tokio::sync::OnceCell;

use crate::config::Config;

/// The largest body taken from the wire, in bytes after decompression.
pub const MAX_BODY: usize = 16 << 20;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const USER_AGENT: &str = concat!("autotask-mcp/", env!("CARGO_PKG_VERSION"));

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

/// The network; opened with the first request, because reading the CA files is slow.
pub struct Https {
    client: OnceCell<reqwest::Client>,
    timeout: Duration,
    direct: bool,
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
}

impl Wire {
    /// The network, with the timeout and the hosts that the settings name.
    #[must_use]
    pub fn https(config: &Config) -> Self {
        let base = config.api_url.as_ref().unwrap_or(&config.zone_url);
        Self::Https(Https {
            client: OnceCell::new(),
            timeout: config.timeout,
            direct: base.is_loopback(),
        })
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
            Self::Cut => (
                Duration::ZERO,
                Err(Broken::Lost("the connection was cut".into())),
            ),
            Self::Refused => (
                Duration::ZERO,
                Err(Broken::NotSent("nobody listens".into())),
            ),
        };
        tokio::time::sleep(after.min(limit)).await;
        if after < limit {
            reply
        } else {
            Err(Broken::TimedOut(limit))
        }
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
            Self::TooLarge => "too large",
        }
    }
}

impl Https {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Broken> {
        let client = self.client.get_or_try_init(|| async { self.open() });
        let client = client.await.map_err(not_sent)?;
        let request = request.try_into().map_err(not_sent)?;
        let reply = client.execute(request).await;
        self.whole(reply.map_err(|error| self.broken(error))?).await
    }

    fn open(&self) -> reqwest::Result<reqwest::Client> {
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .timeout(self.timeout)
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true);
        // A proxy of the system cannot reach this machine's loopback.
        let client = if self.direct {
            client.no_proxy()
        } else {
            client
        };
        client.build()
    }

    async fn whole(&self, mut reply: reqwest::Response) -> Result<Response<Bytes>, Broken> {
        let mut body = BytesMut::new();
        while let Some(chunk) = reply.chunk().await.map_err(|error| self.broken(error))? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(Broken::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut whole = Response::new(body.freeze());
        *whole.status_mut() = reply.status();
        *whole.headers_mut() = std::mem::take(reply.headers_mut());
        Ok(whole)
    }

    fn broken(&self, error: reqwest::Error) -> Broken {
        if error.is_connect() || error.is_builder() {
            not_sent(error)
        } else if error.is_timeout() {
            Broken::TimedOut(self.timeout)
        } else {
            Broken::Lost(reason(&error))
        }
    }
}

fn not_sent(error: reqwest::Error) -> Broken {
    Broken::NotSent(reason(&error.without_url()))
}

/// The innermost cause; the outer ones only repeat that a request failed.
fn reason(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
