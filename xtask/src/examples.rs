//! Examples in the documentation: commands for the sandbox, with their output formatted for reading.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Map, Value};

/// The start of a command line in an example.
const PROMPT: &str = "$ ";
const PROGRAM: &str = "autotask-mcp";
/// The start of the name of each setting.
const SETTING_PREFIX: &str = "AUTOTASK_";
/// A longer JSON value takes several lines.
const MAX_INLINE_CHARS: usize = 110;
/// Of a longer list, only this many entries are shown, and the others are counted.
const MAX_LISTED_ENTRIES: usize = 2;

/// Returns the page with the output in each `console` block replaced by the current output of its command.
///
/// # Errors
/// The first command that cannot be run.
pub fn refresh<E>(page: &str, run: &dyn Fn(&[String]) -> Result<String, E>) -> Result<String, E> {
    let mut parts: Vec<String> = page.split("```").map(str::to_owned).collect();
    for block in parts.iter_mut().skip(1).step_by(2) {
        let command = block.strip_prefix("console\n").and_then(|rest| rest.lines().next());
        if let Some(command) = command {
            let output = format_output(&run(&words(command))?);
            *block = format!("console\n{command}\n{output}\n");
        }
    }
    Ok(parts.join("```"))
}

/// README.md and every page of `docs/`.
///
/// # Errors
/// A folder cannot be listed.
pub fn pages(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut pages = vec![root.join("README.md")];
    let mut folders = vec![root.join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(end) if end == "md" => pages.push(path),
                _ => {}
            }
        }
    }
    Ok(pages)
}

/// Splits a command line into settings and arguments; only single quotes are supported.
pub fn words(command: &str) -> Vec<String> {
    let line = command.strip_prefix(PROMPT).unwrap_or(command);
    let quoted = line.split('\'').enumerate();
    let words = quoted.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.filter(|word| word != PROGRAM).collect()
}

/// Splits words into the settings at their start, each with its value, and the arguments.
pub fn split_settings(words: &[String]) -> (Vec<(&str, &str)>, &[String]) {
    let settings = words.iter().take_while(|word| word.starts_with(SETTING_PREFIX)).count();
    let (settings, arguments) = words.split_at(settings);
    (settings.iter().filter_map(|word| word.split_once('=')).collect(), arguments)
}

/// The command of an example, without the environment of this shell, and with the time that the examples assume.
pub fn command(program: &Path, words: &[String]) -> Command {
    let (settings, arguments) = split_settings(words);
    let mut command = Command::new(program);
    command.env_clear().env("AUTOTASK_SANDBOX_NOW", "2026-06-30T15:00:00Z").env("TERM", "xterm");
    command.envs(settings);
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Breaks long JSON into lines and shortens long lists; other lines are unchanged.
pub fn format_output(output: &str) -> String {
    let lines = output.trim_end().lines().map(|line| match serde_json::from_str::<Value>(line) {
        Ok(value) => format_json(&value, 0),
        Err(_) => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn format_json(value: &Value, depth: usize) -> String {
    let compact = value.to_string();
    if is_inline(&compact) {
        return compact;
    }
    match value {
        Value::Array(entries) => in_brackets("[]", &entry_lines(entries, depth), depth),
        Value::Object(members) => in_brackets("{}", &member_lines(members, depth), depth),
        _ => compact,
    }
}

fn entry_lines(entries: &[Value], depth: usize) -> Vec<String> {
    let mut lines: Vec<_> = entries
        .iter()
        .take(MAX_LISTED_ENTRIES)
        .map(|entry| format_json(entry, depth + 1))
        .collect();
    if let Some(more @ 1..) = entries.len().checked_sub(MAX_LISTED_ENTRIES) {
        lines.push(format!("… {more} more"));
    }
    lines
}

/// Puts as many members on a line as fit.
fn member_lines(members: &Map<String, Value>, depth: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (key, value) in members {
        let member = format!("\"{key}\": {}", format_json(value, depth + 1));
        match lines.last_mut() {
            Some(line) if is_inline(&format!("{line}, {member}")) => {
                *line += &format!(", {member}");
            }
            _ => lines.push(member),
        }
    }
    lines
}

fn is_inline(text: &str) -> bool {
    text.chars().count() <= MAX_INLINE_CHARS && !text.contains('\n')
}

fn in_brackets(brackets: &str, lines: &[String], depth: usize) -> String {
    let (open, close) = brackets.split_at(1);
    let indent = "  ".repeat(depth);
    format!("{open}\n{indent}  {}\n{indent}{close}", lines.join(&format!(",\n{indent}  ")))
}

#[cfg(test)]
mod tests {
    use super::{format_output, refresh, split_settings, words};

    #[test]
    fn only_the_output_of_an_example_is_replaced() {
        let page = "a\n```console\n$ autotask-mcp x 'y z' --sandbox\nold\n```\nb\n```sh\nc\n```\n";
        let run = |words: &[String]| Ok::<_, ()>(words.join("|"));
        let updated = refresh(page, &run).expect("the command runs");
        assert_eq!(updated, page.replace("old", "x|y z|--sandbox"));
        assert_eq!(words("tools --json"), ["tools", "--json"]);
    }

    #[test]
    fn settings_come_before_the_program() {
        let words = words("$ AUTOTASK_READ_ONLY=true autotask-mcp call x a=b");
        let (settings, arguments) = split_settings(&words);
        assert_eq!(settings, [("AUTOTASK_READ_ONLY", "true")]);
        assert_eq!(arguments, ["call", "x", "a=b"]);
    }

    #[test]
    fn long_lists_are_shortened() {
        let entry = "x".repeat(60);
        let output = format!(r#"{{"items":["{entry}","{entry}","b","c"],"count":4}}"#);
        let expected = format!(
            "{{\n  \"items\": [\n    \"{entry}\",\n    \"{entry}\",\n    … 2 more\n  ],\n  \"count\": 4\n}}"
        );
        assert_eq!(format_output(&output), expected);
        assert_eq!(format_output("not-found: No such ticket.\n"), "not-found: No such ticket.");
    }
}
