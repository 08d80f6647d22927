//! The command line: declares the commands and runs the selected one.

mod call;
mod display;
mod doctor;
mod dump_metadata;
mod healthcheck;
mod help;
mod listen_address;
mod manual;
mod report;
mod serve;
mod setup;
mod signals;
mod spinner;
mod tools;
mod tty_confirm;

use std::path::PathBuf;
use std::{env, io};

use autotask_mcp::app::App;
use autotask_mcp::client::backend::{Backend, InProcessReply};
use autotask_mcp::config::{Config, ConfigError, Transport};
use autotask_mcp::telemetry::log;
use autotask_mcp::text::redact::Redactor;
use autotask_sandbox::{INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use tokio::runtime::{Builder, Runtime};

use call::Call;
use listen_address::ListenAddress;
use report::ReportArguments;
use setup::Setup;

/// More requests than a sandbox receives in days of use.
const SANDBOX_THRESHOLD: u32 = 10_000_000;

/// MCP server for Kaseya Autotask PSA. Without a command it serves MCP over standard input and output.
#[derive(Parser)]
#[command(version, after_long_help = help::settings())]
struct CommandLine {
    /// Use the built-in sandbox tenant; needs no credentials or network.
    #[arg(long, global = true)]
    sandbox: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve MCP; the same as no command.
    Serve {
        /// Serve over HTTP, at this address: a host, a port or HOST:PORT.
        #[arg(long, value_name = "ADDRESS")]
        #[expect(
            clippy::option_option,
            reason = "clap's type of an option whose value may be omitted"
        )]
        http: Option<Option<ListenAddress>>,
    },
    /// Run one tool, exactly as an MCP client would, and print its response.
    Call(Call),
    /// Print a report as one HTML file, for a browser or a printer.
    Report(ReportArguments),
    /// List the tools, or show one with its arguments.
    Tools {
        /// The tool to show.
        name: Option<String>,
        /// Print JSON, as clients see it.
        #[arg(long)]
        json: bool,
    },
    /// Add this server to the configuration of an MCP client.
    Setup(Setup),
    /// Check the settings and the connection to Autotask.
    Doctor {
        /// Also compare the tenant's entities and fields with the built-in schema; two requests per entity.
        #[arg(long)]
        schema: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check the local HTTP server's health; exits with 0 if healthy.
    Health,
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page.
    Man,
    /// Work with the tenant's schema.
    #[command(subcommand, hide = true)]
    Schema(SchemaCommand),
}

#[derive(Subcommand)]
enum SchemaCommand {
    /// Save the tenant's metadata, for `cargo xtask refresh-schema`; prints the folder.
    Dump {
        /// The folder that gets a folder for each tenant.
        folder: PathBuf,
    },
}

/// Runs the command of the process and returns its exit code.
pub fn run() -> u8 {
    let line = CommandLine::try_parse().unwrap_or_else(|error| with_advice(error).exit());
    let overrides = line.overrides();
    match line.command {
        Some(Command::Completions { shell }) => {
            exit_code(help::completions(shell, CommandLine::command()).map(|()| 0))
        }
        Some(Command::Man) => exit_code(manual::print(CommandLine::command()).map(|()| 0)),
        Some(Command::Health) => health(),
        Some(Command::Setup(setup)) => exit_code(setup.run(overrides)),
        _ => run_with_settings(line, overrides),
    }
}

/// Adds advice to the error for an unknown option that is probably an argument of a tool.
fn with_advice(mut error: clap::Error) -> clap::Error {
    let is_call = env::args().any(|word| word == "call");
    if is_call && error.kind() == ErrorKind::UnknownArgument {
        let advice = "arguments of a tool have the form name=value, such as openOnly=true";
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![advice.into()]));
    }
    error
}

/// Reads only the settings for the address: a health check has neither a token nor credentials.
fn health() -> u8 {
    let http = match Config::http_address_from_env() {
        Ok(http) => http,
        Err(error) => return exit_with_config_error(&error),
    };
    let runtime = Builder::new_current_thread().enable_all().build();
    exit_code(runtime.map(|runtime| runtime.block_on(healthcheck::check(&http))))
}

