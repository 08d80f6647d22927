//! The project rules that a machine can check.
#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "tidy/book.rs"]
mod book;
#[path = "tidy/imports.rs"]
mod imports;
#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/names.rs"]
mod names;
#[path = "tidy/prose.rs"]
mod prose;
#[path = "tidy/size.rs"]
mod size;
#[path = "tidy/source.rs"]
mod source;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(path: &str) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The path and text of every text file that git tracks or does not ignore.
fn tracked() -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git runs");
    let names = String::from_utf8(listed.stdout).expect("paths are UTF-8");
    assert!(!names.is_empty(), "git lists no files");
    names
        .lines()
        .filter_map(|name| Some((name.to_owned(), fs::read_to_string(root().join(name)).ok()?)))
        .collect()
}

/// The Rust files that are neither tests nor generated, without their test modules.
fn sources() -> Vec<(String, String)> {
    let is_source = |name: &str| {
        is_rust(name)
            && !name.ends_with("generated.rs")
            && !name.ends_with("tests.rs")
            && !name.split('/').any(|part| part == "tests")
    };
    tracked()
        .into_iter()
        .filter(|(name, _)| is_source(name))
        .map(|(name, text)| (name, without_tests(&text).to_owned()))
        .collect()
}

fn is_rust(name: &str) -> bool {
    has_extension(name, "rs")
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == extension)
}

/// Splits a line at a byte offset: the last character before it, and the text after it.
fn split_around(line: &str, at: usize) -> (Option<char>, &str) {
    let (before, after) = line.split_at(at);
    (before.chars().next_back(), after)
}

fn without_tests(text: &str) -> &str {
    text.split_once("#[cfg(test)]").map_or(text, |(code, _)| code)
}

/// Fails with the rule and a list of its violations, if there are any.
fn assert_none(rule: &str, violations: &[String]) {
    assert!(
        violations.is_empty(),
        "{rule}\n{} violations:\n{}",
        violations.len(),
        violations.join("\n")
    );
}
