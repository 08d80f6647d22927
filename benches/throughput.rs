//! Compares concurrent calls with a minimal server on the same rmcp and reqwest, and checks that a long run of calls
//! becomes neither slower nor larger.

#[path = "../tests/support/sandbox_port.rs"]
mod sandbox_port;

use std::error::Error;
use std::io::{BufRead, BufReader as Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use autotask_mcp::app::App;
use autotask_mcp::catalog::Entity;
use autotask_mcp::client::backend::http_client;
use autotask_mcp::mcp::McpServer;
use autotask_sandbox::{INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ServerCapabilities,
    ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler, ServiceExt};
use sandbox_port::SandboxPort;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, split};

type BenchResult<T = ()> = Result<T, Box<dyn Error>>;

const MAX_CONCURRENT_CALLS: usize = 64;
const CALLS: usize = 6_400;
/// Both servers take turns, so that a busy machine is slow for both.
const ROUNDS: usize = 5;
const LONG_RUN_CALLS: u32 = 50_000;
const CALLS_PER_PART: u32 = 10_000;

fn main() -> BenchResult {
    let sandbox = Arc::new(Sandbox::new());
    sandbox.set_threshold(10_000_000);
    let port = SandboxPort::open(&sandbox);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(concurrent_calls(&port))?;
    long_run(&port)
}

fn report(what: &str, value: &str, target: &str) {
    println!("{what:<46}{value:>14}   {target}");
}

async fn concurrent_calls(port: &SandboxPort) -> BenchResult {
    let app = Arc::new(port.app(&[]));
    let entities = entities(&app).await?;
    let bare = MinimalServer { client: http_client().no_proxy().build()?, base: port.base() };
    let mut bare = Session::open(bare).await?;
    let mut ours = Session::open(McpServer::new(app.clone(), app.operator().clone())).await?;
    let (mut bare_times, mut our_times) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (bare, ours) = (bare.run(&entities).await?, ours.run(&entities).await?);
        // The first round opens the connections.
        if round > 0 {
            bare_times.push(bare);
            our_times.push(ours);
        }
    }
    let [bare, ours] = [bare_times, our_times].map(per_second);
    let (at_bare, at_ours) = (format!("{bare:.0}/s"), format!("{ours:.0}/s"));
    report("64 concurrent, minimal server, one GET a call", &at_bare, "");
    report("64 concurrent, get-entity", &at_ours, "");
    report("  share", &format!("{:.2}", ours / bare), "target at least 0.8");
    Ok(())
}

/// At most 64 entities, each with the id of a record.
async fn entities(app: &App) -> BenchResult<Vec<(&'static str, i64)>> {
    let mut found = Vec::new();
    for entity in Entity::ALL {
        let query = json!({ "entity": entity.name(), "query": { "filter": [], "MaxRecords": 1 } });
        let query = query.as_object().cloned().unwrap_or_default();
        let response = app.call_as_operator("query-entity", query).await.ok_or("no such tool")?;
        let page: Value = serde_json::from_str(&response.text).unwrap_or_default();
        let Some(id) = page["items"][0]["id"].as_i64() else {
            continue;
        };
        let get = json!({ "entity": entity.name(), "id": id });
        let get = get.as_object().cloned().unwrap_or_default();
        let got = app.call_as_operator("get-entity", get).await.ok_or("no such tool")?;
        if got.error.is_none() {
            found.push((entity.name(), id));
        }
    }
    found.truncate(MAX_CONCURRENT_CALLS);
    println!("{} entities with records", found.len());
    Ok(found)
}

fn per_second(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    f64::from(u32::try_from(CALLS).unwrap_or_default()) / median.as_secs_f64()
}

/// The minimal server: each call is one GET, and its body is the response.
#[derive(Clone)]
struct MinimalServer {
    client: reqwest::Client,
    base: String,
}

impl MinimalServer {
    async fn forward(&self, entity: &str, id: &Value) -> reqwest::Result<String> {
        let request = self.client.get(format!("{}V1.0/{entity}/{id}", self.base));
        let request = request.header("UserName", USERNAME).header("Secret", SECRET);
        let reply = request.header("ApiIntegrationCode", INTEGRATION_CODE).send();
        reply.await?.text().await
    }
}

impl ServerHandler for MinimalServer {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let (Some(entity), Some(id)) = (arguments["entity"].as_str(), arguments.get("id")) else {
            return Err(ErrorData::invalid_params("entity and id", None));
        };
        let text = self.forward(entity, id).await;
        let text = text.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into())
    }
}

