//! Snapshots of every error code, and of every error message of the program.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]
#![expect(clippy::string_slice, reason = "offsets from a search in the same text")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use autotask_mcp::error::{Code, Error, Upstream};

#[test]
fn error_codes_match_their_snapshot() {
    let mut page = String::new();
    for code in Code::ALL {
        let error = Error::new(*code, "What happened, as a sentence.");
        page += &format!("{error}\n{}\n\n", error.structured());
    }
    let whole = Error::new(Code::Rejected, "Autotask refused the request.")
        .accepts("what would be right")
        .next("one act that helps.")
        .upstream(Upstream { status: 500, errors: vec!["Its own words.".into()] });
    page += &format!("{whole}\n{}\n", whole.structured());
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("errors", page);
    });
}

/// The messages as they are in the source of `src/`; a new one fails until it is reviewed.
#[test]
fn error_messages_match_their_snapshot() {
    let mut page = String::new();
    for file in source_files(Path::new("src")) {
        let source = fs::read_to_string(&file).expect("a source file");
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        let errors: Vec<_> = errors(source).collect();
        if !errors.is_empty() {
            writeln!(page, "# {}\n\n{}", file.display(), errors.join("\n")).expect("a string");
        }
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("error-messages", page);
    });
}

fn source_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let files = paths.into_iter().flat_map(|path| match path.is_dir() {
        true => source_files(&path),
        false => vec![path],
    });
    let is_own = |path: &PathBuf| !path.ends_with("tests.rs") && !path.ends_with("src/error.rs");
    files.filter(is_own).collect()
}

/// Each expression that constructs an error: its code, message, accepted values and next step.
fn errors(source: &str) -> impl Iterator<Item = String> {
    source.match_indices("Error::").filter_map(|(at, _)| {
        let before = source[..at].chars().next_back();
        let expression = source[at + "Error::".len()..].split_once('(');
        let (constructor, rest) =
            expression.filter(|_| before.is_none_or(|c| !c.is_alphanumeric()))?;
        let (arguments, rest) = balanced(rest);
        let code = match constructor {
            "new" => {
                arguments.split("Code::").nth(1)?.split(|c: char| !c.is_alphanumeric()).next()?
            }
            name => name,
        };
        let code = Code::ALL
            .iter()
            .find(|known| code == known.name().replace('-', "_") || code == format!("{known:?}"))?;
        let mut text = format!("{}: {}\n", code.name(), literals(arguments));
        for (method, arguments) in methods(rest) {
            let literals = literals(arguments);
            let label = match method {
                "accepts" => "Accepted: ",
                "next" => "Next: ",
                "also" => "Also: ",
                _ => continue,
            };
            writeln!(text, "{label}{literals}").expect("a string");
        }
        Some(text)
    })
}

/// Splits a text after the closing parenthesis.
fn balanced(text: &str) -> (&str, &str) {
    let (mut depth, mut is_string, mut is_escaped) = (1, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_string => is_escaped = true,
            '"' => is_string = !is_string,
            '(' if !is_string => depth += 1,
            ')' if !is_string => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (&text[..at], &text[at + 1..]);
        }
    }
    (text, "")
}

/// The chained methods with their arguments.
fn methods(mut rest: &str) -> Vec<(&str, &str)> {
    let mut methods = Vec::new();
    while let Some((method, after)) =
        rest.trim_start().strip_prefix('.').and_then(|chain| chain.split_once('('))
    {
        let (arguments, following) = balanced(after);
        methods.push((method, arguments));
        rest = following;
    }
    methods
}

/// The string literals of an expression.
fn literals(source: &str) -> String {
    let mut literals = Vec::new();
    let mut rest = source;
    while let Some((_, after)) = rest.split_once('"') {
        let end = after.char_indices().scan(false, |is_escaped, (at, c)| {
            let is_end = c == '"' && !*is_escaped;
            *is_escaped = c == '\\' && !*is_escaped;
            Some((at, is_end))
        });
        let end = end.into_iter().find(|(_, is_end)| *is_end).map_or(after.len(), |(at, _)| at);
        literals.push(after[..end].replace("\\\"", "\""));
        rest = after.get(end + 1..).unwrap_or_default();
    }
    let text = literals.join(" | ");
    text.split('\n').map(|line| line.trim_start().trim_end_matches('\\')).collect()
}
