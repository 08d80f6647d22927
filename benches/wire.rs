//! Measures what `get-ticket` adds to the round trip of a plain HTTP client, over the same socket in the same run.

#[path = "../tests/support/sandbox_port.rs"]
mod sandbox_port;

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use autotask_mcp::app;
use autotask_mcp::client::backend::http_client;
use autotask_sandbox::{INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use sandbox_port::SandboxPort;
use serde_json::Value;

type BenchResult<T = ()> = Result<T, Box<dyn Error>>;

const CALLS: u32 = 3_000;
/// Calls that are not measured, so that connections and caches are warm.
const WARM_UP_CALLS: u32 = 200;

#[tokio::main(flavor = "current_thread")]
async fn main() -> BenchResult {
    let sandbox = Arc::new(Sandbox::new());
    sandbox.set_threshold(1_000_000);
    let port = SandboxPort::open(&sandbox);
    let app = port.app(&[]);
    let client = http_client().no_proxy().build()?;
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for turn in 0..CALLS + WARM_UP_CALLS {
        let id = 8001 + turn % 300;
        let started = Instant::now();
        forward(&client, &port.base(), id).await?;
        let forwarded = started.elapsed();
        let started = Instant::now();
        let arguments = app::parse_arguments(&format!("{{\"id\":{id}}}"))?;
        app.call_as_operator("get-ticket", arguments).await.ok_or("no such tool")?;
        let called = started.elapsed();
        if turn >= WARM_UP_CALLS {
            bare.push(forwarded);
            ours.push(called);
        }
    }
    let (bare, ours) = (median(bare), median(ours));
    println!("plain client, one GET         {bare:>10.1?}");
    println!("get-ticket through the app    {ours:>10.1?}");
    println!(
        "added                         {:>10.1?}   target at most 120 µs",
        ours.saturating_sub(bare)
    );
    Ok(())
}

/// The work of a minimal server: one GET, and its body as JSON.
async fn forward(client: &reqwest::Client, base: &str, id: u32) -> BenchResult<Value> {
    let request = client.get(format!("{base}V1.0/Tickets/{id}"));
    let request = request.header("UserName", USERNAME).header("Secret", SECRET);
    let reply = request.header("ApiIntegrationCode", INTEGRATION_CODE).send().await?;
    Ok(serde_json::from_slice(&reply.bytes().await?)?)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
