//! Asks the HTTP door on this machine whether it lives, as a container's health check does.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use autotask_mcp::config::Http;

/// Health checks give up after a few seconds themselves.
const PATIENCE: Duration = Duration::from_secs(3);

/// 0 if the door of these settings answers that it is well, else 1 and why on standard error.
pub async fn ask(http: &Http) -> u8 {
    match alive(http).await {
        Ok(true) => 0,
        Ok(false) => said("the HTTP door answers that it is not well"),
        Err(error) => said(&error.without_url().to_string()),
    }
}

fn said(why: &str) -> u8 {
    eprintln!("unhealthy: {why}");
    1
}

/// A certificate is for the name that clients use, which loopback is not; nothing secret is said here.
async fn alive(http: &Http) -> reqwest::Result<bool> {
    let client =
        reqwest::Client::builder().no_proxy().danger_accept_invalid_certs(true).timeout(PATIENCE);
    let reply = client.build()?.get(address(http)).send().await?;
    Ok(reply.status().is_success())
}

/// A door on all addresses is on loopback too.
fn address(http: &Http) -> String {
    let scheme = if http.tls.is_some() { "https" } else { "http" };
    let host = match http.host.parse::<IpAddr>() {
        Ok(any) if any.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => http.host.clone(),
    };
    format!("{scheme}://{host}:{}/health", http.port)
}
