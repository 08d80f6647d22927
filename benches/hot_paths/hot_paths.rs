//! Instructions of the hot paths, counted by callgrind, beside a bare rmcp server that forwards the same request.
//!
//! Without arguments it prints a table; `check` fails where a path needs more than `limits.txt` allows, `accept` writes
//! that file, and `time` measures the time instead. `ours PATH` and `bare PATH` are what runs under callgrind.

mod paths;
mod stand_in;

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use autotask_mcp::app::App;
use autotask_mcp::client::backend::{Backend, InProcessReply};
use autotask_mcp::config::Config;
use autotask_mcp::mcp::{McpServer, lists};
use autotask_mcp::tools::Tool;
use autotask_sandbox::{INTEGRATION_CODE, SECRET, USERNAME};
use paths::{Bare, HotPath};
use rmcp::{ServerHandler, ServiceExt};
use serde_json::json;
use stand_in::StandIn;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf, split};
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Done<T = ()> = Result<T, Box<dyn Error>>;

/// Calls before those that count, so that connections, caches and buffers are as in a long run.
const WARM: u32 = 3;
const COUNTED: u32 = 5;

fn main() -> Done {
    let words: Vec<_> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["time"] => time(),
        [server, path, calls @ ..] => {
            let calls = calls.first().map_or(Ok(COUNTED), |calls| calls.parse())?;
            let path = paths::all().into_iter().find(|known| known.name == *path);
            let path = path.ok_or("no such path")?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let mut session = Session::open(&runtime, server, path)?;
            (0..WARM).try_for_each(|_| session.call(&runtime).map(drop))?;
            counted(&runtime, &mut session, calls)
        }
        _ => Err("not yet".into()),
    }
}

/// What callgrind counts.
#[inline(never)]
fn counted(runtime: &Runtime, session: &mut Session, calls: u32) -> Done {
    (0..calls).try_for_each(|_| session.call(runtime).map(drop))
}

fn time() -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for path in paths::all() {
        let mut line = format!("{:<28}", path.name);
        let mut sessions = Vec::new();
        for server in ["ours", "net", "bare"] {
            let path = paths::all().into_iter().find(|known| known.name == path.name);
            let path = path.filter(|path| server != "bare" || path.has_bare());
            if let Some(path) = path {
                sessions.push(Session::open(&runtime, server, path)?);
            }
        }
        let mut times = vec![Vec::new(); sessions.len()];
        for _ in 0..40 {
            for (session, times) in sessions.iter_mut().zip(&mut times) {
                let began = Instant::now();
                let length = session.call(&runtime)?;
                times.push((began.elapsed(), length));
            }
        }
        for mut times in times {
            times.sort_unstable();
            let (time, length) = times.get(times.len() / 2).copied().unwrap_or_default();
            line += &format!("{time:>12.1?}{length:>10}");
        }
        println!("{line}");
    }
    Ok(())
}

/// A client of a server in the same process, which makes the same call again and again.
struct Session {
    from: BufReader<ReadHalf<DuplexStream>>,
    to: WriteHalf<DuplexStream>,
    request: String,
    line: String,
}

impl Session {
    fn open(runtime: &Runtime, server: &str, path: HotPath) -> Done<Self> {
        let stand_in = StandIn::new();
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": path.method, "params": path.params });
        let request = format!("{message}\n");
        let (here, there) = tokio::io::duplex(1 << 23);
        let _guard = runtime.enter();
        match server {
            "bare" => {
                let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
                let tools = Tool::ALL.into_iter().map(lists::tool).collect();
                serve(Bare { client, base: stand_in.listen()?, tools, path }, there);
            }
            _ => {
                let base = if server == "net" { Some(stand_in.listen()?) } else { None };
                let app = Arc::new(app(stand_in, base)?);
                serve(McpServer::new(app.clone(), app.operator().clone()), there);
            }
        }
        let (from, to) = split(here);
        let mut session = Self { from: BufReader::with_capacity(1 << 16, from), to, request, line: String::new() };
        runtime.block_on(session.greet())?;
        Ok(session)
    }

    async fn greet(&mut self) -> Done {
        let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "bench", "version": "0" } } });
        let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        self.to.write_all(format!("{hello}\n").as_bytes()).await?;
        self.from.read_line(&mut self.line).await?;
        self.to.write_all(format!("{ready}\n").as_bytes()).await?;
        Ok(())
    }

    /// Makes the call; returns the length of the response.
    fn call(&mut self, runtime: &Runtime) -> Done<usize> {
        runtime.block_on(async {
            self.to.write_all(self.request.as_bytes()).await?;
            self.line.clear();
            self.from.read_line(&mut self.line).await?;
            let is_error = self.line.contains("\"isError\":true");
            let is_preview = self.line.contains("confirm-required");
            match self.line.contains("\"result\"") && (!is_error || is_preview) {
                true => Ok(self.line.len()),
                false => Err(self.line.clone().into()),
            }
        })
    }
}

fn serve(server: impl ServerHandler, stream: DuplexStream) {
    tokio::spawn(async move {
        if let Ok(running) = server.serve(stream).await {
            drop(running.waiting().await);
        }
    });
}

fn app(stand_in: StandIn, base: Option<String>) -> Done<App> {
    let settings = |name: &str| match name {
        "AUTOTASK_MAX_ANSWER_CHARS" => Some("10000000".to_owned()),
        "AUTOTASK_API_URL" => Some(base.clone().unwrap_or_else(|| autotask_sandbox::BASE_URL.to_owned())),
        "AUTOTASK_USERNAME" => Some(USERNAME.to_owned()),
        "AUTOTASK_SECRET" => Some(SECRET.to_owned()),
        "AUTOTASK_INTEGRATION_CODE" => Some(INTEGRATION_CODE.to_owned()),
        _ => None,
    };
    let config = Config::read(&settings)?;
    let backend = match base {
        Some(_) => Backend::https(&config),
        None => Backend::local(&config, move |request| InProcessReply::Reply(stand_in.respond(request))),
    };
    Ok(App::new(&config, backend)?)
}
