//! Finds values of credential headers by the header's name, whoever's they are.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, BuildError};

static NAMES: LazyLock<Result<AhoCorasick, BuildError>> = LazyLock::new(|| {
    AhoCorasick::builder().ascii_case_insensitive(true).build([
        "Secret",
        "ApiIntegrationCode",
        "Authorization",
        "UserName",
        "ImpersonationResourceId",
    ])
});

/// The values after such names: `Secret: x`, `Secret=x`, `"Secret":"x"`; in order and without overlaps.
pub fn values(text: &str) -> Vec<Range<usize>> {
    let Ok(names) = &*NAMES else {
        return Vec::new();
    };
    let mut values: Vec<Range<usize>> = Vec::new();
    for name in names.find_iter(text) {
        let is_inside = values.last().is_some_and(|last| name.start() < last.end);
        if !is_inside {
            values.extend(value(text, name.range()));
        }
    }
    values
}

fn value(text: &str, name: Range<usize>) -> Option<Range<usize>> {
    if text.get(..name.start)?.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let rest = text.get(name.end..)?.trim_start_matches(is_quoting);
    let rest = rest.trim_start().strip_prefix([':', '='])?.trim_start();
    let (value, closing) = opened(rest);
    let value = without_scheme(value);
    let length = value.find(closing).unwrap_or(value.len());
    let start = text.len() - value.len();
    (length > 0).then_some(start..start + length)
}

/// What follows the opening quote, and which characters end it.
fn opened(rest: &str) -> (&str, fn(char) -> bool) {
    let value = rest.trim_start_matches(is_quoting);
    if value.len() == rest.len() { (value, ends_word) } else { (value, ends_quote) }
}

/// What follows the scheme of an `Authorization`.
fn without_scheme(value: &str) -> &str {
    let is_known =
        |word: &str| ["bearer", "basic"].iter().any(|known| word.eq_ignore_ascii_case(known));
    match value.split_once(' ') {
        Some((word, rest)) if is_known(word) => rest.trim_start(),
        _ => value,
    }
}

fn is_quoting(c: char) -> bool {
    matches!(c, '"' | '\'' | '\\')
}

fn ends_quote(c: char) -> bool {
    is_quoting(c) || c == '\n'
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | '&' | '"' | '\'' | '<' | '>' | '}' | ')')
}
