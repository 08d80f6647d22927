//! MCP over HTTP without sessions, whoever speaks behind it.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::Request;
use http_body_util::Full;
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

/// Answers the requests to `/mcp` that the door let in.
pub struct Service(Box<Answering>);

type Answering = dyn Fn(Request<Full<Bytes>>) -> BoxFuture<'static, Response> + Send + Sync;

impl Service {
    /// This server behind rmcp's HTTP.
    pub fn new<S: ServerHandler + Clone>(server: S) -> Self {
        // The door has looked at Host and size already.
        let config = StreamableHttpServerConfig::default()
            .disable_allowed_hosts()
            .with_legacy_session_mode(false)
            .with_json_response(true);
        let sessions = Arc::<NeverSessionManager>::default();
        let service = StreamableHttpService::new(move || Ok(server.clone()), sessions, config);
        let service = Arc::new(service);
        Self(Box::new(move |request| {
            let service = service.clone();
            Box::pin(async move { service.handle(request).await.map(Body::new) })
        }))
    }

    /// The answer to a request.
    pub async fn handle(&self, request: Request<Full<Bytes>>) -> Response {
        (self.0)(request).await
    }
}
