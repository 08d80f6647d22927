//! Rules for names: standard terms instead of the words of the old dialect, and one meaning for each name.

use std::collections::BTreeMap;

use super::{assert_none, sources, tracked};

/// Words that no identifier may contain: write `reported` for `told`, `resolved` for `meant`, and so on.
const OLD_WORDS: [&str; 28] = [
    "said",
    "asked",
    "told",
    "meant",
    "besides",
    "whoever",
    "begun",
    "learnt",
    "heard",
    "unheard",
    "nobody",
    "nowhere",
    "roster",
    "visitors",
    "deceiver",
    "stranger",
    "strangers",
    "novelty",
    "desk",
    "misfit",
    "unread",
    "worded",
    "deed",
    "twin",
    "twins",
    "aside",
    "spelled",
    "gone",
];
/// Words and phrases that no user-visible text may contain.
const OLD_PHRASES: [&str; 12] = [
    " told ",
    " besides ",
    "whoever",
    " is none",
    "no whole number",
    "does not read",
    " begun",
    "learnt",
    "nobody",
    " in words",
    "is meant",
    "takes after",
];
/// Constants that do not say what they limit.
const VAGUE_CONSTANTS: [&str; 14] = [
    "MOST", "LONGEST", "KEPT", "PATIENCE", "TOLD", "SHORT", "AT_ONCE", "REST", "PAUSE", "PAGE",
    "LIMIT", "MAX", "TIMEOUT", "SIZE",
];

#[test]
fn identifiers_use_standard_words() {
    let mut violations = Vec::new();
    for (path, code) in sources() {
        for (number, line) in code.lines().enumerate() {
            let code = without_text(line);
            let old = identifiers(&code)
                .filter(|name| words(name).iter().any(|word| OLD_WORDS.contains(&word.as_str())));
            violations.extend(old.map(|name| format!("{path}:{}: {name}", number + 1)));
        }
    }
    assert_none("Identifiers contain no word of the old dialect.", &violations);
}

#[test]
fn texts_use_standard_words() {
    let is_visible = |path: &str| {
        path == "README.md"
            || path.starts_with("docs/")
            || path == "tests/snapshots/error-messages.snap"
            || path.starts_with("tests/snapshots/tool-")
            || path.starts_with("schema/") && !path.starts_with("schema/entities/")
    };
    let mut violations = Vec::new();
    for (path, text) in tracked().iter().filter(|(path, _)| is_visible(path)) {
        for (number, line) in text.lines().enumerate() {
            let lower = line.to_lowercase();
            let old = OLD_PHRASES.iter().find(|phrase| lower.contains(**phrase));
            violations.extend(old.map(|phrase| format!("{path}:{}: {phrase}", number + 1)));
        }
    }
    assert_none("User-visible text contains no phrase of the old dialect.", &violations);
}

#[test]
fn a_type_name_has_one_meaning() {
    let mut defined: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (path, code) in sources() {
        let Some((krate, _)) = path.split_once("src/") else { continue };
        for line in code.lines() {
            if let Some(name) = type_name(line) {
                defined.entry((krate.to_owned(), name.to_owned())).or_default().push(path.clone());
            }
        }
    }
    let twice = defined.into_iter().filter(|(_, paths)| paths.len() > 1);
    let violations: Vec<_> = twice.map(|((_, name), paths)| format!("{name}: {paths:?}")).collect();
    assert_none("A crate defines no type name in two modules.", &violations);
}

#[test]
fn a_constant_says_what_it_limits() {
    let mut violations = Vec::new();
    for (path, code) in sources() {
        for line in code.lines() {
            let name = line.trim_start().split("const ").nth(1).and_then(|rest| {
                rest.split(':')
                    .next()
                    .filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
            });
            if let Some(name) = name.filter(|name| VAGUE_CONSTANTS.contains(name)) {
                violations.push(format!("{path}: {name}"));
            }
        }
    }
    assert_none("A constant says what it limits and in which unit.", &violations);
}

/// The name of the type that an unindented line defines.
fn type_name(line: &str) -> Option<&str> {
    if line.starts_with(' ') {
        return None;
    }
    let item = line.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
    let item = item.trim_start_matches("pub ");
    let rest =
        ["struct ", "enum ", "trait ", "type "].iter().find_map(|kind| item.strip_prefix(kind))?;
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    Some(rest.split_at(end).0)
}

/// A line without its strings and comment.
fn without_text(line: &str) -> String {
    let code = line.split("//").next().unwrap_or_default();
    code.split('"').step_by(2).collect::<Vec<_>>().join(" ")
}

fn identifiers(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| !name.is_empty())
}

/// Splits a name in snake or camel case into lower-case words.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_is_lower = false;
    for c in name.chars() {
        if c == '_' || (c.is_uppercase() && before_is_lower) {
            words.push(String::new());
        }
        before_is_lower = c.is_lowercase();
        if c != '_' {
            words.last_mut().expect("one word at least").extend(c.to_lowercase());
        }
    }
    words
}
