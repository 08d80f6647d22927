//! The command line: serve, call a tool, list the tools, check the settings.

mod doctor;
mod health;
mod signals;
mod terminal;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;

use autotask_mcp::access::Access;
use autotask_mcp::app::{self, App};
use autotask_mcp::client::backend::{Backend, InProcessReply};
use autotask_mcp::config::{Config, Invalid, Transport};
use autotask_mcp::mcp::McpServer;
use autotask_mcp::mcp::lists;
use autotask_mcp::render::ToolResponse;
use autotask_mcp::sandbox::{self, Sandbox};
use autotask_mcp::telemetry::log;
use autotask_mcp::transport::{SHUTDOWN_TIMEOUT, http, stdio};
use clap::{Parser, Subcommand};
use serde_json::Value;
use terminal::Terminal;
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

/// Many calls at once wait for each other's memory in the system's allocator; a fifth of the time of a call.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Each client is an open file, and many systems start with few.
const FILES: u64 = 16_384;
/// More requests than anybody makes of a sandbox.
const SANDBOX_THRESHOLD: u32 = 1_000_000_000;

/// MCP server for Kaseya Autotask PSA; without a command it speaks MCP over standard input and output.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// Use the tenant built into the program: no credentials, no network.
    #[arg(long, global = true)]
    sandbox: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run one tool as a client's call would, and print its answer.
    Call {
        /// The tool's name; `autotask-mcp tools` lists them.
        tool: String,
        /// The arguments, as a JSON object.
        #[arg(default_value = "{}")]
        arguments: String,
    },
    /// List the tools.
    Tools {
        /// Print them as clients see them.
        #[arg(long)]
        json: bool,
    },
    /// Check the settings and the way to Autotask.
    Doctor {
        /// Also compare the tenant's entities and fields with those built in; two requests an entity.
        #[arg(long)]
        schema: bool,
    },
    /// Ask the HTTP door on this machine whether it lives; exit code 0 if it does.
    Health,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = match settings(arguments.sandbox) {
        Ok(config) => config,
        Err(invalid) => return refused(&invalid),
    };
    log::init(&config);
    for warning in Config::unknown_in_env() {
        tracing::warn!("{warning}");
    }
    let code = match runtime(&arguments, &config) {
        Ok(runtime) => runtime.block_on(run(arguments, &config)),
        Err(error) => Err(error),
    };
    let code = code.unwrap_or_else(|error| failed(&error));
    #[cfg(feature = "otel")]
    autotask_mcp::telemetry::otel::shutdown();
    // A thread may still wait for standard input; nobody waits for it.
    std::process::exit(code.into())
}

/// One thread serves one client; many clients take all there are.
fn runtime(arguments: &Arguments, config: &Config) -> io::Result<Runtime> {
    let many = arguments.command.is_none() && config.transport == Transport::Http;
    let mut builder =
        if many { Builder::new_multi_thread() } else { Builder::new_current_thread() };
    builder.enable_all().build()
}

fn settings(sandbox: bool) -> Result<Config, Invalid> {
    let config = Config::from_env()?;
    Ok(if sandbox {
        config.of_sandbox(sandbox::USERNAME, sandbox::SECRET, sandbox::INTEGRATION_CODE)
    } else {
        config
    })
}

fn refused(invalid: &Invalid) -> ExitCode {
    eprintln!("{invalid}");
    ExitCode::from(2)
}

/// Whoever reads our output may stop early; that is no failure. Some settings show only in use that they cannot be
/// taken.
fn failed(error: &io::Error) -> u8 {
    let cause = error.get_ref();
    if let Some(invalid) = cause.and_then(|cause| cause.downcast_ref::<Invalid>()) {
        eprintln!("{invalid}");
        return 2;
    }
    if error.kind() == io::ErrorKind::BrokenPipe {
        return 0;
    }
    tracing::error!("{error}");
    1
}

