//! The documentation shows what the program does: each example is run and its output compared.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::string::FromUtf8Error;

use crate::examples;
use crate::terminal_picture;

const README: &str = include_str!("../README.md");

fn run(words: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_autotask-mcp"))
        .env_clear()
        .env("AUTOTASK_SANDBOX_NOW", "2026-06-30T15:00:00Z")
        .args(words)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs")
}

fn run_example(words: &[String]) -> Result<String, FromUtf8Error> {
    String::from_utf8(run(words).stdout)
}

/// The README's fenced blocks in this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fences = README.split("```").skip(1).step_by(2);
    let blocks: Vec<_> =
        fences.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect();
    assert!(!blocks.is_empty(), "no {language} block");
    blocks
}

/// The README and every page of `docs/`.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).expect("docs/ lists");
    let docs = docs.map(|entry| entry.expect("an entry").path());
    let pages = docs.filter(|path| path.extension().is_some_and(|end| end == "md"));
    pages.chain([root.join("README.md")]).collect()
}

#[test]
fn an_example_shows_the_current_output() {
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page");
        let fresh = examples::refresh(&text, &run_example).expect("text");
        assert!(text == fresh, "{} is stale; run `cargo xtask docs`", page.display());
    }
}

#[test]
fn the_picture_shows_the_current_output() {
    let fresh = terminal_picture::draw(&run_example).expect("text");
    let stored = include_str!("../docs/images/terminal.svg");
    assert!(stored == fresh, "docs/images/terminal.svg is stale; run `cargo xtask docs`");
}

#[test]
fn the_first_command_prints_open_unassigned_tickets() {
    let first = blocks("sh")
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
fn configurations_are_json() {
    for block in blocks("json") {
        let parsed: serde_json::Value = serde_json::from_str(block).expect(block);
        let servers = parsed.get("mcpServers").or_else(|| parsed.get("servers"));
        assert!(servers.is_some_and(serde_json::Value::is_object), "{block}");
    }
}
