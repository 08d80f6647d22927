//! The MCP clients that `setup` supports: the path and format of their configuration.

use std::path::PathBuf;
use std::{env, io};

use clap::ValueEnum;

/// The format of a configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON without comments.
    Json,
    /// TOML.
    Toml,
}

/// A client with its own configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum McpClient {
    /// Claude Desktop.
    ClaudeDesktop,
    /// Claude Code, for all projects of the user.
    ClaudeCode,
    /// Visual Studio Code, for all workspaces of the user.
    Vscode,
    /// Cursor, for all projects of the user.
    Cursor,
    /// `OpenAI` Codex.
    Codex,
    /// Gemini CLI.
    Gemini,
}

impl McpClient {
    /// The name as users know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClaudeDesktop => "Claude Desktop",
            Self::ClaudeCode => "Claude Code",
            Self::Vscode => "VS Code",
            Self::Cursor => "Cursor",
            Self::Codex => "Codex",
            Self::Gemini => "Gemini CLI",
        }
    }

    /// The name on the command line.
    pub fn argument(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// The format of the configuration file.
    pub fn format(self) -> Format {
        match self {
            Self::Codex => Format::Toml,
            _ => Format::Json,
        }
    }

    /// The member of the configuration that contains the servers.
    pub fn servers_key(self) -> &'static str {
        match self {
            Self::Codex => "mcp_servers",
            Self::Vscode => "servers",
            _ => "mcpServers",
        }
    }

    /// Whether an entry names its transport.
    pub fn has_transport_type(self) -> bool {
        matches!(self, Self::ClaudeCode | Self::Vscode)
    }

    /// The configuration file, which need not exist.
    pub fn config_path(self) -> io::Result<PathBuf> {
        Ok(match self {
            Self::ClaudeDesktop => app_data()?.join("Claude").join("claude_desktop_config.json"),
            Self::ClaudeCode => {
                folder("CLAUDE_CONFIG_DIR").map_or_else(home, Ok)?.join(".claude.json")
            }
            Self::Vscode => app_data()?.join("Code").join("User").join("mcp.json"),
            Self::Cursor => home()?.join(".cursor").join("mcp.json"),
            Self::Codex => match folder("CODEX_HOME") {
                Some(folder) => folder.join("config.toml"),
                None => home()?.join(".codex").join("config.toml"),
            },
            Self::Gemini => {
                let home = folder("GEMINI_CLI_HOME").map_or_else(home, Ok)?;
                home.join(".gemini").join("settings.json")
            }
        })
    }
}

/// The folder of the configurations of desktop programs.
fn app_data() -> io::Result<PathBuf> {
    if cfg!(windows) {
        return folder("APPDATA").ok_or_else(|| io::Error::other("APPDATA is not set."));
    }
    if cfg!(target_os = "macos") {
        return Ok(home()?.join("Library").join("Application Support"));
    }
    match folder("XDG_CONFIG_HOME") {
        Some(folder) => Ok(folder),
        None => Ok(home()?.join(".config")),
    }
}

fn home() -> io::Result<PathBuf> {
    let home = env::home_dir().filter(|home| home.is_absolute());
    home.ok_or_else(|| io::Error::other("The home folder is unknown; set HOME."))
}

/// The folder that an environment variable names.
fn folder(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}