fn run_with_settings(line: CommandLine, overrides: Overrides) -> u8 {
    let config = match config(&overrides) {
        Ok(config) => config,
        Err(error) => return exit_with_config_error(&error),
    };
    let redactor = report_start(&line, &config);
    let code = line.runtime(&config).and_then(|runtime| {
        runtime.block_on(async {
            match App::with_redactor(&config, new_backend(&config), redactor) {
                Ok(app) => Box::pin(run_command(line.command, &config, overrides, app)).await,
                Err(error) => Ok(exit_with_config_error(&error)),
            }
        })
    });
    exit_code(code)
}

fn config(overrides: &Overrides) -> Result<Config, ConfigError> {
    let config = Config::from_env_with(overrides)?;
    Ok(match config.sandbox {
        true => config.with_sandbox_credentials(USERNAME, SECRET, INTEGRATION_CODE),
        false => config,
    })
}

/// Starts the log, warns about questionable settings, and returns the redactor of the log. For commands, the warnings
/// appear at any log level.
fn report_start(line: &CommandLine, config: &Config) -> Redactor {
    let redactor = log::init(config, if line.is_server() { "info" } else { "error" });
    for warning in &config.warnings {
        match line.is_server() {
            true => tracing::warn!("{warning}"),
            false => eprintln!("warning: {warning}"),
        }
    }
    if line.command.is_none() && config.transport == Transport::Stdio {
        help::hint_at_terminal();
    }
    redactor
}

/// Settings that the command line overrides.
type Overrides = Vec<(&'static str, String)>;

impl CommandLine {
    fn is_server(&self) -> bool {
        matches!(self.command, None | Some(Command::Serve { .. }))
    }

    fn overrides(&self) -> Overrides {
        let mut overrides = Vec::new();
        if self.sandbox {
            overrides.push(("AUTOTASK_SANDBOX", "true".to_owned()));
        }
        if let Some(Command::Report(_)) = &self.command {
            overrides.push(("AUTOTASK_MAX_ANSWER_CHARS", report::MAX_RESPONSE_CHARS.to_string()));
        }
        let http = ("AUTOTASK_TRANSPORT", "http".to_owned());
        if let Some(Command::Serve { http: Some(address) }) = &self.command {
            overrides.push(http);
            overrides.extend(address.iter().flat_map(ListenAddress::settings));
        }
        overrides
    }

    /// One thread for one client, all cores for an HTTP server.
    fn runtime(&self, config: &Config) -> io::Result<Runtime> {
        let mut builder = match self.is_server() && config.transport == Transport::Http {
            true => Builder::new_multi_thread(),
            false => Builder::new_current_thread(),
        };
        builder.enable_all().build()
    }
}

async fn run_command(
    command: Option<Command>,
    config: &Config,
    overrides: Overrides,
    app: App,
) -> io::Result<u8> {
    match command {
        Some(Command::Call(call)) => Box::pin(call.run(&app)).await,
        Some(Command::Report(report)) => Box::pin(report.run(&app)).await,
        Some(Command::Tools { name, json }) => {
            tools::run(app.operator().access(), name.as_deref(), json)
        }
        Some(Command::Doctor { schema, json }) => {
            doctor::run(config, &app, schema, json).await.map(u8::from)
        }
        Some(Command::Schema(SchemaCommand::Dump { folder })) => {
            dump_metadata::dump(config, app.executor().client(), &folder).await
        }
        None
        | Some(
            Command::Serve { .. }
            | Command::Setup(_)
            | Command::Health
            | Command::Completions { .. }
            | Command::Man,
        ) => serve::run(config, overrides, app).await,
    }
}

fn new_backend(config: &Config) -> Backend {
    if !config.sandbox {
        return Backend::https(config);
    }
    let tenant = config.sandbox_now.map_or_else(Sandbox::with_real_clock, Sandbox::pinned);
    // The sandbox never resets its count of requests, so a long-running server would exhaust the threshold for good.
    tenant.set_threshold(SANDBOX_THRESHOLD);
    Backend::local(config, move |request| InProcessReply::Reply(tenant.handle(request)))
}

fn exit_with_config_error(error: &ConfigError) -> u8 {
    eprintln!("{error}");
    2
}

/// A closed pipe on standard output is not a failure. Some settings turn out to be invalid only when they are used.
fn exit_code(result: io::Result<u8>) -> u8 {
    let error = match result {
        Ok(code) => return code,
        Err(error) => error,
    };
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<ConfigError>());
    match cause {
        Some(invalid) => exit_with_config_error(invalid),
        None if error.kind() == io::ErrorKind::BrokenPipe => 0,
        None => {
            tracing::error!("{error}");
            1
        }
    }
}
