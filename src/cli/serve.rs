//! `serve`: MCP over the configured transport, until a signal or the end of input.

use std::io;
use std::sync::Arc;

use autotask_mcp::app::App;
use autotask_mcp::config::{Config, Transport};
use autotask_mcp::mcp::McpServer;
use autotask_mcp::transport::{http, stdio};
use tokio::time::Instant;

use super::signals;
use super::{Overrides, exit_with_config_error};

/// Serves until shutdown and returns the exit code; completes a write in progress even if its client has disconnected.
pub async fn run(config: &Config, overrides: Overrides, app: App) -> io::Result<u8> {
    let app = Arc::new(app);
    if let Err(error) = app.audit().check_writable() {
        tracing::error!("{error}");
    }
    let deadline = match config.transport {
        Transport::Stdio => {
            let server = McpServer::new(app.clone(), app.operator().clone());
            stdio::serve(server, Box::pin(signals::shutdown_signal())).await?
        }
        Transport::Http => match http::HttpServer::new(&config.http, app.clone()) {
            Ok(server) => serve_http(Arc::new(server), overrides).await?,
            Err(error) => return Ok(exit_with_config_error(&error)),
        },
    };
    app.executor().client().wait_for_writes(deadline).await;
    Ok(0)
}

/// Serves over HTTP; SIGHUP reloads the tokens and the certificate.
async fn serve_http(server: Arc<http::HttpServer>, overrides: Overrides) -> io::Result<Instant> {
    let reloaded = server.clone();
    tokio::spawn(signals::on_reload(move || {
        let http = Config::from_env_with(&overrides).map(|config| config.http);
        reloaded.reload(&http);
    }));
    server.serve(Box::pin(signals::shutdown_signal())).await
}
