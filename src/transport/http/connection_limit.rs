//! Bounds connections before they reach HTTP: silent ones, active ones, those that do not read, and a reserve for health
//! checks.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use futures_util::future::BoxFuture;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;
use tower::Layer;

/// A new connection sends its first request within this time.
pub const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// A client reads some of its response within this time.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);
/// Each connection is an open file, and many systems start with few.
const MAX_OPEN_FILES: u64 = 16_384;
const MAX_HEALTH_CONNECTIONS: usize = 64;
const HEALTH_REQUEST: &[u8] = b"GET /health ";

/// Accepts connections; clones share the bounds.
#[derive(Clone)]
pub struct ConnectionLimit {
    /// Connections that have sent nothing yet, oldest first; dropping an entry closes its connection.
    silent: Arc<Mutex<VecDeque<oneshot::Sender<Infallible>>>>,
    max_silent: usize,
    active: Arc<Semaphore>,
    health: Arc<Semaphore>,
}

/// Counts a connection until it is closed.
type ConnectionPermit = Arc<OwnedSemaphorePermit>;

impl ConnectionLimit {
    /// Raises the process's limit of open files; half of it is for connections in use, a quarter for silent ones, and
    /// the rest for requests to Autotask.
    pub fn new() -> Self {
        let files = rlimit::increase_nofile_limit(MAX_OPEN_FILES).unwrap_or(1024);
        let files = usize::try_from(files.min(MAX_OPEN_FILES)).unwrap_or(1024);
        Self {
            silent: Arc::default(),
            max_silent: files / 4,
            active: Arc::new(Semaphore::new(files / 2)),
            health: Arc::new(Semaphore::new(MAX_HEALTH_CONNECTIONS)),
        }
    }

    /// Waits for the first bytes, then for a permit; health checks have permits of their own.
    async fn admit(&self, stream: &TcpStream) -> io::Result<OwnedSemaphorePermit> {
        let mut start = [0; HEALTH_REQUEST.len()];
        let length = stream.peek(&mut start).await?;
        let permits = match start.get(..length) == Some(HEALTH_REQUEST) {
            true => &self.health,
            false => &self.active,
        };
        permits.clone().acquire_owned().await.map_err(io::Error::other)
    }

    /// Queues a silent connection; the receiver fails when enough newer ones have come to take its place.
    fn queue(&self) -> oneshot::Receiver<Infallible> {
        let (entry, evicted) = oneshot::channel();
        let mut silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        silent.push_back(entry);
        if silent.len() > self.max_silent {
            silent.pop_front();
        }
        evicted
    }
}

impl<S: Send + 'static> Accept<TcpStream, S> for ConnectionLimit {
    type Stream = Pin<Box<TimeoutStream<TcpStream>>>;
    type Service = AddExtension<S, ConnectionPermit>;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let (limit, evicted) = (self.clone(), self.queue());
        Box::pin(async move {
            // Otherwise small responses wait for the acknowledgement of the previous one.
            stream.set_nodelay(true)?;
            let permit = tokio::select! {
                permit = timeout(FIRST_REQUEST_TIMEOUT, limit.admit(&stream)) => permit??,
                _ = evicted => return Err(ErrorKind::ConnectionAborted.into()),
            };
            let mut stream = TimeoutStream::new(stream);
            stream.set_write_timeout(Some(WRITE_TIMEOUT));
            Ok((Box::pin(stream), Extension(Arc::new(permit)).layer(service)))
        })
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;

    /// More than the buffers of a connection hold.
    const LONG_RESPONSE: usize = 64 << 20;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_is_disconnected() -> io::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut client = TcpStream::connect(listener.local_addr()?).await?;
        client.write_all(b"POST /mcp HTTP/1.1").await?;
        let (accepted, _) = listener.accept().await?;
        let (mut stream, _) = ConnectionLimit::new().accept(accepted, ()).await?;
        let written = stream.write_all(&vec![0; LONG_RESPONSE]).await;
        assert_eq!(written.map_err(|error| error.kind()), Err(ErrorKind::TimedOut));
        Ok(())
    }
}
