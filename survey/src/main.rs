//! The command behind `cargo xtask refresh-schema`: fills a tenant's folder and prints where it is.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use autotask_facts::Problem;
use autotask_facts::documents::Folder;
use autotask_mcp::client::Client;
use autotask_mcp::client::backend::{Backend, InProcessReply};
use autotask_mcp::config::Config;
use autotask_mcp::sandbox::{self, Sandbox};
use autotask_mcp::telemetry::log;
use autotask_survey::fill;
use autotask_survey::progress::Progress;
use clap::Parser;
use sha2::{Digest, Sha256};

/// Bytes of a hash that tell API users apart, and tell nobody who they are.
const MARK: usize = 6;

/// Asks a tenant for its Swagger document and the pages of every entity; settings are the server's.
#[derive(Parser)]
struct Arguments {
    /// The zone, in place of `AUTOTASK_API_URL`.
    #[arg(long)]
    url: Option<String>,
    /// Ask the tenant built into the server.
    #[arg(long)]
    sandbox: bool,
    /// Where the folders of all tenants are.
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
    log::init(&config, "info");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Problem::new(e.to_string()))?;
    runtime.block_on(survey(&config, arguments))
}

async fn survey(config: &Config, arguments: &Arguments) -> Result<Folder, Problem> {
    let client = Client::new(config, wire(config));
    let zone = client.zone().await.map_err(|e| Problem::new(e.to_string()))?;
    let name = match &config.username {
        Some(username) if !config.sandbox => folder_name(&zone.to_string(), username),
        _ => "sandbox".to_owned(),
    };
    let (folder, progress) = (Folder::new(arguments.keep.join(name)), Progress::watched());
    progress.say(&format!("pages are kept in {}", folder.path().display()));
    fill(&client, &folder, &progress).await?;
    Ok(folder)
}

fn config(arguments: &Arguments) -> Result<Config, autotask_mcp::config::ConfigError> {
    let config = Config::read(&|name| match &arguments.url {
        Some(url) if name == "AUTOTASK_API_URL" => Some(url.clone()),
        _ => env::var(name).ok(),
    })?;
    Ok(match arguments.sandbox || config.sandbox {
        true => config.with_sandbox_credentials(
            sandbox::USERNAME,
            sandbox::SECRET,
            sandbox::INTEGRATION_CODE,
        ),
        false => config,
    })
}

fn wire(config: &Config) -> Backend {
    if !config.sandbox {
        return Backend::https(config);
    }
    let tenant = Sandbox::new();
    Backend::local(config, move |request| InProcessReply::Reply(tenant.handle(request)))
}

/// The host and port of a zone and a mark of the API user: tenants share zones, and a user is of one tenant alone.
fn folder_name(zone: &str, username: &str) -> String {
    let host = zone.split("://").nth(1).and_then(|rest| rest.split('/').next());
    let host = host.unwrap_or_default().replace(':', "-");
    let digest = Sha256::digest(username.to_lowercase());
    let mark = digest.iter().take(MARK).map(|byte| format!("{byte:02x}"));
    format!("{host}-{}", mark.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::folder_name;

    #[test]
    fn tenants_of_one_zone_have_folders_of_their_own() {
        let zone = "https://webservices5.autotask.net/ATServicesRest/";
        let name = folder_name(zone, "api@one.example");
        assert!(name.starts_with("webservices5.autotask.net-") && !name.contains("api"), "{name}");
        assert_eq!(name, folder_name(zone, "API@one.example"));
        assert_ne!(name, folder_name(zone, "api@two.example"));
        assert!(folder_name("http://127.0.0.1:80/", "a").starts_with("127.0.0.1-80-"));
    }
}
