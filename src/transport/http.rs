//! The HTTP transport: Streamable HTTP at `/mcp` without sessions, for both protocol eras, and probes for monitors.

mod auth;
mod connection_limit;
mod drain;
mod host_origin;
mod mcp_endpoint;
pub mod oauth;
mod probes;
mod rejection;
mod tls;
mod tokens_file;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn_with_state, map_request};
use axum::routing::{get, post};
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use futures_util::future::BoxFuture;
use http::Method;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use rmcp::ServerHandler;
use tokio::net::{TcpListener, TcpSocket, lookup_host};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::access::caller::Caller;
use crate::app::App;
use crate::config::{ConfigError, Http};
use crate::mcp::McpServer;
use crate::transport::{FLUSH_TIMEOUT, SHUTDOWN_TIMEOUT};
use auth::{ServiceFactory, TokenStore, mcp_service};
use connection_limit::{ConnectionLimit, FIRST_REQUEST_TIMEOUT};
use host_origin::HostOriginPolicy;
use mcp_endpoint::McpEndpoint;
use oauth::OAuth;
use oauth::challenge::METADATA_PATH;
use rejection::Rejection;

/// Proxies close an idle connection after 60 s, and must be the first to do so.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(75);
/// The default of 128 delays a burst of new connections by a second.
const MAX_PENDING_CONNECTIONS: u32 = 4096;
const MAX_HEAD_BYTES: usize = 64 << 10;
/// Browsers may cache the answer to a preflight.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_secs(3600);

/// An HTTP server, ready to listen.
pub struct HttpServer {
    http: Http,
    app: Arc<App>,
    endpoint: Arc<McpEndpoint>,
    policy: Arc<HostOriginPolicy>,
    tls: Option<RustlsConfig>,
    /// Cancelled to end the calls that are in progress at the deadline.
    end: CancellationToken,
}

impl HttpServer {
    /// A server with these settings.
    ///
    /// # Errors
    /// A missing or invalid setting.
    pub fn new(http: &Http, app: Arc<App>) -> Result<Self, ConfigError> {
        Self::with_handler(http, app, |app, caller, end| {
            McpServer::new(app, caller).with_shutdown(end)
        })
    }

    /// The same with another MCP server; each token has its own.
    ///
    /// # Errors
    /// As for `new`.
    pub fn with_handler<S: ServerHandler + Clone>(
        http: &Http,
        app: Arc<App>,
        make: fn(Arc<App>, Caller, CancellationToken) -> S,
    ) -> Result<Self, ConfigError> {
        let end = CancellationToken::new();
        let shared = (app.clone(), end.clone());
        let factory: Box<ServiceFactory> = Box::new(move |caller| {
            let (app, end) = shared.clone();
            mcp_service(make(app, caller, end))
        });
        let tokens = TokenStore::load(http, app.operator(), &factory, &TokenStore::default())?;
        app.set_tokens(tokens.tokens());
        let oauth = OAuth::new(http, app.operator());
        Ok(Self {
            http: http.clone(),
            app,
            endpoint: Arc::new(McpEndpoint::new(http, factory, tokens, oauth)),
            policy: Arc::new(HostOriginPolicy::new(http)?),
            tls: http.tls().as_ref().map(tls::load).transpose()?.map(RustlsConfig::from_config),
            end,
        })
    }

    /// Reads tokens and certificate again, from where these settings say; if one is invalid, both stay as they are.
    pub fn reload(&self, http: &Result<Http, ConfigError>) {
        match http.as_ref().map_err(Clone::clone).and_then(|http| self.reload_files(http)) {
            Ok(()) => tracing::info!("Reloaded the tokens and the certificate."),
            Err(invalid) => {
                tracing::error!("{invalid} The tokens and the certificate stay as they are.");
            }
        }
    }

    fn reload_files(&self, http: &Http) -> Result<(), ConfigError> {
        let (endpoint, owner) = (&self.endpoint, self.app.operator());
        let tokens = TokenStore::load(http, owner, &endpoint.factory, &endpoint.tokens())?;
        if let Some((tls, files)) = self.tls.as_ref().zip(self.http.tls().as_ref()) {
            tls.reload_from_config(tls::load(files)?);
        }
        self.app.set_tokens(tokens.tokens());
        endpoint.replace_tokens(tokens);
        Ok(())
    }

    /// What happens to a request. At `/mcp`, in order: `Host` and `Origin`, CORS, the token, the method, the endpoint.
    /// The outermost layer drains the body of a request that any of them rejects.
    fn router(&self) -> Router {
        let endpoint = self.endpoint.clone();
        let call = post(mcp_endpoint::handle).fallback(async || Rejection::MethodNotAllowed);
        let mcp = Router::new().route("/mcp", call.clone()).route("/mcp/", call).layer(
            ServiceBuilder::new()
                .layer(from_fn_with_state(self.policy.clone(), host_origin::check))
                .layer(cors(Method::POST))
                .layer(from_fn_with_state(endpoint.clone(), mcp_endpoint::authenticate)),
        );
        let metrics = match self.http.metrics {
            true => Router::new().route("/metrics", get(probes::metrics)),
            false => Router::new(),
        };
        let probes = metrics
            .route("/health", get(probes::health))
            .route("/ready", get(probes::ready))
            .method_not_allowed_fallback(async || Rejection::NotFound);
        mcp.with_state(endpoint)
            .merge(self.oauth_metadata())
            .merge(probes.with_state(self.app.clone()))
            .fallback(async || Rejection::NotFound)
            .layer(map_request(drain::drain_rejected_body))
    }

