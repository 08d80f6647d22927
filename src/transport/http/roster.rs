//! The file of tokens: a line for each client, read whole or not at all.

use std::collections::HashSet;
use std::path::Path;
use std::{fmt, fs};

use secrecy::{ExposeSecret, SecretString};

use crate::config::is_token;

/// A client with a token of its own.
#[derive(Debug)]
pub struct Entry {
    /// Where it stands in the file, from 1.
    pub line: usize,
    pub name: String,
    pub token: SecretString,
    pub read_only: bool,
    /// The only tools and groups open to it, if the line names some.
    pub tools: Option<Vec<String>>,
}

/// Why a file cannot be taken; it names the line and never what stands in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Unread {
    line: Option<usize>,
    why: &'static str,
}

/// The entries of a file.
///
/// # Errors
/// A file that cannot be read, or its first line that cannot.
pub fn read(path: &Path) -> Result<Vec<Entry>, Unread> {
    let unread = |_| Unread { line: None, why: "it is no readable text file" };
    parse(&fs::read_to_string(path).map_err(unread)?)
}

fn parse(text: &str) -> Result<Vec<Entry>, Unread> {
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let told = lines.filter(|(_, line)| !matches!(line.trim().chars().next(), None | Some('#')));
    let entries = told
        .map(|(at, line)| entry(at + 1, line).map_err(|why| Unread { line: Some(at + 1), why }));
    let entries: Vec<_> = entries.collect::<Result<_, _>>()?;
    let mut seen = HashSet::new();
    let once = |entry: &Entry| {
        seen.insert(entry.name.clone())
            && seen.insert(format!("token {}", entry.token.expose_secret()))
    };
    match entries.iter().all(once) {
        true => Ok(entries),
        false => Err(Unread { line: None, why: "a name or a token stands in it twice" }),
    }
}

fn entry(line: usize, text: &str) -> Result<Entry, &'static str> {
    let mut words = text.split_whitespace();
    let (Some(name), Some(token), Some(role)) = (words.next(), words.next(), words.next()) else {
        return Err("a line is a name, a token and a role");
    };
    if !is_token(token) {
        return Err("a token has 16 characters at least");
    }
    let read_only = match role {
        "full" => false,
        "read-only" => true,
        _ => return Err("the role is full or read-only"),
    };
    Ok(Entry {
        line,
        name: name.to_owned(),
        token: SecretString::from(token),
        read_only,
        tools: tools(words)?,
    })
}

/// The tools that the rest of a line names; a list that names none would open all.
fn tools<'a>(words: impl Iterator<Item = &'a str>) -> Result<Option<Vec<String>>, &'static str> {
    let words: Vec<_> = words.collect();
    let names = words.iter().flat_map(|word| word.split(','));
    let names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
    match (words.is_empty(), names.is_empty()) {
        (true, _) => Ok(None),
        (_, true) => Err("a list of tools names one at least"),
        _ => Ok(Some(names.into_iter().map(str::to_owned).collect())),
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.why),
            None => f.write_str(self.why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    #[test]
    fn a_line_is_a_client() {
        let text = format!(
            "# who may come\n\n  dispatch {TOKEN} full\nbilling {TOKEN}2 read-only time, companies\n"
        );
        let entries = parse(&text).expect("entries");
        let told: Vec<_> = entries
            .iter()
            .map(|entry| (entry.name.as_str(), entry.read_only, entry.tools.clone()))
            .collect();
        let tools = Some(vec!["time".to_owned(), "companies".to_owned()]);
        assert_eq!(told, [("dispatch", false, None), ("billing", true, tools)]);
        assert!(!format!("{entries:?}").contains(TOKEN), "a token never prints");
    }

    #[test]
    fn one_bad_line_spoils_the_file() {
        for (text, line) in [
            (format!("a {TOKEN}"), Some(1)),
            ("# a\nb short full".to_owned(), Some(2)),
            (format!("a {TOKEN} admin"), Some(1)),
            (format!("a {TOKEN} full ,"), Some(1)),
            (format!("a {TOKEN} full\na {TOKEN}2 full"), None),
            (format!("a {TOKEN} full\nb {TOKEN} full"), None),
        ] {
            let unread = parse(&text).expect_err(&text);
            assert_eq!(unread.line, line, "{text}");
            assert!(!unread.to_string().contains(TOKEN));
        }
    }
}
