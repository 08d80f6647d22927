//! Finds values of credential headers by the header's name, whoever's they are.

const NAMES: [&str; 5] =
    ["Secret", "ApiIntegrationCode", "Authorization", "UserName", "ImpersonationResourceId"];

/// Whether a header's name can start with this byte.
pub(super) fn can_start(byte: u8) -> bool {
    let begins =
        |name: &&str| name.starts_with(|first: char| first.eq_ignore_ascii_case(&byte.into()));
    NAMES.iter().any(begins)
}

/// The value after a name at this offset: `Secret: x`, `Secret=x`, `"Secret":"x"`.
pub(super) fn match_at(text: &str, at: usize) -> Option<(usize, usize)> {
    let (before, rest) = text.split_at_checked(at)?;
    if before.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let name = NAMES.iter().find(|name| {
        let start = rest.get(..name.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(name))
    })?;
    let rest = rest.get(name.len()..)?.trim_start_matches(is_quoting);
    let rest = rest.trim_start().strip_prefix([':', '='])?.trim_start();
    let (value, closing) = opened(rest);
    let value = scheme(value);
    let length = value.find(closing).unwrap_or(value.len());
    let start = text.len() - value.len();
    (length > 0).then_some((start, start + length))
}

/// What follows the opening quote, and which characters end it.
fn opened(rest: &str) -> (&str, fn(char) -> bool) {
    let value = rest.trim_start_matches(is_quoting);
    if value.len() == rest.len() { (value, ends_word) } else { (value, ends_quote) }
}

/// What follows the scheme of an `Authorization`.
fn scheme(value: &str) -> &str {
    let known = |word: &str| ["bearer", "basic"].contains(&word.to_ascii_lowercase().as_str());
    match value.split_once(' ') {
        Some((word, rest)) if known(word) => rest.trim_start(),
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
