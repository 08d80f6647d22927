//! The manual page: one page for the program, its commands and its settings.

use std::io::{self, Write};

use autotask_mcp::config::SETTINGS;
use clap::builder::PossibleValue;
use clap::{Arg, Command};
use clap_mangen::Man;

use super::help;

/// Prints the manual page.
pub fn print(mut command: Command) -> io::Result<()> {
    command.build();
    let mut out = io::stdout().lock();
    // The settings have their own section.
    let page = Man::new(command.clone().after_long_help(""));
    page.render_title(&mut out)?;
    page.render_name_section(&mut out)?;
    page.render_synopsis_section(&mut out)?;
    page.render_description_section(&mut out)?;
    page.render_options_section(&mut out)?;
    writeln!(out, ".SH COMMANDS")?;
    for command in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        print_command(&mut out, command)?;
    }
    writeln!(out, ".SH ENVIRONMENT")?;
    for setting in SETTINGS {
        writeln!(
            out,
            ".TP\n\\fB{}\\fR\n{}",
            escaped(&help::names(setting)),
            escaped(&help::text(setting))
        )?;
    }
    page.render_version_section(&mut out)
}

fn print_command(out: &mut impl Write, command: &Command) -> io::Result<()> {
    let positional = command.get_positionals().map(|argument| format!(" {argument}"));
    let usage = positional.collect::<String>();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    writeln!(
        out,
        ".TP\n\\fB{}\\fR{}\n{}",
        escaped(command.get_name()),
        escaped(&usage),
        escaped(&about)
    )?;
    let is_own = |argument: &&Arg| !argument.is_global_set() && argument.get_id() != "help";
    let arguments: Vec<_> = command.get_arguments().filter(is_own).collect();
    if arguments.is_empty() || command.get_name() == "help" {
        return Ok(());
    }
    writeln!(out, ".RS")?;
    for argument in arguments {
        let mut help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let values = argument.get_possible_values();
        let values: Vec<_> = values.iter().map(PossibleValue::get_name).collect();
        if argument.is_positional() && !values.is_empty() {
            help += &format!(": {}", values.join(", "));
        }
        writeln!(out, ".TP\n\\fB{}\\fR\n{}", escaped(&argument.to_string()), escaped(&help))?;
    }
    writeln!(out, ".RE")
}

/// Escapes text for roff.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}
