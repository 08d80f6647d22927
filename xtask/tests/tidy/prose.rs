//! Rules for the documentation: Markdown style, links, and claims that can be checked.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use autotask_codegen::Declarations;
use autotask_mcp::config::SETTINGS;

use super::{assert_none, has_extension, root, split_around, text, tracked};

const MAX_README_LINES: usize = 200;
/// The page that has links instead of sentences.
const TABLE_OF_CONTENTS: &str = "docs/SUMMARY.md";

/// The pages for users and developers: README, ARCHITECTURE, CONTRIBUTING and all of `docs/`.
fn pages() -> Vec<(String, String)> {
    let is_page = |name: &str| {
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].contains(&name)
            || name.starts_with("docs/") && has_extension(name, "md")
    };
    tracked().into_iter().filter(|(name, _)| is_page(name)).collect()
}

#[test]
fn markdown_has_one_sentence_a_line() {
    let mut violations = Vec::new();
    for (page, text) in pages().into_iter().filter(|(page, _)| page != TABLE_OF_CONTENTS) {
        for (at, line) in prose(&text) {
            let two = [". ", "? ", "! "].iter().any(|end| {
                line.match_indices(end)
                    .any(|(at, _)| split_around(&line, at + 2).1.starts_with(char::is_uppercase))
            });
            if two || !line.ends_with(['.', ':', '?', '!']) {
                violations.push(format!("{page}:{at}: {line}"));
            }
        }
    }
    assert_none("Markdown has one sentence a line, with punctuation at its end.", &violations);
}

#[test]
fn the_readme_is_short() {
    let lines = text("README.md").lines().count();
    assert!(lines <= MAX_README_LINES, "README.md has {lines} lines; move text to docs/");
}

#[test]
fn every_error_code_is_documented() {
    let (page, source) = (text("docs/errors.md"), text("src/error.rs"));
    let codes = source.lines().filter_map(|line| {
        let (code, retry) = line.split_once(" = \"")?.1.split_once("\", Retry::")?;
        Some((code, retry.trim_end_matches(';')))
    });
    let mut undocumented: Vec<_> = codes
        .map(|(code, retry)| {
            let word = match retry {
                "AfterChange" => "after-change",
                "CheckFirst" => "check-first",
                "Never" => "never",
                _ => "later",
            };
            format!("| `{code}` | `{word}` |")
        })
        .collect();
    assert!(undocumented.len() > 20, "src/error.rs declares no codes that this test can parse");
    undocumented.retain(|row| !page.contains(row.as_str()));
    assert_none("docs/errors.md has a row for each code of src/error.rs.", &undocumented);
}

#[test]
fn no_file_contains_a_path_of_a_developers_machine() {
    let folders = ["home", "Users", "root", "work", "farm", "tmp"];
    let mut paths: Vec<_> = folders.map(|folder| format!("/{folder}/")).into();
    paths.push(format!(".{}", "library"));
    let mut violations = Vec::new();
    for (name, text) in tracked() {
        for (at, line) in text.lines().enumerate() {
            // After a letter or digit, it is part of a URL or of a path in the repository.
            let found = paths.iter().find(|path| {
                line.match_indices(path.as_str()).any(|(at, _)| {
                    let (before, _) = split_around(line, at);
                    !before.is_some_and(char::is_alphanumeric)
                })
            });
            if let Some(path) = found {
                violations.push(format!("{name}:{}: {path}", at + 1));
            }
        }
    }
    assert_none("No tracked file contains an absolute path of a developer's machine.", &violations);
}

#[test]
fn documented_settings_exist() {
    let settings: BTreeSet<_> = SETTINGS.iter().map(|s| s.name).collect();
    let known = |word: &str| {
        let of_file = word.strip_suffix("_FILE").unwrap_or(word);
        settings.contains(word) || settings.contains(of_file)
    };
    let is_checked = |name: &str| {
        ["README.md", "Dockerfile", ".env.example", "compose.yaml"].contains(&name)
            || name.starts_with("docs/")
            || name.starts_with("deploy/")
    };
    let mut violations = Vec::new();
    for (name, text) in tracked().iter().filter(|(name, _)| is_checked(name)) {
        let unknown = words(text).filter(|word| word.starts_with("AUTOTASK_") && !known(word));
        violations.extend(unknown.map(|word| format!("{name}: {word}")));
    }
    assert_none("Every setting in the documentation and deployment files exists.", &violations);
}

#[test]
fn documented_tools_exist() {
    let tools: BTreeSet<_> = declared().tools.into_iter().map(|tool| tool.name).collect();
    let mut violations = Vec::new();
    for (page, text) in pages() {
        let unknown = words(&text).filter(|word| looks_like_a_tool(word) && !tools.contains(*word));
        violations.extend(unknown.map(|word| format!("{page}: {word}")));
    }
    assert_none("Every tool in the documentation exists.", &violations);
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
}

