//! Names are those of the field: no words of the old private dialect, no name with two meanings.

use std::collections::BTreeMap;

use super::{hold, sources, tracked};

/// Words that no identifier contains; VOCABULARY: `told` is reported, `meant` is resolved, and so on.
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
/// Words and phrases that no user-visible text contains.
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
    let mut broken = Vec::new();
    for (path, code) in sources() {
        for (number, line) in code.lines().enumerate() {
            let code = without_text(line);
            let old = identifiers(&code)
                .filter(|name| words(name).iter().any(|word| OLD_WORDS.contains(&word.as_str())));
            broken.extend(old.map(|name| format!("{path}:{}: {name}", number + 1)));
        }
    }
    hold("Identifiers contain no word of the old dialect.", &broken);
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
    let mut broken = Vec::new();
    for (path, text) in tracked().iter().filter(|(path, _)| is_visible(path)) {
        for (number, line) in text.lines().enumerate() {
            let lower = line.to_lowercase();
            let old = OLD_PHRASES.iter().find(|phrase| lower.contains(**phrase));
            broken.extend(old.map(|phrase| format!("{path}:{}: {phrase}", number + 1)));
        }
    }
    hold("User-visible text contains no phrase of the old dialect.", &broken);
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
    let broken: Vec<_> = twice.map(|((_, name), paths)| format!("{name}: {paths:?}")).collect();
    hold("A crate defines no type name in two modules.", &broken);
}

#[test]
fn a_constant_says_what_it_limits() {
    let mut broken = Vec::new();
    for (path, code) in sources() {
        for line in code.lines() {
            let name = line.trim_start().split("const ").nth(1).and_then(|rest| {
                rest.split(':')
                    .next()
                    .filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
            });
            if let Some(name) = name.filter(|name| VAGUE_CONSTANTS.contains(name)) {
                broken.push(format!("{path}: {name}"));
            }
        }
    }
    hold("A constant says what it limits and in which unit.", &broken);
}

/// The name of a type that a line at the start of a file's items defines.
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

/// A line without what stands in quotes or in a comment.
fn without_text(line: &str) -> String {
    let code = line.split("//").next().unwrap_or_default();
    code.split('"').step_by(2).collect::<Vec<_>>().join(" ")
}

fn identifiers(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| !name.is_empty())
}

/// The words of a name in snake or camel case, in lower case.
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
