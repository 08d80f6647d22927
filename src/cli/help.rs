//! Help texts: the settings, shell completions, and a hint at the terminal.

use std::io::{self, IsTerminal, Write};

use autotask_mcp::config::{SETTINGS, Setting};
use autotask_mcp::tools::Tool;
use clap::Command;
use clap::builder::PossibleValuesParser;
use clap_complete::Shell;

/// The settings, below the long help.
pub fn settings() -> String {
    let mut text = String::from("Settings (environment variables):\n");
    for setting in SETTINGS {
        text += &format!("\n{}\n    {}\n", names(setting), self::text(setting));
    }
    text
}

/// The variables of a setting.
pub fn names(setting: &Setting) -> String {
    let file = setting.file_variable().map(|name| format!(" or {name}")).unwrap_or_default();
    format!("{}{file}", setting.name)
}

/// The meaning of a setting, the values it accepts, and its default.
pub fn text(setting: &Setting) -> String {
    let default = match setting.default {
        "" => String::new(),
        default => format!(" Default: {default}."),
    };
    format!("{} Accepts {}.{default}", setting.help, setting.accepts)
}

/// Prints the completion script for a shell.
pub fn completions(shell: Shell, command: Command) -> io::Result<()> {
    let tools = || PossibleValuesParser::new(Tool::ALL.map(Tool::name));
    let mut command = command
        .mut_subcommand("call", |call| call.mut_arg("tool", |tool| tool.value_parser(tools())))
        .mut_subcommand("tools", |list| list.mut_arg("name", |tool| tool.value_parser(tools())));
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    // In half of bash's labels, clap_complete 4.6 mistakes the hyphen in the program's name for the start of a command.
    let script = String::from_utf8_lossy(&script);
    let script = script.replace("autotask__subcmd__mcp", "autotask__mcp");
    io::stdout().write_all(script.as_bytes())
}

/// Tells a person who starts the server in a terminal what it is waiting for.
pub fn hint_at_terminal() {
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        eprintln!("autotask-mcp is waiting for an MCP client on standard input.");
        eprintln!("Try `autotask-mcp --help`, `autotask-mcp doctor` or `autotask-mcp --sandbox`.");
    }
}
