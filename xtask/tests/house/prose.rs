//! Rules for what people read: Markdown, and what the README claims.

use std::collections::BTreeSet;
use std::process::Command;

use autotask_codegen::Declarations;
use autotask_mcp::config::SETTINGS;

use super::{around, hold, is_rust, root, text, tracked};

const PAGES: [&str; 3] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];

#[test]
fn markdown_has_one_sentence_a_line() {
    let mut broken = Vec::new();
    for page in PAGES {
        for (at, line) in prose(&text(page)) {
            let two = [". ", "? ", "! "].iter().any(|end| {
                line.match_indices(end)
                    .any(|(at, _)| around(&line, at + 2).1.starts_with(char::is_uppercase))
            });
            if two || !line.ends_with(['.', ':', '?', '!']) {
                broken.push(format!("{page}:{at}: {line}"));
            }
        }
    }
    hold("Markdown has one sentence a line, and each ends as a sentence does.", &broken);
}

#[test]
fn no_file_names_somebodys_machine() {
    let folders = ["home", "Users", "root", "work", "farm", "tmp"];
    let mut paths: Vec<_> = folders.map(|folder| format!("/{folder}/")).into();
    paths.push(format!(".{}", "library"));
    let mut broken = Vec::new();
    for (name, text) in tracked() {
        for (at, line) in text.lines().enumerate() {
            // `a/work/b` is somebody's web address or a folder of the repository.
            let found = paths.iter().find(|path| {
                line.match_indices(path.as_str()).any(|(at, _)| {
                    let (before, _) = around(line, at);
                    !before.is_some_and(char::is_alphanumeric)
                })
            });
            if let Some(path) = found {
                broken.push(format!("{name}:{}: {path}", at + 1));
            }
        }
    }
    hold("A tracked file names no path of one machine.", &broken);
}

#[test]
fn settings_that_are_named_exist() {
    let settings: BTreeSet<_> = SETTINGS.iter().map(|s| s.name).collect();
    let known = |word: &str| {
        let of_file = word.strip_suffix("_FILE").unwrap_or(word);
        settings.contains(word) || settings.contains(of_file)
    };
    let names_them = |name: &str| {
        let deploys = ["Dockerfile", ".env.example", "compose.yaml"];
        name == "README.md" || deploys.contains(&name) || name.starts_with("deploy/")
    };
    let mut broken = Vec::new();
    for (name, text) in tracked().iter().filter(|(name, _)| names_them(name)) {
        let unknown = words(text).filter(|word| word.starts_with("AUTOTASK_") && !known(word));
        broken.extend(unknown.map(|word| format!("{name}: {word}")));
    }
    hold("The README and what deploys the server name no setting that does not exist.", &broken);
}

#[test]
fn tools_that_the_readme_names_exist() {
    let readme = text("README.md");
    let tools: BTreeSet<_> = declared().tools.into_iter().map(|tool| tool.name).collect();
    let unknown = words(&readme).filter(|word| looks_like_a_tool(word) && !tools.contains(*word));
    hold(
        "The README names no tool that does not exist.",
        &unknown.map(str::to_owned).collect::<Vec<_>>(),
    );
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
}

#[test]
fn the_readme_counts_right() {
    let readme = text("README.md");
    let declared = declared();
    let entities = &declared.schema.entities;
    let fields: usize = entities.values().map(|entity| entity.fields.len()).sum();
    let reading = declared.tools.iter().filter(|tool| tool.token().is_none());
    for claim in [
        format!("{} tools", declared.tools.len()),
        format!("{} tools that only read", reading.count()),
        format!("{} entities", entities.len()),
        format!("{},{:03} fields", fields / 1000, fields % 1000),
    ] {
        assert!(readme.contains(&claim), "the README does not say {claim:?}");
    }
}

#[test]
fn what_is_generated_is_not_stale() {
    let check = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["docs", "--check"])
        .output()
        .expect("xtask runs");
    let said = String::from_utf8_lossy(&check.stderr);
    assert!(check.status.success(), "{said}");
}

#[test]
fn links_and_the_map_lead_somewhere() {
    let mut broken = Vec::new();
    for page in PAGES {
        let text = text(page);
        for link in text.split("](").skip(1).filter_map(|l| l.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if !link.contains("://") && !root().join(file).exists() {
                broken.push(format!("{page}: {link}"));
            }
        }
    }
    let map = text("ARCHITECTURE.md");
    let map = map.split("```").nth(1).expect("the map is the first fence");
    for file in map.split_whitespace().filter(|word| is_path(word)) {
        if !root().join(file).exists() {
            broken.push(format!("ARCHITECTURE.md: {file}"));
        }
    }
    hold("Links and the map's paths exist.", &broken);
}

#[test]
fn the_gate_runs_the_readmes_test_command() {
    const COMMAND: &str = "cargo test --workspace";
    assert!(text("README.md").contains(COMMAND));
    assert!(text("xtask/src/ci.rs").contains(&format!("\"{COMMAND}\"")));
    assert!(text(".ci/run").contains("cargo xtask ci"));
}

fn declared() -> Declarations {
    Declarations::load(&root().join("schema")).expect("schema/ reads")
}

/// Lines of running text with their numbers: no headings, tables, comments or fences.
fn prose(text: &str) -> Vec<(usize, String)> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced && !line.is_empty() && !line.starts_with(['#', '|', '<']) {
            lines.push((at + 1, without_number(line).to_owned()));
        }
    }
    lines
}

/// The number of a list's entry ends in a full stop too.
fn without_number(line: &str) -> &str {
    line.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(". ")
}

fn looks_like_a_tool(word: &str) -> bool {
    const VERBS: [&str; 9] =
        ["list", "describe", "query", "count", "get", "search", "create", "update", "delete"];
    let verb = word.split_once('-').map(|(verb, _)| verb);
    verb.is_some_and(|verb| VERBS.contains(&verb))
}

fn is_path(word: &str) -> bool {
    is_rust(word) || word.contains('/') && !word.contains(['*', '$', ':'])
}
