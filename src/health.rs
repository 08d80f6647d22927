//! `autotask-mcp health`: requests `/health` of the HTTP server on this machine, as a container's health check does.

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use autotask_mcp::config::HealthTarget;

/// Health checks time out after a few seconds themselves.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Returns 0 if the server is healthy; otherwise reports the request and why it failed, and returns 1.
pub async fn check(target: &HealthTarget) -> u8 {
    let url = target.url();
    match request(&url).await {
        Ok(status) if status.is_success() => {
            // A closed standard output changes nothing about the server's health.
            let _ = writeln!(std::io::stdout(), "healthy: GET {url} returned {status}");
            0
        }
        Ok(status) => report_failure(&format!("GET {url} returned {status}")),
        Err(error) => report_failure(&format!("GET {url} failed: {}", root_cause(&error))),
    }
}

fn report_failure(reason: &str) -> u8 {
    eprintln!("unhealthy: {reason}");
    1
}

/// The certificate names the server's public name, not loopback; the request carries nothing secret.
async fn request(url: &str) -> reqwest::Result<reqwest::StatusCode> {
    let client =
        reqwest::Client::builder().no_proxy().danger_accept_invalid_certs(true).timeout(TIMEOUT);
    Ok(client.build()?.get(url).send().await?.status())
}

/// The innermost error says what happened, such as a refused connection.
fn root_cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no response within {} seconds", TIMEOUT.as_secs());
    }
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