/// A client of a server in the same process.
struct Session {
    from: BufReader<tokio::io::ReadHalf<DuplexStream>>,
    to: tokio::io::WriteHalf<DuplexStream>,
}

impl Session {
    async fn open(server: impl ServerHandler) -> BenchResult<Self> {
        let (here, there) = tokio::io::duplex(1 << 20);
        tokio::spawn(async move {
            if let Ok(running) = server.serve(there).await {
                drop(running.waiting().await);
            }
        });
        let (from, to) = split(here);
        let from = BufReader::new(from);
        let mut session = Self { from, to };
        session.send(&initialize()).await?;
        session.receive().await?;
        session.send(&initialized()).await?;
        Ok(session)
    }

    /// Makes all calls, 64 of them in flight.
    async fn run(&mut self, entities: &[(&str, i64)]) -> BenchResult<Duration> {
        let started = Instant::now();
        for turn in 0..CALLS + MAX_CONCURRENT_CALLS {
            if turn >= MAX_CONCURRENT_CALLS {
                self.receive().await?;
            }
            if turn < CALLS {
                let (entity, id) = entities.get(turn % entities.len()).ok_or("no entity")?;
                let call = call(turn, "get-entity", &json!({ "entity": entity, "id": id }));
                self.send(&call).await?;
            }
        }
        Ok(started.elapsed())
    }

    async fn send(&mut self, message: &Value) -> BenchResult {
        Ok(self.to.write_all(format!("{message}\n").as_bytes()).await?)
    }

    async fn receive(&mut self) -> BenchResult {
        let mut line = String::new();
        self.from.read_line(&mut line).await?;
        check(&line)
    }
}

fn initialize() -> Value {
    json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "bench", "version": "0" } } })
}

fn initialized() -> Value {
    json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })
}

fn call(id: usize, tool: &str, arguments: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": tool, "arguments": arguments } })
}

fn check(line: &str) -> BenchResult {
    if line.contains("\"result\"") && !line.contains("\"isError\":true") {
        return Ok(());
    }
    Err(line.into())
}

/// The built program, called sequentially.
struct Program {
    process: Child,
    to: ChildStdin,
    from: Lines<ChildStdout>,
}

impl Program {
    fn start(base: &str) -> BenchResult<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_autotask-mcp"))
            .env("AUTOTASK_API_URL", base)
            .env("AUTOTASK_USERNAME", USERNAME)
            .env("AUTOTASK_SECRET", SECRET)
            .env("AUTOTASK_INTEGRATION_CODE", INTEGRATION_CODE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let to = process.stdin.take().ok_or("no pipe to the program")?;
        let from = Lines::new(process.stdout.take().ok_or("no pipe from the program")?);
        let mut program = Self { process, to, from };
        program.request(&initialize())?;
        writeln!(program.to, "{}", initialized())?;
        Ok(program)
    }

    fn request(&mut self, message: &Value) -> BenchResult {
        writeln!(self.to, "{message}")?;
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        check(&line)
    }

    fn megabytes(&self) -> BenchResult<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let word = line.and_then(|line| line.split_whitespace().next());
        Ok(word.ok_or("no VmRSS")?.parse::<f64>()? / 1024.0)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn long_run(port: &SandboxPort) -> BenchResult {
    let mut program = Program::start(&port.base())?;
    let (mut times, mut sizes) = (Vec::new(), Vec::new());
    for part in 0..LONG_RUN_CALLS / CALLS_PER_PART {
        let started = Instant::now();
        for turn in 0..CALLS_PER_PART {
            let id = 8001 + turn % 300;
            program.request(&call(
                (part * CALLS_PER_PART + turn + 1) as usize,
                "get-ticket",
                &json!({ "id": id }),
            ))?;
        }
        times.push(started.elapsed() / CALLS_PER_PART);
        sizes.push(program.megabytes()?);
    }
    let ends = |what: &str, first: String, last: String, target: &str| {
        report(&format!("{what}, first {CALLS_PER_PART} calls"), &first, "");
        report(&format!("{what}, last {CALLS_PER_PART} of {LONG_RUN_CALLS}"), &last, target);
    };
    if let ([first, .., last], [small, .., large]) = (&times[..], &sizes[..]) {
        ends("a call", format!("{first:.1?}"), format!("{last:.1?}"), "target no slower");
        ends("memory", format!("{small:.1} MB"), format!("{large:.1} MB"), "target no larger");
    }
    Ok(())
}