async fn run(arguments: Arguments, config: &Config) -> io::Result<u8> {
    let wire = if arguments.sandbox {
        sandbox_wire(config, arguments.command.as_ref())
    } else {
        Backend::https(config)
    };
    let desk = match App::new(config, wire) {
        Ok(desk) => desk,
        Err(invalid) => {
            eprintln!("{invalid}");
            return Ok(2);
        }
    };
    match arguments.command {
        None => serve(config, Arc::new(desk)).await,
        Some(Command::Call { tool, arguments }) => call(&desk, &tool, &arguments).await,
        Some(Command::Tools { json }) => tools(desk.operator().access(), json).map(|()| 0),
        Some(Command::Doctor { schema: false }) => doctor::run(config, &desk).await.map(u8::from),
        Some(Command::Doctor { schema: true }) => {
            doctor::examine_schema(config, &desk).await.map(u8::from)
        }
        Some(Command::Health) => Ok(health::ask(&config.http).await),
    }
}

/// A write that was begun is carried through, even if its client has left.
async fn serve(config: &Config, desk: Arc<App>) -> io::Result<u8> {
    if let Err(error) = desk.audit().ready() {
        tracing::error!("{error}");
    }
    let deadline = match config.transport {
        Transport::Stdio => {
            let server = McpServer::new(desk.clone(), desk.operator().clone());
            Box::pin(stdio::serve(server, signals::shutdown_signal())).await?
        }
        Transport::Http => match http::Server::new(&config.http, desk.clone()) {
            Ok(server) => open(Arc::new(server)).await?,
            Err(invalid) => {
                eprintln!("{invalid}");
                return Ok(2);
            }
        },
    };
    desk.executor().client().wait_for_writes(deadline).await;
    Ok(0)
}

/// Serves over HTTP; SIGHUP has tokens and certificate read again.
async fn open(server: Arc<http::Server>) -> io::Result<Instant> {
    if let Err(error) = rlimit::increase_nofile_limit(FILES) {
        tracing::debug!(%error, "no more files may be open");
    }
    let reloading = server.clone();
    tokio::spawn(signals::on_reload(move || {
        let http = Config::from_env().map(|config| config.http);
        reloading.reload(&http);
    }));
    server.serve(signals::shutdown_signal()).await
}

fn sandbox_wire(config: &Config, command: Option<&Command>) -> Backend {
    let tenant = Sandbox::new();
    // Its hour never ends, so what a server uses up would never come back.
    if command.is_none() {
        tenant.set_threshold(SANDBOX_THRESHOLD);
    }
    Backend::local(config, move |request| InProcessReply::Reply(tenant.handle(request)))
}

async fn call(desk: &App, tool: &str, arguments: &str) -> io::Result<u8> {
    let read = match app::parse_arguments(arguments) {
        Ok(read) => read,
        Err(error) => {
            eprintln!("{error}");
            return Ok(1);
        }
    };
    let line = Terminal(desk);
    let stopped = signals::shutdown_signal();
    let asked = desk.call_tool(desk.operator(), &line, tool, read);
    let answer = tokio::select! {
        biased;
        answer = asked => answer,
        () = stopped => {
            let deadline = Instant::now() + SHUTDOWN_TIMEOUT;
            desk.executor().client().wait_for_writes(deadline).await;
            return Ok(0);
        }
    };
    let Some(answer) = answer else {
        eprintln!(
            "{} `autotask-mcp tools` lists them.",
            desk.operator().access().unknown_tool_message(tool)
        );
        return Ok(1);
    };
    print(&answer)?;
    Ok(u8::from(answer.error.is_some()))
}

/// Pretty for people, compact for pipes.
fn print(answer: &ToolResponse) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let parsed = serde_json::from_str::<Value>(&answer.text).ok().filter(|_| out.is_terminal());
    match parsed {
        Some(value) => writeln!(out, "{value:#}"),
        None => writeln!(out, "{}", answer.text),
    }
}

fn tools(gate: &Access, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        let tools: Vec<_> = gate.tools().iter().map(|tool| lists::tool(*tool)).collect();
        return writeln!(out, "{}", serde_json::to_string_pretty(&tools)?);
    }
    for tool in gate.tools() {
        writeln!(out, "{:<28}{:<12}{}", tool.name(), tool.group().name(), tool.title())?;
    }
    Ok(())
}
