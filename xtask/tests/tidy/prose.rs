//! Rules for what people read: Markdown, and what the README claims.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use autotask_codegen::Declarations;
use autotask_mcp::config::SETTINGS;

use super::{around, has_extension, hold, root, text, tracked};

const MAX_README_LINES: usize = 200;
/// It has links, no sentences.
const TABLE_OF_CONTENTS: &str = "docs/SUMMARY.md";

/// The pages for users and developers: those of the root and all of `docs/`.
fn pages() -> Vec<(String, String)> {
    let is_page = |name: &str| {
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].contains(&name)
            || name.starts_with("docs/") && has_extension(name, "md")
    };
    tracked().into_iter().filter(|(name, _)| is_page(name)).collect()
}

#[test]
fn markdown_has_one_sentence_a_line() {
    let mut broken = Vec::new();
    for (page, text) in pages().into_iter().filter(|(page, _)| page != TABLE_OF_CONTENTS) {
        for (at, line) in prose(&text) {
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
    assert!(undocumented.len() > 20, "src/error.rs declares no codes as this test reads them");
    undocumented.retain(|row| !page.contains(row.as_str()));
    hold("docs/errors.md has a row for each code of src/error.rs.", &undocumented);
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
        name == "README.md"
            || name.starts_with("docs/")
            || deploys.contains(&name)
            || name.starts_with("deploy/")
    };
    let mut broken = Vec::new();
    for (name, text) in tracked().iter().filter(|(name, _)| names_them(name)) {
        let unknown = words(text).filter(|word| word.starts_with("AUTOTASK_") && !known(word));
        broken.extend(unknown.map(|word| format!("{name}: {word}")));
    }
    hold(
        "The documentation and what deploys the server name no setting that does not exist.",
        &broken,
    );
}

#[test]
fn tools_that_are_named_exist() {
    let tools: BTreeSet<_> = declared().tools.into_iter().map(|tool| tool.name).collect();
    let mut broken = Vec::new();
    for (page, text) in pages() {
        let unknown = words(&text).filter(|word| looks_like_a_tool(word) && !tools.contains(*word));
        broken.extend(unknown.map(|word| format!("{page}: {word}")));
    }
    hold("The documentation names no tool that does not exist.", &broken);
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
        format!("{} of them are read-only", reading.count()),
        format!("{} entities", entities.len()),
        format!("{},{:03} fields", fields / 1000, fields % 1000),
    ] {
        assert!(readme.contains(&claim), "the README does not say {claim:?}");
    }
    let (tools, entities) = (declared.tools.len(), entities.len());
    let claim = format!("{tools} checked tools over all {entities} REST entities");
    assert!(text("Cargo.toml").contains(&claim), "Cargo.toml does not say {claim:?}");
}

#[test]
fn what_is_generated_is_not_stale() {
    let check = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["docs", "--check"])
        .output()
        .expect("xtask runs");
    let printed = String::from_utf8_lossy(&check.stderr);
    assert!(check.status.success(), "{printed}");
}

#[test]
fn links_and_the_map_lead_somewhere() {
    let mut broken = Vec::new();
    for (page, text) in pages() {
        for link in text.split("](").skip(1).filter_map(|l| l.split(')').next()) {
            if !link.contains("://") && !leads_somewhere(&root().join(&page), link) {
                broken.push(format!("{page}: {link}"));
            }
        }
    }
    let missing = mapped().into_iter().filter(|path| !root().join(path).exists());
    broken.extend(missing.map(|path| format!("ARCHITECTURE.md: {path}")));
    hold("Links and the map's paths exist.", &broken);
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
    let broken: Vec<_> = used.symmetric_difference(&named).map(ToString::to_string).collect();
    hold("ARCHITECTURE.md names exactly the dependencies that are used.", &broken);
}

/// The crates from registries that a manifest names.
fn dependencies(manifest: &str) -> Vec<&str> {
    let sections = manifest.split("\n[").filter(|section| {
        section.split(']').next().is_some_and(|head| head.ends_with("dependencies"))
    });
    let lines = sections.flat_map(|section| section.lines().skip(1));
    let lines = lines.filter(|line| !line.contains("path = ") && !line.starts_with('#'));
    lines.filter_map(|line| line.split(['.', ' ']).next().filter(|name| !name.is_empty())).collect()
}

/// Whether a link's file exists and has the heading that the link names.
fn leads_somewhere(page: &Path, link: &str) -> bool {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() { page.to_owned() } else { page.with_file_name(file) };
    if anchor.is_empty() {
        return target.exists();
    }
    let text = fs::read_to_string(target).unwrap_or_default();
    text.lines().any(|line| line.starts_with('#') && slug(line) == anchor)
}

/// A heading's anchor, as code hosts make it.
fn slug(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
    words.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

/// The paths of the map, a tree indented by two spaces.
fn mapped() -> Vec<String> {
    let map = text("ARCHITECTURE.md");
    let map = map.split("```text").nth(1).and_then(|rest| rest.split("```").next());
    let mut folders: Vec<&str> = Vec::new();
    let mut paths = Vec::new();
    for line in map.expect("the map is the fence of text").lines() {
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
    Declarations::load(&root().join("schema")).expect("schema/ reads")
}

/// Lines of running text with their numbers: no headings, tables, comments, pictures or fences.
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
