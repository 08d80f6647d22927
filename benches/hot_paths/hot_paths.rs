//! The hot paths beside a bare rmcp server that forwards the same request: instructions, counted by callgrind, and time.
//!
//! Without arguments it prints a table of both as Markdown; `check` fails where a path needs more instructions than
//! `limits.txt` allows, and `accept` writes that file. `SERVER [PATH]` is what runs under callgrind: `ours` answers from
//! memory, `net` and `bare` from a port.

mod callgrind;
mod paths;
mod stand_in;

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use autotask_mcp::app::App;
use autotask_mcp::client::backend::{Backend, InProcessReply, http_client};
use autotask_mcp::config::Config;
use autotask_mcp::mcp::{McpServer, lists};
use autotask_mcp::tools::Tool;
use autotask_sandbox::{BASE_URL, INTEGRATION_CODE, SECRET, USERNAME};
use paths::{Bare, HotPath};
use rmcp::{ServerHandler, ServiceExt};
use serde_json::json;
use stand_in::StandIn;
use tokio::io::{
    AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf, split,
};
use tokio::runtime::{Builder, Runtime};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Done<T = ()> = Result<T, Box<dyn Error>>;

/// Calls before those that count, so that connections, caches and buffers are as in a long run.
const WARM: u32 = 1;
const COUNTED: u32 = 3;
/// Both servers take turns, so that a busy machine is slow for both.
const TIMED: usize = 101;

fn main() -> Done {
    let words: Vec<_> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => table(),
        ["check"] => callgrind::check(),
        ["accept"] => callgrind::accept(),
        [server] => run(server, |path| path.is_checked),
        [server, name] => run(server, |path| path.name == *name),
        _ => Err("hot_paths [check | accept | SERVER [PATH]]".into()),
    }
}

/// Runs these paths one after the other.
fn run(server: &str, is_selected: impl Fn(&HotPath) -> bool) -> Done {
    let (runtime, stand_in) = (runtime()?, StandIn::new());
    for path in paths::all().into_iter().filter(is_selected) {
        let mut session = Session::open(&runtime, &stand_in, server, path)?;
        (0..WARM).try_for_each(|_| session.call(&runtime))?;
        run_counted(&runtime, &mut session)?;
    }
    Ok(())
}

/// What callgrind counts.
#[inline(never)]
fn run_counted(runtime: &Runtime, session: &mut Session) -> Done {
    for _ in 0..COUNTED {
        session.call(runtime)?;
    }
    Ok(())
}

fn table() -> Done {
    println!("| | Instructions | Bare server | Ratio | Time, µs | Bare server | Ratio |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for path in paths::all().iter().filter(|path| path.has_bare()) {
        let [ours, bare] = time(path.name)?;
        let ratio = ours.as_secs_f64() / bare.as_secs_f64();
        let times = format!("{} | {} | {ratio:.2}", ours.as_micros(), bare.as_micros());
        println!("| {} | {} | {times} |", path.name, callgrind::ratio(path.name)?);
    }
    Ok(())
}

/// The median time of a call, of this server and the bare one.
fn time(name: &str) -> Done<[Duration; 2]> {
    let (runtime, stand_in) = (runtime()?, StandIn::new());
    let open = |server: &str| {
        let path = paths::all().into_iter().find(|path| path.name == name);
        Session::open(&runtime, &stand_in, server, path.ok_or("no such path")?)
    };
    let mut sessions = [open("net")?, open("bare")?];
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..TIMED {
        for (session, times) in sessions.iter_mut().zip(&mut times) {
            let began = Instant::now();
            session.call(&runtime)?;
            times.push(began.elapsed());
        }
    }
    Ok(times.map(|mut times| {
        times.sort_unstable();
        times.get(TIMED / 2).copied().unwrap_or_default()
    }))
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// A client of a server in the same process, which makes the same call again and again.
struct Session {
    from: BufReader<ReadHalf<DuplexStream>>,
    to: WriteHalf<DuplexStream>,
    request: String,
    line: String,
}

impl Session {
    fn open(runtime: &Runtime, stand_in: &StandIn, server: &str, path: HotPath) -> Done<Self> {
        let message =
            json!({ "jsonrpc": "2.0", "id": 1, "method": path.method, "params": path.params });
        let request = format!("{message}\n");
        let (here, there) = tokio::io::duplex(1 << 23);
        let _guard = runtime.enter();
        if server == "bare" {
            let client = http_client().no_proxy().tcp_nodelay(true).build()?;
            let tools = Tool::ALL.into_iter().map(lists::tool).collect();
            serve(Bare { client, base: stand_in.listen()?, tools, path }, there);
        } else {
            let base = if server == "net" { Some(stand_in.listen()?) } else { None };
            let app = Arc::new(app(stand_in.clone(), base.as_deref())?);
            serve(McpServer::new(app.clone(), app.operator().clone()), there);
        }
        let (from, to) = split(here);
        let mut session = Self {
            from: BufReader::with_capacity(1 << 16, from),
            to,
            request,
            line: String::new(),
        };
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

    fn call(&mut self, runtime: &Runtime) -> Done {
        runtime.block_on(async {
            self.to.write_all(self.request.as_bytes()).await?;
            self.line.clear();
            self.from.read_line(&mut self.line).await?;
            let is_error = self.line.contains("\"isError\":true");
            let is_preview = self.line.contains("confirm-required");
            match self.line.contains("\"result\"") && (!is_error || is_preview) {
                true => Ok(()),
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

fn app(stand_in: StandIn, base: Option<&str>) -> Done<App> {
    let settings = |name: &str| match name {
        "AUTOTASK_MAX_ANSWER_CHARS" => Some("10000000".to_owned()),
        "AUTOTASK_API_URL" => Some(base.unwrap_or(BASE_URL).to_owned()),
        "AUTOTASK_USERNAME" => Some(USERNAME.to_owned()),
        "AUTOTASK_SECRET" => Some(SECRET.to_owned()),
        "AUTOTASK_INTEGRATION_CODE" => Some(INTEGRATION_CODE.to_owned()),
        _ => None,
    };
    let config = Config::read(&settings)?;
    let backend = match base {
        Some(_) => Backend::https(&config),
        None => {
            Backend::local(&config, move |request| InProcessReply::Reply(stand_in.respond(request)))
        }
    };
    Ok(App::new(&config, backend)?)
}
