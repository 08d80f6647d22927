//! Compares the HTTP server with a minimal rmcp server that returns the same bytes, and measures idle clients and long
//! runs.

#[path = "../tests/support/http_server.rs"]
mod http_server;

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use autotask_mcp::client::backend::http_client;
use axum::Router;
use http_server::{HttpServer, TOKEN, call};
use reqwest::{Client, RequestBuilder};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ServerCapabilities,
    ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type BenchResult<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const MAX_CONCURRENT_CALLS: u32 = 64;
const CALLS: u32 = 6_400;
/// Both servers take turns, so that a busy machine is slow for both.
const ROUNDS: usize = 9;
const SEQUENTIAL_CALLS: usize = 2_000;
const IDLE_CLIENTS: usize = 1_000;
const LONG_RUN_CALLS: u32 = 100_000;
/// The variable that makes this program the minimal server; its value is the text to return.
const MINIMAL_SERVER: &str = "MINIMAL_SERVER_RESPONSE";

#[tokio::main]
async fn main() -> BenchResult {
    if let Ok(response) = std::env::var(MINIMAL_SERVER) {
        return serve_minimal(response).await;
    }
    let server = HttpServer::sandbox(&[]);
    // The first tool sends no request to the tenant, so it measures only the HTTP server.
    for (tool, arguments) in [
        ("list-known-entities", json!({ "search": "checklist" })),
        ("get-ticket", json!({ "id": 8107, "fields": "id,title" })),
        ("get-ticket", json!({ "id": 8107 })),
    ] {
        let body = call(tool, &arguments);
        let bare = MinimalServer::start(&server.call(tool, &arguments).await)?;
        let (server, bare) = (Target::new(&server.base, &body), Target::new(&bare.base, &body));
        throughput(&format!("{tool} {arguments}"), &server, &bare).await?;
    }
    let to_ours = Target::new(&server.base, &call("get-ticket", &json!({ "id": 8107 })));
    latency(&to_ours).await?;
    idle(&server).await?;
    growth(&to_ours, &server).await
}

async fn throughput(what: &str, server: &Arc<Target>, bare: &Arc<Target>) -> BenchResult {
    let (mut server_times, mut bare_times, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (bare, server) = (bare.run(CALLS).await?, server.run(CALLS).await?);
        // The first round opens the connections.
        if round > 0 {
            shares.push(bare.as_secs_f64() / server.as_secs_f64());
            bare_times.push(bare);
            server_times.push(server);
        }
    }
    shares.sort_unstable_by(f64::total_cmp);
    let share = shares.get(ROUNDS / 2).copied().unwrap_or_default();
    let [server, bare] =
        [server_times, bare_times].map(|times| f64::from(CALLS) / median(times).as_secs_f64());
    println!("64 connections, {what}");
    report("  minimal rmcp server", &format!("{bare:.0}/s"), "");
    report("  this server on the sandbox", &format!("{server:.0}/s"), "");
    report("  share", &format!("{share:.2}"), "target at least 0.7");
    Ok(())
}

async fn latency(server: &Target) -> BenchResult {
    let mut times = Vec::new();
    for _ in 0..SEQUENTIAL_CALLS {
        let started = Instant::now();
        server.once().await?;
        times.push(started.elapsed());
    }
    report("1 connection, median", &format!("{:.0?}", median(times)), "target under 1 ms");
    Ok(())
}

/// Clients that initialize and then stay connected without sending requests.
async fn idle(server: &HttpServer) -> BenchResult {
    let before = resident(server.id())?;
    let mut clients = Vec::new();
    for _ in 0..IDLE_CLIENTS {
        clients.push(client(server).await?);
    }
    let grown = resident(server.id())?.saturating_sub(before);
    report("1,000 idle clients", &format!("{} MB", grown.div_ceil(1024)), "target under 50 MB");
    Ok(())
}

