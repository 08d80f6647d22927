//! The command behind `cargo xtask refresh-schema`: fills a tenant's folder and prints where it is.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use autotask_facts::Problem;
use autotask_facts::documents::Folder;
use autotask_mcp::client::Client;
use autotask_mcp::client::wire::{Delivery, Wire};
use autotask_mcp::config::Config;
use autotask_mcp::log;
use autotask_mcp::sandbox::{self, Sandbox};
use autotask_mcp::secret::Scrubber;
use autotask_survey::fill;
use autotask_survey::progress::Progress;
use clap::Parser;

/// Asks a tenant for its Swagger document and the pages of every entity; settings are the server's.
#[derive(Parser)]
struct Arguments {
    /// The zone, in place of `AUTOTASK_API_URL`.
    #[arg(long)]
    url: Option<String>,
    /// Ask the tenant built into the server.
    #[arg(long)]
    sandbox: bool,
    /// Where the folders of all zones are.
    #[arg(long)]
    keep: PathBuf,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(folder) => {
            println!("{}", folder.path().display());
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<Folder, Problem> {
    let config = config(arguments).map_err(|e| Problem::new(e.to_string()))?;
    log::to_stderr(&config.log, Scrubber::new(&config.credentials()), false);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|e| Problem::new(e.to_string()))?;
    runtime.block_on(survey(&config, arguments))
}

async fn survey(config: &Config, arguments: &Arguments) -> Result<Folder, Problem> {
    let client = Client::new(config, wire(config));
    let zone = client
        .zone()
        .await
        .map_err(|e| Problem::new(e.to_string()))?;
    let name = if config.sandbox {
        "sandbox".to_owned()
    } else {
        folder_name(&zone.to_string())
    };
    let folder = Folder::new(arguments.keep.join(name));
    fill(&client, &folder, &Progress::watched()).await?;
    Ok(folder)
}

fn config(arguments: &Arguments) -> Result<Config, autotask_mcp::config::Invalid> {
    let config = Config::read(&|name| match &arguments.url {
        Some(url) if name == "AUTOTASK_API_URL" => Some(url.clone()),
        _ => env::var(name).ok(),
    })?;
    Ok(match arguments.sandbox {
        true => config.of_sandbox(
            sandbox::USERNAME,
            sandbox::SECRET,
            sandbox::INTEGRATION_CODE,
        ),
        false => config,
    })
}

fn wire(config: &Config) -> Wire {
    if !config.sandbox {
        return Wire::https(config);
    }
    let tenant = Sandbox::new();
    Wire::local(config, move |request| {
        Delivery::Reply(tenant.handle(request))
    })
}

/// The host and port of a zone, as a folder may be called.
fn folder_name(zone: &str) -> String {
    let host = zone
        .split("://")
        .nth(1)
        .and_then(|rest| rest.split('/').next());
    host.unwrap_or_default().replace(':', "-")
}
