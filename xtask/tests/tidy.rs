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

/// Every file that is tracked or could be, and whose text can be read.
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

/// The tracked Rust files that are neither tests nor generated, without their test part.
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

/// What stands before a place in a line, and what after it.
fn around(line: &str, at: usize) -> (Option<char>, &str) {
    let (before, after) = line.split_at(at);
    (before.chars().next_back(), after)
}

fn without_tests(text: &str) -> &str {
    text.split_once("#[cfg(test)]").map_or(text, |(code, _)| code)
}

/// Fails with the rule and a line for each place that breaks it.
fn hold(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}\n{} places break it:\n{}", broken.len(), broken.join("\n"));
}