#[test]
fn the_counts_in_the_readme_are_correct() {
    let readme = text("README.md");
    let declared = declared();
    let entities = &declared.schema.entities;
    let fields: usize = entities.values().map(|entity| entity.fields.len()).sum();
    let read_only = declared.tools.iter().filter(|tool| tool.token().is_none());
    for claim in [
        format!("{} tools", declared.tools.len()),
        format!("{} of them are read-only", read_only.count()),
        format!("{} entities", entities.len()),
        format!("{},{:03} fields", fields / 1000, fields % 1000),
    ] {
        assert!(readme.contains(&claim), "the README does not contain {claim:?}");
    }
    let (tools, entities) = (declared.tools.len(), entities.len());
    let claim = format!("{tools} checked tools over all {entities} REST entities");
    assert!(text("Cargo.toml").contains(&claim), "Cargo.toml does not contain {claim:?}");
}

#[test]
fn generated_documentation_is_not_stale() {
    let check = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["docs", "--check"])
        .output()
        .expect("xtask runs");
    let printed = String::from_utf8_lossy(&check.stderr);
    assert!(check.status.success(), "{printed}");
}

#[test]
fn targets_of_links_and_paths_of_the_map_exist() {
    let mut violations = Vec::new();
    for (page, text) in pages() {
        for link in text.split("](").skip(1).filter_map(|l| l.split(')').next()) {
            if !link.contains("://") && !target_exists(&root().join(&page), link) {
                violations.push(format!("{page}: {link}"));
            }
        }
    }
    let missing = paths_of_the_map().into_iter().filter(|path| !root().join(path).exists());
    violations.extend(missing.map(|path| format!("ARCHITECTURE.md: {path}")));
    assert_none("The targets of links and the paths of the map exist.", &violations);
}

#[test]
fn every_dependency_has_a_reason() {
    let map = text("ARCHITECTURE.md");
    let table = map.split("## Dependencies").nth(1).expect("the section on dependencies");
    let rows = table.split("written by hand").next().expect("the table");
    let first_cells = rows.lines().filter_map(|line| line.strip_prefix("| ")?.split('|').next());
    let named: BTreeSet<_> =
        first_cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let manifests = tracked().into_iter().filter(|(name, _)| name.ends_with("Cargo.toml"));
    let manifests: Vec<_> = manifests.map(|(_, text)| text).collect();
    let used: BTreeSet<_> = manifests.iter().flat_map(|text| dependencies(text)).collect();
    let violations: Vec<_> = used.symmetric_difference(&named).map(ToString::to_string).collect();
    assert_none(
        "The table of ARCHITECTURE.md names exactly the dependencies that are used.",
        &violations,
    );
}

/// The external crates that a manifest names.
fn dependencies(manifest: &str) -> Vec<&str> {
    let sections = manifest.split("\n[").filter(|section| {
        section.split(']').next().is_some_and(|head| head.ends_with("dependencies"))
    });
    let lines = sections.flat_map(|section| section.lines().skip(1));
    let lines = lines.filter(|line| !line.contains("path = ") && !line.starts_with('#'));
    lines.filter_map(|line| line.split(['.', ' ']).next().filter(|name| !name.is_empty())).collect()
}

/// Whether the file of a link exists and has the linked heading.
fn target_exists(page: &Path, link: &str) -> bool {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() { page.to_owned() } else { page.with_file_name(file) };
    if anchor.is_empty() {
        return target.exists();
    }
    let text = fs::read_to_string(target).unwrap_or_default();
    text.lines().any(|line| line.starts_with('#') && slug(line) == anchor)
}

/// The anchor of a heading, as GitHub generates it.
fn slug(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
    words.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

/// The paths of the map in ARCHITECTURE.md, a tree indented by two spaces.
fn paths_of_the_map() -> Vec<String> {
    let map = text("ARCHITECTURE.md");
    let map = map.split("```text").nth(1).and_then(|rest| rest.split("```").next());
    let mut folders: Vec<&str> = Vec::new();
    let mut paths = Vec::new();
    for line in map.expect("the map is a fenced block of type `text`").lines() {
        let Some(name) = line.split_whitespace().next() else { continue };
        folders.truncate((line.len() - line.trim_start().len()) / 2);
        folders.push(name);
        paths.push(folders.concat());
    }
    paths
}

#[test]
fn the_gate_runs_the_readmes_test_command() {
    const COMMAND: &str = "cargo test --workspace";
    assert!(text("README.md").contains(COMMAND));
    assert!(text("xtask/src/ci.rs").contains(&format!("\"{COMMAND}\"")));
    assert!(text(".ci/run").contains("cargo xtask ci"));
}

fn declared() -> Declarations {
    Declarations::load(&root().join("schema")).expect("schema/ loads")
}

/// The numbered lines of text, without headings, tables, comments, pictures and code blocks.
fn prose(text: &str) -> Vec<(usize, String)> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced && !line.is_empty() && !line.starts_with(['#', '|', '<', '!']) {
            lines.push((at + 1, without_number(line.trim_matches('*')).to_owned()));
        }
    }
    lines
}

/// Removes the number of a list entry, whose full stop does not end a sentence.
fn without_number(line: &str) -> &str {
    line.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(". ")
}

fn looks_like_a_tool(word: &str) -> bool {
    const VERBS: [&str; 9] =
        ["list", "describe", "query", "count", "get", "search", "create", "update", "delete"];
    let verb = word.split_once('-').map(|(verb, _)| verb);
    verb.is_some_and(|verb| VERBS.contains(&verb))
}
