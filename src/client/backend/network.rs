//! The network: one connection pool, and a limit on large bodies in memory.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use reqwest::redirect;
use tokio::sync::{OnceCell, Semaphore};
use tokio_rustls::rustls::crypto::ring;

use super::TransportError;
use super::body_limits::{LARGE_BODY_PERMITS, MAX_BODY_BYTES};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const USER_AGENT: &str = concat!("autotask-mcp/", env!("CARGO_PKG_VERSION"));

/// The network; opened with the first request, because reading the CA files is slow.
pub struct Network {
    client: OnceCell<reqwest::Client>,
    is_direct: bool,
    /// Permits for large bodies, and for the largest of them; small ones need none.
    large_bodies: [Arc<Semaphore>; LARGE_BODY_PERMITS.len()],
}

/// A builder of HTTP clients whose TLS uses `ring`, as the HTTP server does.
pub fn http_client() -> reqwest::ClientBuilder {
    // Only the first installation counts; a later one fails and changes nothing.
    let _ = ring::default_provider().install_default();
    reqwest::Client::builder()
}

impl Network {
    /// No connection yet; a direct one ignores the system's proxies.
    pub(super) fn new(is_direct: bool) -> Self {
        Self {
            client: OnceCell::new(),
            is_direct,
            large_bodies: LARGE_BODY_PERMITS.map(|(_, count)| Arc::new(Semaphore::new(count))),
        }
    }

    pub(super) async fn send(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, TransportError> {
        let client = self.client.get_or_try_init(|| async { self.open() });
        let client = client.await.map_err(not_sent)?;
        let request = request.try_into().map_err(not_sent)?;
        let response = client.execute(request).await.map_err(transport_error)?;
        self.read_body(response).await
    }

    fn open(&self) -> reqwest::Result<reqwest::Client> {
        let client = http_client()
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true);
        // A system proxy cannot reach this machine's loopback.
        let client = if self.is_direct { client.no_proxy() } else { client };
        client.build()
    }

    /// The whole response. A large one holds its permits until it is parsed and dropped.
    async fn read_body(
        &self,
        mut response: reqwest::Response,
    ) -> Result<Response<Bytes>, TransportError> {
        let mut body = BytesMut::new();
        let mut permits = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(transport_error)? {
            let size = body.len() + chunk.len();
            if size > MAX_BODY_BYTES {
                return Err(TransportError::TooLarge);
            }
            let tiers = self.large_bodies.iter().zip(LARGE_BODY_PERMITS);
            for (semaphore, (threshold_bytes, _)) in tiers.skip(permits.len()) {
                if size > threshold_bytes {
                    let permit = semaphore.clone().acquire_owned().await;
                    permits.push(permit.map_err(|error| TransportError::Lost(error.to_string()))?);
                    // A buffer that grows step by step is copied, and is in memory twice.
                    body.reserve(MAX_BODY_BYTES - body.len());
                }
            }
            body.extend_from_slice(&chunk);
        }
        let mut whole = Response::new(body.freeze());
        *whole.status_mut() = response.status();
        *whole.headers_mut() = std::mem::take(response.headers_mut());
        if !permits.is_empty() {
            whole.extensions_mut().insert(Arc::new(permits));
        }
        Ok(whole)
    }
}

fn transport_error(error: reqwest::Error) -> TransportError {
    if error.is_connect() || error.is_builder() {
        not_sent(error)
    } else {
        TransportError::Lost(reason(&error))
    }
}

fn not_sent(error: reqwest::Error) -> TransportError {
    let host = error.url().and_then(|url| url.host_str()).map(str::to_owned);
    let reason = reason(&error.without_url());
    TransportError::NotSent(host.map_or(reason.clone(), |host| format!("{host}: {reason}")))
}

/// The innermost cause; the outer ones only repeat that a request failed.
fn reason(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
