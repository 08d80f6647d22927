//! What the README shows is what the program says: each command in it is run, each answer compared.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::process::{Command, Output, Stdio};

/// The words of a command line; single quotes are the only ones the README uses.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('\'').enumerate();
    quoted
        .flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

fn run(line: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_autotask-mcp"))
        .env_clear()
        .args(words(line))
        .stdin(Stdio::null())
        .output()
        .expect("the program runs")
}

/// The blocks of the README in this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fences = include_str!("../README.md").split("```");
    let blocks: Vec<_> = fences
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'))
        .collect();
    assert!(!blocks.is_empty(), "no {language} block");
    blocks
}

#[test]
fn an_example_shows_what_the_program_says() {
    for block in blocks("console") {
        let (command, shown) = block.split_once('\n').expect("an answer below the command");
        let line = command.strip_prefix("$ autotask-mcp ").expect("a command line");
        let said = run(line).stdout;
        assert_eq!(String::from_utf8_lossy(&said).trim_end(), shown.trim_end(), "{command}");
    }
}

#[test]
fn the_first_command_prints_open_tickets_that_nobody_took() {
    let first = blocks("sh")
        .into_iter()
        .find_map(|block| block.trim().strip_prefix("cargo run --release -- "))
        .expect("the README's first command");
    let said = run(first);
    let answer: serde_json::Value = serde_json::from_slice(&said.stdout).expect("an answer");
    let items = answer["items"].as_array().expect("tickets");
    assert!(said.status.success() && !items.is_empty());
    assert!(
        items.iter().all(|ticket| ticket["assignedResourceID"].is_null() && ticket["status"] != 5)
    );
}

#[test]
fn configurations_are_json() {
    for block in blocks("json") {
        let read: serde_json::Value = serde_json::from_str(block).expect(block);
        let servers = read.get("mcpServers").or_else(|| read.get("servers"));
        assert!(servers.is_some_and(serde_json::Value::is_object), "{block}");
    }
}
