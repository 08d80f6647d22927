//! The network: one pool of connections, and few large bodies in memory at a time.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use reqwest::redirect;
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};

use super::TransportError;
use super::body_limits::{LARGE_BODY_PERMITS, MAX_BODY_BYTES};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const USER_AGENT: &str = concat!("autotask-mcp/", env!("CARGO_PKG_VERSION"));

/// The network; opened with the first request, because reading the CA files is slow.
pub struct Network {
    client: OnceCell<reqwest::Client>,
    timeout: Duration,
    direct: bool,
    /// Places for large bodies, and for the largest of them; small ones need none.
    places: [Arc<Semaphore>; LARGE_BODY_PERMITS.len()],
}

impl Network {
    /// No connection yet; `direct` passes the system's proxies by.
    pub(super) fn new(timeout: Duration, direct: bool) -> Self {
        Self {
            client: OnceCell::new(),
            timeout,
            direct,
            places: LARGE_BODY_PERMITS.map(|(_, at_once)| Arc::new(Semaphore::new(at_once))),
        }
    }

    pub(super) async fn send(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, TransportError> {
        let client = self.client.get_or_try_init(|| async { self.open() });
        let client = client.await.map_err(not_sent)?;
        let request = request.try_into().map_err(not_sent)?;
        let reply = client.execute(request).await;
        self.into_response(reply.map_err(|error| self.transport_error(error))?).await
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
        let client = if self.direct { client.no_proxy() } else { client };
        client.build()
    }

    /// The whole reply. A large one keeps its place until it is read and dropped.
    async fn into_response(
        &self,
        mut reply: reqwest::Response,
    ) -> Result<Response<Bytes>, TransportError> {
        let mut body = BytesMut::new();
        let mut places = Vec::new();
        while let Some(chunk) = reply.chunk().await.map_err(|error| self.transport_error(error))? {
            let size = body.len() + chunk.len();
            if size > MAX_BODY_BYTES {
                return Err(TransportError::TooLarge);
            }
            for (of, (above, _)) in self.places.iter().zip(LARGE_BODY_PERMITS).skip(places.len()) {
                if size > above {
                    places.push(self.large_body_permit(of).await?);
                    // Grown step by step it would be copied, and stand in memory twice.
                    body.reserve(MAX_BODY_BYTES - body.len());
                }
            }
            body.extend_from_slice(&chunk);
        }
        let mut whole = Response::new(body.freeze());
        *whole.status_mut() = reply.status();
        *whole.headers_mut() = std::mem::take(reply.headers_mut());
        if !places.is_empty() {
            whole.extensions_mut().insert(Arc::new(places));
        }
        Ok(whole)
    }

    async fn large_body_permit(
        &self,
        of: &Arc<Semaphore>,
    ) -> Result<OwnedSemaphorePermit, TransportError> {
        let place = of.clone().acquire_owned();
        match tokio::time::timeout(self.timeout, place).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(TransportError::TimedOut(self.timeout)),
        }
    }

    fn transport_error(&self, error: reqwest::Error) -> TransportError {
        if error.is_connect() || error.is_builder() {
            not_sent(error)
        } else if error.is_timeout() {
            TransportError::TimedOut(self.timeout)
        } else {
            TransportError::Lost(reason(&error))
        }
    }
}

fn not_sent(error: reqwest::Error) -> TransportError {
    TransportError::NotSent(reason(&error.without_url()))
}

/// The innermost cause; the outer ones only repeat that a request failed.
fn reason(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
