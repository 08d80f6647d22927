//! The tokens file: one line for each client; it is read whole or not at all.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use crate::config::{ConfigError, is_token};

/// The setting that names the file.
pub const TOKENS_FILE: &str = "AUTOTASK_HTTP_TOKENS_FILE";

/// A line of the tokens file.
#[derive(Debug)]
pub struct TokenLine {
    /// Its number in the file, from 1.
    pub number: usize,
    /// The client's name, for the audit log.
    pub name: String,
    /// The bearer token.
    pub token: SecretString,
    /// Whether the role is `read-only`.
    pub read_only: bool,
    /// The only tools and groups that are available, if the line lists some.
    pub tools: Option<Vec<String>>,
}

/// Reads the file that the settings name, if any.
///
/// # Errors
/// An unreadable file, or its first invalid line; the message never contains a token.
pub fn read(path: Option<&Path>) -> Result<Vec<TokenLine>, ConfigError> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let text = fs::read_to_string(path).map_err(|_| "it is not a readable text file".to_owned());
    text.and_then(|text| parse(&text)).map_err(|reason| {
        let expected = "the path of a text file with lines such as `name token full`";
        ConfigError::new(TOKENS_FILE, format!("{expected}; {reason}"))
    })
}

fn parse(text: &str) -> Result<Vec<TokenLine>, String> {
    let lines = text.trim_start_matches('\u{feff}').lines().zip(1..);
    let used = lines.filter(|(line, _)| !matches!(line.trim().chars().next(), None | Some('#')));
    let parsed = used.map(|(line, number)| {
        parse_line(number, line).map_err(|reason| format!("line {number}: {reason}"))
    });
    let lines: Vec<_> = parsed.collect::<Result<_, _>>()?;
    let (mut names, mut tokens) = (HashSet::new(), HashSet::new());
    let is_unique = |line: &TokenLine| {
        names.insert(line.name.clone()) && tokens.insert(line.token.expose_secret().to_owned())
    };
    match lines.iter().all(is_unique) {
        true => Ok(lines),
        false => Err("a name or a token occurs twice".to_owned()),
    }
}

fn parse_line(number: usize, text: &str) -> Result<TokenLine, &'static str> {
    let mut words = text.split_whitespace();
    let (Some(name), Some(token), Some(role)) = (words.next(), words.next(), words.next()) else {
        return Err("a line needs a name, a token and a role");
    };
    if !is_token(token) {
        return Err("a token needs at least 16 printable characters");
    }
    let read_only = match role {
        "full" => false,
        "read-only" => true,
        _ => return Err("the role must be full or read-only"),
    };
    Ok(TokenLine {
        number,
        name: name.to_owned(),
        token: SecretString::from(token),
        read_only,
        tools: parse_tools(words)?,
    })
}

/// The tools that the rest of a line lists; an empty list must not allow all.
fn parse_tools<'a>(
    words: impl Iterator<Item = &'a str>,
) -> Result<Option<Vec<String>>, &'static str> {
    let words: Vec<_> = words.collect();
    let names = words.iter().flat_map(|word| word.split(','));
    let names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
    match (words.is_empty(), names.is_empty()) {
        (true, _) => Ok(None),
        (_, true) => Err("a list of tools needs at least one"),
        _ => Ok(Some(names.into_iter().map(str::to_owned).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    #[test]
    fn a_line_describes_a_client() {
        let text = format!(
            "# clients\n\n  dispatch {TOKEN} full\nbilling {TOKEN}2 read-only time, companies\n"
        );
        let lines = parse(&text).expect("lines");
        let parsed: Vec<_> = lines
            .iter()
            .map(|line| (line.name.as_str(), line.read_only, line.tools.clone()))
            .collect();
        let tools = Some(vec!["time".to_owned(), "companies".to_owned()]);
        assert_eq!(parsed, [("dispatch", false, None), ("billing", true, tools)]);
        assert!(!format!("{lines:?}").contains(TOKEN), "a token never prints");
    }

    #[test]
    fn one_invalid_line_invalidates_the_file() {
        for (text, reason) in [
            (format!("a {TOKEN}"), "line 1: "),
            ("# a\nb short full".to_owned(), "line 2: "),
            (format!("a {TOKEN} admin"), "line 1: "),
            (format!("a {TOKEN} full ,"), "line 1: "),
            (format!("a {TOKEN} full\na {TOKEN}2 full"), "a name or a token"),
            (format!("a {TOKEN} full\nb {TOKEN} full"), "a name or a token"),
        ] {
            let error = parse(&text).expect_err(&text);
            assert!(error.starts_with(reason) && !error.contains(TOKEN), "{error}");
        }
    }
}
