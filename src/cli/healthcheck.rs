//! `health`: requests `/health` of the local HTTP server, as a container's health check does.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use autotask_mcp::client::backend::http_client;
use autotask_mcp::config::Http;
use reqwest::StatusCode;

/// Containers abort a health check after a few seconds anyway.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(3);

/// 0 if the server of these settings is healthy; otherwise 1, with the reason on standard error.
pub async fn check(http: &Http) -> u8 {
    let url = url(http);
    let reason = match status(&url).await {
        Ok(status) if status.is_success() => return 0,
        Ok(status) => format!("status {status}"),
        Err(error) => root_cause(&error.without_url()),
    };
    eprintln!("unhealthy: GET {url} failed: {reason}");
    1
}

/// Accepts any certificate: it names the host that clients use, not loopback, and the request contains no secret.
async fn status(url: &str) -> reqwest::Result<StatusCode> {
    let client = http_client().no_proxy().danger_accept_invalid_certs(true).timeout(HEALTH_TIMEOUT);
    Ok(client.build()?.get(url).send().await?.status())
}

fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// A server that listens on all addresses also listens on loopback.
fn url(http: &Http) -> String {
    let scheme = if http.tls().is_some() { "https" } else { "http" };
    let host = match http.host.parse::<IpAddr>() {
        Ok(any) if any.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => http.host.clone(),
    };
    format!("{scheme}://{host}:{}/health", http.port)
}
