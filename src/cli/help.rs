//! What the program says about itself: settings, completions, manual page, hint.

use std::io::{self, IsTerminal};

use autotask_mcp::config::SETTINGS;
use clap::Command;
use clap_complete::Shell;

/// The settings, below the long help and in the manual page.
pub fn settings() -> String {
    let mut text = String::from("Settings (environment variables):\n");
    for setting in SETTINGS {
        let file = setting.file_variable().map(|name| format!(" or {name}")).unwrap_or_default();
        let default = match setting.default {
            "" => String::new(),
            default => format!(" Default: {default}."),
        };
        text += &format!(
            "\n{}{file}\n    {} Accepts {}.{default}\n",
            setting.name, setting.help, setting.accepts
        );
    }
    text
}

/// Prints the completion script for a shell.
pub fn completions(shell: Shell, command: &mut Command) {
    let name = command.get_name().to_owned();
    clap_complete::generate(shell, command, name, &mut io::stdout());
}

/// Prints the manual page.
pub fn manual(command: Command) -> io::Result<()> {
    clap_mangen::Man::new(command).render(&mut io::stdout())
}

/// Tells a person who starts the server in a terminal what it is waiting for.
pub fn hint_at_terminal() {
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        eprintln!("autotask-mcp is waiting for an MCP client on standard input.");
        eprintln!("Try `autotask-mcp --help`, `autotask-mcp doctor` or `autotask-mcp --sandbox`.");
    }
}
