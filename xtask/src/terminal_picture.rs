//! The README's picture: what a person sees in a terminal, for two commands on the sandbox.

use anstyle::{AnsiColor, Style};
use anstyle_svg::Term;

use crate::examples::words;

/// The commands in the picture.
const COMMANDS: [&str; 2] = [
    "$ autotask-mcp call search-tickets openOnly=true dueBefore=today priority=Critical --sandbox",
    "$ autotask-mcp call update-ticket id=8264 priority=High --sandbox",
];
const COMMAND: Style = AnsiColor::Green.on_default();
/// The width of the terminal.
pub const COLUMNS: u16 = 112;

/// Runs the commands and draws them with their output.
///
/// # Errors
/// The first command that cannot be run.
pub fn draw<E>(run: &dyn Fn(&[String]) -> Result<String, E>) -> Result<String, E> {
    let mut session = String::new();
    for command in COMMANDS {
        session += &format!("{COMMAND}{command}{COMMAND:#}\n{}\n", run(&words(command))?);
    }
    let lines: Vec<_> = session.trim_end().lines().map(wrap).collect();
    Ok(Term::new().render_svg(&lines.join("\n")))
}

/// The line, broken at spaces where it is wider than the terminal.
fn wrap(line: &str) -> String {
    let (mut text, mut used) = (String::new(), 0);
    for word in line.split_inclusive(' ') {
        let length = word.chars().count();
        if used + length > COLUMNS.into() {
            text.push('\n');
            used = 0;
        }
        text.push_str(word);
        used += length;
    }
    text
}