async fn client(server: &HttpServer) -> BenchResult<TcpStream> {
    let address = server.base.trim_start_matches("http://");
    let body = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "idle", "version": "1" } } }).to_string();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all((head + &body).as_bytes()).await?;
    let mut reply = [0; 4096];
    let length = stream.read(&mut reply).await?;
    check(reply.starts_with(b"HTTP/1.1 200") && length > 0)?;
    Ok(stream)
}

async fn growth(to_ours: &Arc<Target>, server: &HttpServer) -> BenchResult {
    to_ours.run(LONG_RUN_CALLS / 10).await?;
    let early = resident(server.id())?;
    let first = to_ours.run(LONG_RUN_CALLS / 10).await?;
    to_ours.run(LONG_RUN_CALLS - 3 * (LONG_RUN_CALLS / 10)).await?;
    let last = to_ours.run(LONG_RUN_CALLS / 10).await?;
    let grown = resident(server.id())?.saturating_sub(early);
    report("memory over 100,000 calls", &format!("+{grown} kB"), "target none");
    let ratio = last.as_secs_f64() / first.as_secs_f64();
    report("time of the last 10,000 to the second", &format!("{ratio:.2}"), "target about 1");
    Ok(())
}

/// A server and the call that it gets repeatedly.
struct Target {
    client: Client,
    url: String,
    body: String,
}

impl Target {
    fn new(base: &str, body: &Value) -> Arc<Self> {
        let client = http_client().no_proxy().tcp_nodelay(true).build();
        Arc::new(Self {
            client: client.unwrap_or_default(),
            url: format!("{base}/mcp"),
            body: body.to_string(),
        })
    }

    fn request(&self) -> RequestBuilder {
        let post = self.client.post(&self.url).bearer_auth(TOKEN);
        post.header("Content-Type", "application/json")
            .header("Accept", "application/json, text/event-stream")
            .body(self.body.clone())
    }

    async fn once(&self) -> BenchResult {
        let reply = self.request().send().await?.error_for_status()?;
        check(reply.text().await?.ends_with("\"isError\":false}}"))
    }

    async fn run(self: &Arc<Self>, calls: u32) -> BenchResult<Duration> {
        let started = Instant::now();
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..MAX_CONCURRENT_CALLS {
            let to = self.clone();
            all.spawn(async move {
                for _ in 0..calls / MAX_CONCURRENT_CALLS {
                    to.once().await?;
                }
                BenchResult::Ok(())
            });
        }
        for done in all.join_all().await {
            done?;
        }
        Ok(started.elapsed())
    }
}

/// The minimal server in a separate process.
struct MinimalServer {
    process: Child,
    base: String,
}

impl MinimalServer {
    fn start(response: &str) -> BenchResult<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .env(MINIMAL_SERVER, response)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut base = String::new();
        let output = process.stdout.take().ok_or("no output")?;
        BufReader::new(output).read_line(&mut base)?;
        Ok(Self { process, base: base.trim().to_owned() })
    }
}

impl Drop for MinimalServer {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[derive(Clone)]
struct FixedResponse(Arc<str>);

impl ServerHandler for FixedResponse {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        _: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        Ok(CallToolResult::success(vec![ContentBlock::text(self.0.to_string())]).into())
    }
}

async fn serve_minimal(response: String) -> BenchResult {
    use axum::serve::ListenerExt;

    let same = FixedResponse(response.into());
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true);
    let mcp = StreamableHttpService::new(
        move || Ok(same.clone()),
        Arc::<NeverSessionManager>::default(),
        config,
    );
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    Ok(axum::serve(listener, Router::new().route_service("/mcp", mcp)).await?)
}

/// Resident memory of a process in kB.
fn resident(process: u32) -> BenchResult<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().split(' ').next());
    Ok(number.ok_or("no VmRSS")?.parse()?)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn check(is_expected: bool) -> BenchResult {
    if is_expected { Ok(()) } else { Err("an unexpected response".into()) }
}

fn report(what: &str, value: &str, target: &str) {
    println!("{what:<46}{value:>14}   {target}");
}
