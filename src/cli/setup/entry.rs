//! The entry of this server in a client's configuration.

use std::path::{Path, PathBuf};
use std::{env, io};

use serde_json::{Map, Value, json};

use super::mcp_client::McpClient;

/// The name of the entry.
pub const ENTRY_NAME: &str = "autotask";

/// Variables with their values.
pub type Environment = Vec<(String, String)>;

/// How a client starts this server.
pub struct ServerEntry {
    command: String,
    arguments: &'static [&'static str],
    environment: Environment,
}

impl ServerEntry {
    /// Starts this program with the sandbox.
    pub fn sandbox() -> io::Result<Self> {
        Ok(Self { command: program()?, arguments: &["--sandbox"], environment: Vec::new() })
    }

    /// Starts this program with these credentials, read-only unless it may write.
    pub fn new(credentials: Environment, allow_writes: bool) -> io::Result<Self> {
        let read_only = ("AUTOTASK_READ_ONLY".to_owned(), (!allow_writes).to_string());
        let environment = credentials.into_iter().chain([read_only]).collect();
        Ok(Self { command: program()?, arguments: &[], environment })
    }

    /// The entry in the form that this client reads.
    pub fn to_json(&self, client: McpClient) -> Value {
        let mut entry = Map::new();
        if client.has_transport_type() {
            entry.insert("type".to_owned(), "stdio".into());
        }
        entry.insert("command".to_owned(), self.command.as_str().into());
        entry.insert("args".to_owned(), self.arguments.into());
        if !self.environment.is_empty() {
            let variables = self.environment.iter();
            let variables = variables.map(|(name, value)| (name.clone(), value.as_str().into()));
            entry.insert("env".to_owned(), Value::Object(variables.collect()));
        }
        Value::Object(entry)
    }
}

/// Whether two entries start the same server; an empty list or object counts as absent.
pub fn is_equal(left: &Value, right: &Value) -> bool {
    significant(left) == significant(right)
}

fn significant(entry: &Value) -> Map<String, Value> {
    let members = entry.as_object().into_iter().flatten();
    let is_empty = |value: &Value| *value == json!([]) || *value == json!({});
    let is_default = |key: &str, value: &Value| key == "type" && value == "stdio";
    let members = members.filter(|(key, value)| !is_empty(value) && !is_default(key, value));
    members.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Whether the entry forbids all writes.
pub fn is_read_only(entry: &Value) -> bool {
    entry["env"]["AUTOTASK_READ_ONLY"] == "true"
}

/// The absolute path of this program: desktop clients do not search the `PATH` of a shell.
fn program() -> io::Result<String> {
    let running = env::current_exe()?;
    let path = linked_in_path(&running).unwrap_or(running);
    path.into_os_string().into_string().map_err(|path| {
        io::Error::other(format!("The path of this program is not Unicode: {}.", path.display()))
    })
}

/// The link to this program in `PATH`: an upgrade updates the link, but may move the file.
fn linked_in_path(running: &Path) -> Option<PathBuf> {
    let (name, target) = (running.file_name()?, running.canonicalize().ok()?);
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(|path| path.is_absolute() && path.canonicalize().is_ok_and(|path| path == target))
}
