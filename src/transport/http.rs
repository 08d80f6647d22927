//! The door to many clients: Streamable HTTP at `/mcp`, without sessions, for both eras of the protocol.

mod connections;
mod door;
mod keys;
mod refusal;
mod roster;
mod service;
mod status;
mod tls;
mod visitors;
mod worded;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use rmcp::ServerHandler;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::access::caller::Caller;
use crate::app::App;
use crate::config::{ConfigError, Http};
use crate::mcp;
use crate::transport::{FLUSH_TIMEOUT, SHUTDOWN_TIMEOUT};
use connections::Connections;
use door::Door;
use keys::{Keys, Serve};
use refusal::Refusal;
use service::Service;
use tls::Tls;
use visitors::Visitors;

/// An HTTP door, ready to be opened.
pub struct Server {
    http: Http,
    desk: Arc<App>,
    serve: Box<Serve>,
    door: Arc<Door>,
    tls: Option<Arc<Tls>>,
    /// Told to calls that are still open when patience is over.
    end: CancellationToken,
}

impl Server {
    /// A door with these settings in front of a desk.
    ///
    /// # Errors
    /// A setting without which it must not be opened, or one that cannot be taken.
    pub fn new(http: &Http, desk: Arc<App>) -> Result<Self, ConfigError> {
        Self::of(http, desk, |desk, caller, end| {
            mcp::McpServer::new(desk, caller).with_shutdown(end)
        })
    }

    /// The same door before servers of another make; each caller gets one.
    ///
    /// # Errors
    /// As for `new`.
    pub fn of<S: ServerHandler + Clone>(
        http: &Http,
        desk: Arc<App>,
        make: fn(Arc<App>, Caller, CancellationToken) -> S,
    ) -> Result<Self, ConfigError> {
        let end = CancellationToken::new();
        let (inside, told) = (desk.clone(), end.clone());
        let serve: Box<Serve> =
            Box::new(move |caller| Service::new(make(inside.clone(), caller, told.clone())));
        let keys = Keys::read(http, desk.operator(), &serve)?;
        let door = Door::new(http, Visitors::new(http)?, keys);
        Ok(Self {
            http: http.clone(),
            desk,
            serve,
            door: Arc::new(door),
            tls: Tls::read(http)?.map(Arc::new),
            end,
        })
    }

    /// Reads tokens and certificate again, as these settings name them; what cannot be taken leaves all as it is.
    pub fn reload(&self, http: &Result<Http, ConfigError>) {
        match http.as_ref().map_err(Clone::clone).and_then(|http| self.fresh(http)) {
            Ok(()) => tracing::info!("tokens and certificate were read again"),
            Err(invalid) => tracing::error!("{invalid} The old ones stay."),
        }
    }

    fn fresh(&self, http: &Http) -> Result<(), ConfigError> {
        let keys = Keys::read(http, self.desk.operator(), &self.serve)?;
        if let Some(tls) = &self.tls {
            tls.reload()?;
        }
        self.door.change_keys(keys);
        Ok(())
    }

    /// Serves until `stop` resolves; then calls in flight are finished. Answers the moment by which all must be over.
    ///
    /// # Errors
    /// An address that cannot be listened on.
    pub async fn serve(&self, stop: impl Future<Output = ()>) -> io::Result<Instant> {
        let listener = self.listener().await?;
        self.announce(listener.local_addr()?);
        let connections = Connections::new(self.router(), self.tls.clone());
        tokio::select! {
            () = connections.take(&listener) => {}
            () = stop => {}
        }
        drop(listener);
        let deadline = Instant::now() + SHUTDOWN_TIMEOUT;
        let drained = connections.drain();
        // Whoever connected and asks nothing is not waited for.
        let quiet = async {
            self.door.quiet().await;
            sleep(FLUSH_TIMEOUT).await;
        };
        let done = async {
            tokio::select! {
                () = drained => {}
                () = quiet => {}
            }
        };
        if timeout_at(deadline - FLUSH_TIMEOUT, done).await.is_err() {
            tracing::warn!("calls were still without an answer at the end");
            self.end.cancel();
            sleep(FLUSH_TIMEOUT).await;
        }
        Ok(deadline)
    }

    async fn listener(&self) -> io::Result<TcpListener> {
        let (host, port) = (self.http.host.as_str(), self.http.port);
        let said = |error: io::Error| match error.kind() {
            kind @ (ErrorKind::AddrInUse | ErrorKind::PermissionDenied) => {
                let at = format!("{host}, port {port}, cannot be listened on: {error}");
                io::Error::new(kind, at)
            }
            _ => io::Error::other(ConfigError::new(
                "AUTOTASK_HTTP_HOST",
                format!("an address of this machine, or a name of it; {host:?} is none ({error})"),
            )),
        };
        TcpListener::bind((host, port)).await.map_err(said)
    }

    fn router(&self) -> Router {
        let mcp = |State(door): State<Arc<Door>>, request: Request| async move {
            door.serve(request).await
        };
        let router = Router::new()
            .route("/mcp", any(mcp))
            .with_state(self.door.clone())
            .route("/health", get(status::health))
            .route("/ready", get(status::ready));
        let router = match self.http.metrics {
            true => router.route("/metrics", get(status::metrics)),
            false => router,
        };
        router.with_state(self.desk.clone()).method_not_allowed_fallback(nowhere).fallback(nowhere)
    }

    fn announce(&self, address: SocketAddr) {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        tracing::info!("MCP is served at {scheme}://{address}/mcp");
        if !address.ip().is_loopback() && self.tls.is_none() && !self.http.behind_proxy {
            tracing::warn!(
                "Tokens and records cross the network in clear: set AUTOTASK_HTTP_TLS_CERT and AUTOTASK_HTTP_TLS_KEY, or AUTOTASK_HTTP_BEHIND_PROXY=true where a proxy does TLS."
            );
        }
    }
}

async fn nowhere(request: Request) -> Response {
    door::unheard(request);
    Refusal::Nowhere.into_response()
}