    /// Where clients without a token learn who issues them; `Host` and `Origin` are checked as at `/mcp`.
    fn oauth_metadata(&self) -> Router {
        let Some(oauth) = &self.endpoint.oauth else { return Router::new() };
        let document = get(oauth::metadata).fallback(async || Rejection::NotFound);
        let layers = ServiceBuilder::new()
            .layer(from_fn_with_state(self.policy.clone(), host_origin::check))
            .layer(cors(Method::GET));
        ["", "/mcp", "/mcp/"]
            .into_iter()
            .fold(Router::new(), |router, end| {
                router.route(&format!("{METADATA_PATH}{end}"), document.clone())
            })
            .layer(layers)
            .with_state(oauth.clone())
    }

    /// Serves until `stop` resolves, then finishes the calls; returns the process's deadline. Boxed as `App::call_tool`.
    ///
    /// # Errors
    /// An address on which the server cannot listen.
    #[must_use]
    pub fn serve<'a>(&'a self, stop: BoxFuture<'a, ()>) -> BoxFuture<'a, io::Result<Instant>> {
        Box::pin(self.serve_until(stop))
    }

    async fn serve_until(&self, stop: BoxFuture<'_, ()>) -> io::Result<Instant> {
        let listener = self.bind().await?;
        self.log_listening(listener.local_addr()?);
        let app = self.app.clone();
        tokio::spawn(async move {
            for conflict in probes::setting_conflicts(&app).await {
                tracing::warn!("{conflict}");
            }
        });
        let _fresh_keys = self.endpoint.oauth.as_ref().map(|oauth| oauth.keep_keys_fresh());
        let handle = Handle::new();
        let mut serving = pin!(self.run(listener, handle.clone()));
        tokio::select! {
            result = &mut serving => result?,
            () = stop => {}
        }
        let deadline = Instant::now() + SHUTDOWN_TIMEOUT;
        handle.graceful_shutdown(None);
        // Connections without a request in progress are not waited for.
        let drained = async {
            self.endpoint.drained().await;
            sleep(FLUSH_TIMEOUT).await;
        };
        let finished = async {
            tokio::select! {
                _ = serving => {}
                () = drained => {}
            }
        };
        if timeout_at(deadline - FLUSH_TIMEOUT, finished).await.is_err() {
            tracing::warn!("Stopping with calls still in progress.");
            self.end.cancel();
            sleep(FLUSH_TIMEOUT).await;
        }
        handle.shutdown();
        Ok(deadline)
    }

    fn run(
        &self,
        listener: TcpListener,
        handle: Handle<SocketAddr>,
    ) -> BoxFuture<'static, io::Result<()>> {
        let mut server = axum_server::Server::from_listener(listener)
            .handle(handle)
            .http1_only()
            .first_request_timeout(FIRST_REQUEST_TIMEOUT)
            .accept_error_handler(|_, error| tracing::debug!(%error, "connection not accepted"));
        server
            .http_builder()
            .http1()
            .header_read_timeout(KEEP_ALIVE_TIMEOUT)
            .max_buf_size(MAX_HEAD_BYTES);
        let (app, limit) = (self.router().into_make_service(), ConnectionLimit::new());
        match self.tls.clone() {
            None => Box::pin(server.acceptor(limit).serve(app)),
            Some(tls) => {
                Box::pin(server.acceptor(RustlsAcceptor::new(tls).acceptor(limit)).serve(app))
            }
        }
    }

    async fn bind(&self) -> io::Result<TcpListener> {
        let (host, port) = (self.http.host.as_str(), self.http.port);
        listen(host, port).await.map_err(|error| match error.kind() {
            kind @ (ErrorKind::AddrInUse | ErrorKind::PermissionDenied) => {
                io::Error::new(kind, format!("Cannot listen on {host}, port {port}: {error}"))
            }
            _ => io::Error::other(ConfigError::new(
                "AUTOTASK_HTTP_HOST",
                format!("an address or name of this machine; {host:?} is not one ({error})"),
            )),
        })
    }

    fn log_listening(&self, address: SocketAddr) {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        tracing::info!("MCP is served at {scheme}://{address}/mcp");
        if !address.ip().is_loopback() && self.tls.is_none() && !self.http.behind_proxy {
            tracing::warn!(
                "Traffic is unencrypted: set AUTOTASK_HTTP_TLS_CERT and AUTOTASK_HTTP_TLS_KEY, or AUTOTASK_HTTP_BEHIND_PROXY=true if a reverse proxy terminates TLS."
            );
        }
    }
}

/// Listens on the first address of a host that allows it.
async fn listen(host: &str, port: u16) -> io::Result<TcpListener> {
    let mut failure = io::Error::from(ErrorKind::AddrNotAvailable);
    for address in lookup_host((host, port)).await? {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A restart does not wait for connections that the previous process closed.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        match socket.bind(address).and_then(|()| socket.listen(MAX_PENDING_CONNECTIONS)) {
            Ok(listener) => return Ok(listener),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// Answers preflights and marks responses for allowed origins; `host_origin::check` has rejected all others.
fn cors(method: Method) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_methods([method])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([WWW_AUTHENTICATE, RETRY_AFTER])
        .max_age(PREFLIGHT_MAX_AGE)
}
