//! `setup`: adds this server to the configuration of an MCP client, or removes it.

mod config_file;
mod credentials;
mod document;
mod entry;
mod mcp_client;

use std::error::Error;
use std::io::{self, Write};

use autotask_mcp::config::{Config, ConfigError};
use clap::Args;
use serde_json::Value;

use super::Overrides;
use config_file::ConfigFile;
use document::Document;
use entry::{ENTRY_NAME, Environment, ServerEntry};
use mcp_client::McpClient;

/// The arguments of the command.
#[derive(Args)]
pub struct Setup {
    /// The client to configure.
    client: McpClient,
    /// Only print the configuration, with placeholders for the credentials.
    #[arg(long, conflicts_with = "remove")]
    print: bool,
    /// Remove the entry.
    #[arg(long)]
    remove: bool,
    /// Let the client write too; without it the entry is read-only.
    #[arg(long, conflicts_with = "remove")]
    allow_writes: bool,
}

impl Setup {
    /// Changes or prints the configuration and returns the exit code; the error is an invalid setting.
    pub fn run(&self, overrides: Overrides) -> io::Result<u8> {
        let done = match (self.print, self.remove) {
            (true, _) => self.print(overrides),
            (_, true) => self.remove(),
            _ => self.add(overrides),
        };
        match done {
            Err(error) if !is_config_error(&error) => {
                eprintln!("{error}");
                Ok(1)
            }
            done => done.map(|()| 0),
        }
    }

    fn print(&self, overrides: Overrides) -> io::Result<()> {
        let entry = self.entry(overrides, |_| credentials::placeholders())?;
        let empty = Document::empty(self.client.format());
        let text = empty.with_entry(self.client, &entry)?;
        writeln!(io::stdout(), "{}", text.trim_end())?;
        eprintln!("This belongs in {}.", self.client.config_path()?.display());
        Ok(())
    }

    fn add(&self, overrides: Overrides) -> io::Result<()> {
        let file = ConfigFile::open(self.client.config_path()?)?;
        let document = self.document(&file)?;
        if document.entry(self.client).is_none() {
            file.check_writable()?;
        }
        let entry = self.entry(overrides, credentials::ask)?;
        match document.entry(self.client) {
            Some(existing) if entry::is_equal(existing, &entry) => {
                return writeln!(io::stdout(), "{} already has this entry.", file.path().display());
            }
            Some(_) => return Err(self.other_entry(&file)),
            None => {}
        }
        file.replace(&document.with_entry(self.client, &entry)?)?;
        self.report(&file, &entry)
    }

    fn entry(
        &self,
        overrides: Overrides,
        credentials: fn(Overrides) -> io::Result<Environment>,
    ) -> io::Result<Value> {
        let config = Config::from_env_with(&overrides).map_err(io::Error::other)?;
        let entry = match config.sandbox {
            true => ServerEntry::sandbox()?,
            false => ServerEntry::new(credentials(overrides)?, self.allow_writes)?,
        };
        Ok(entry.to_json(self.client))
    }

    fn remove(&self) -> io::Result<()> {
        let file = ConfigFile::open(self.client.config_path()?)?;
        let document = self.document(&file)?;
        let path = file.path().display();
        if document.entry(self.client).is_none() {
            return writeln!(io::stdout(), "{path} has no entry \"{ENTRY_NAME}\".");
        }
        file.replace(&document.without_entry(self.client)?)?;
        writeln!(io::stdout(), "Removed \"{ENTRY_NAME}\" from {path}.")
    }

    fn document(&self, file: &ConfigFile) -> io::Result<Document> {
        Document::parse(self.client.format(), file.text()).map_err(|reason| {
            let path = file.path().display();
            io::Error::other(format!(
                "{path} is not changed: {reason}. Add the entry by hand; --print shows it."
            ))
        })
    }

    fn other_entry(&self, file: &ConfigFile) -> io::Error {
        io::Error::other(format!(
            "{} is not changed: it has a different entry \"{ENTRY_NAME}\". `autotask-mcp setup {} --remove` removes it.",
            file.path().display(),
            self.client.argument(),
        ))
    }

    fn report(&self, file: &ConfigFile, entry: &Value) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let (client, path) = (self.client.name(), file.path().display());
        writeln!(out, "Added \"{ENTRY_NAME}\" to {path}. Restart {client} to use it.")?;
        if entry::is_read_only(entry) {
            writeln!(
                out,
                "It only reads; to let it write, remove it and add it with --allow-writes."
            )?;
        }
        Ok(())
    }
}

fn is_config_error(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<ConfigError>)
}
