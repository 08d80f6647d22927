//! Connections: taken one by one, bounded in number and patience, drained at the end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::tls::Tls;
use super::worded::Worded;

/// The headers of a request, and the next request on a connection, come within this time; proxies give up an idle
/// connection after 60 s, and must be the first to do so.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(75);
/// The largest head of a request, in bytes.
const LARGEST_HEAD: usize = 64 << 10;
/// More connections wait outside.
const MOST: usize = 8192;
/// When the process has no more files to open, closing connections must first free some.
const OUT_OF_FILES: Duration = Duration::from_millis(100);

/// The connections of a door.
pub struct Connections {
    router: Router,
    tls: Option<Arc<Tls>>,
    http: http1::Builder,
    open: Arc<Semaphore>,
    graceful: GracefulShutdown,
}

impl Connections {
    /// None yet; each will be served by this router, behind TLS where there is a certificate.
    pub fn new(router: Router, tls: Option<Arc<Tls>>) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(HEADERS_TIMEOUT)
            .max_buf_size(LARGEST_HEAD);
        Self {
            router,
            tls,
            http,
            open: Arc::new(Semaphore::new(MOST)),
            graceful: GracefulShutdown::new(),
        }
    }

    /// Takes connections, as long as it is polled.
    pub async fn take(&self, listener: &TcpListener) {
        loop {
            let Ok(place) = self.open.clone().acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, _)) => self.serve(stream, place),
                Err(error) => {
                    tracing::debug!(%error, "a connection could not be taken");
                    tokio::time::sleep(OUT_OF_FILES).await;
                }
            }
        }
    }

    /// Answers what was asked, asks for no more, and resolves when all are closed.
    pub async fn drain(self) {
        self.graceful.shutdown().await;
    }

    fn serve(&self, stream: TcpStream, place: OwnedSemaphorePermit) {
        // Without this, small answers wait for the acknowledgement of the one before.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection is slow");
        }
        match self.tls.clone() {
            None => self.speak(stream, place),
            Some(tls) => self.greet(tls, stream, place),
        }
    }

    fn greet(&self, tls: Arc<Tls>, stream: TcpStream, place: OwnedSemaphorePermit) {
        let (http, router, watcher) =
            (self.http.clone(), self.router.clone(), self.graceful.watcher());
        tokio::spawn(async move {
            match tls.accept(stream).await {
                Ok(stream) => spoken(watcher.watch(connection(&http, stream, router)), place).await,
                Err(error) => tracing::debug!(%error, "no TLS"),
            }
        });
    }

    fn speak(&self, stream: TcpStream, place: OwnedSemaphorePermit) {
        let connection = connection(&self.http, stream, self.router.clone());
        tokio::spawn(spoken(self.graceful.watch(connection), place));
    }
}

fn connection<S>(
    http: &http1::Builder,
    stream: S,
    router: Router,
) -> http1::Connection<TokioIo<Worded<S>>, TowerToHyperService<Router>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stream = TokioIo::new(Worded::new(stream));
    http.serve_connection(stream, TowerToHyperService::new(router))
}

async fn spoken(connection: impl Future<Output = hyper::Result<()>>, _place: OwnedSemaphorePermit) {
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection ended early");
    }
}
