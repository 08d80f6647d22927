//! Runs each example of the documentation, and compares its output.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::string::FromUtf8Error;

use crate::examples;
#[cfg(target_os = "linux")]
use crate::{support::pty, terminal_picture};

const README: &str = include_str!("../README.md");

fn run(words: &[String]) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_autotask-mcp"));
    examples::command(program, words).output().expect("the program runs")
}

fn run_example(words: &[String]) -> Result<String, FromUtf8Error> {
    String::from_utf8(run(words).stdout)
}

/// The fenced code blocks of a page in this language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fences = page.split("```").skip(1).step_by(2);
    fences.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// The README and every page of `docs/`, with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let pages = examples::pages(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("docs/ lists");
    let text = |path: &PathBuf| fs::read_to_string(path).expect("a page");
    pages.into_iter().map(|path| (path.clone(), text(&path))).collect()
}

#[test]
fn examples_have_the_current_output() {
    for (page, text) in pages() {
        let updated = examples::refresh(&text, &run_example).expect("text");
        assert!(text == updated, "{} is stale; run `cargo xtask docs`", page.display());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_picture_has_the_current_output() {
    let program = Path::new(env!("CARGO_BIN_EXE_autotask-mcp"));
    let run = |words: &[String]| {
        let command = examples::command(program, words);
        Ok::<_, FromUtf8Error>(pty::run(command, terminal_picture::COLUMNS).0)
    };
    let updated = terminal_picture::draw(&run).expect("text");
    let stored = include_str!("../docs/images/terminal.svg");
    assert!(stored == updated, "docs/images/terminal.svg is stale; run `cargo xtask docs`");
}

#[test]
fn the_first_command_prints_open_unassigned_tickets() {
    let first = blocks(README, "sh")
        .into_iter()
        .find_map(|block| block.trim().strip_prefix("cargo run --release -- "))
        .expect("the README's first command");
    let output = run(&examples::words(first));
    let response: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a response");
    let items = response["items"].as_array().expect("tickets");
    assert!(output.status.success() && !items.is_empty());
    assert!(
        items.iter().all(|ticket| ticket["assignedResourceID"].is_null() && ticket["status"] != 5)
    );
}

#[test]
fn configurations_can_be_parsed_and_the_readme_configures_servers() {
    for (page, text) in pages() {
        for block in blocks(&text, "json") {
            let parsed = serde_json::from_str::<serde_json::Value>(block);
            assert!(parsed.is_ok(), "{}: {parsed:?}\n{block}", page.display());
        }
        for block in blocks(&text, "toml") {
            let parsed = toml::from_str::<toml::Table>(block);
            assert!(parsed.is_ok(), "{}: {parsed:?}\n{block}", page.display());
        }
    }
    for block in blocks(README, "json") {
        assert!(block.contains("\"mcpServers\": {") || block.contains("\"servers\": {"), "{block}");
    }
}

#[test]
fn commands_of_the_program_have_valid_options_and_settings() {
    let mut count = 0;
    for (page, text) in pages() {
        for line in blocks(&text, "sh").into_iter().flat_map(str::lines) {
            let Some(words) = checkable(line) else { continue };
            let output = run(&words);
            let reason = String::from_utf8_lossy(&output.stderr);
            assert_ne!(output.status.code(), Some(2), "{}: {line}: {reason}", page.display());
            count += 1;
        }
    }
    assert!(count > 10, "only {count} commands were found");
}

/// A command line without redirections, changed so that it neither waits nor writes; none if it is not checked.
fn checkable(line: &str) -> Option<Vec<String>> {
    let command = line.split([';', '|', '>']).next()?;
    let is_setting = |word: &&str| word.starts_with("AUTOTASK_");
    let program = command.split_whitespace().find(|word| !is_setting(word))?;
    if program != "autotask-mcp" || command.contains("$(") {
        return None;
    }
    let mut words = examples::words(command);
    let (_, arguments) = examples::split_settings(&words);
    let added = match arguments.first().map(String::as_str) {
        Some("setup") => "--print",
        None | Some("serve" | "--sandbox") => "--help",
        _ if arguments.contains(&"--sandbox".to_owned()) => return Some(words),
        _ => "--sandbox",
    };
    words.push(added.to_owned());
    Some(words)
}
