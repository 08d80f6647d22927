//! The calls and placeholders in a prompt's text: which tools it names, with which arguments.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use autotask_schema::SchemaError;

use crate::tools::Tool;

/// Checks that a text names exactly the listed tools, and that each of its calls is valid.
pub(super) fn check(text: &str, listed: &[String], tools: &[Tool]) -> Result<(), SchemaError> {
    let known = || tools.iter().map(|tool| tool.name.as_str());
    for name in listed {
        if !known().any(|tool| tool == name) {
            return Err(SchemaError::unknown_name("tool", name, known()));
        }
    }
    let named: BTreeSet<_> = words(text).filter(|word| known().any(|t| t == *word)).collect();
    if let Some(unlisted) = named.iter().find(|name| !listed.iter().any(|l| l == *name)) {
        let message = format!("the text names {unlisted:?}, which is not among its tools");
        return Err(SchemaError::new(message));
    }
    if let Some(unused) = listed.iter().find(|name| !named.contains(name.as_str())) {
        return Err(SchemaError::new(format!("the text does not name {unused:?}")));
    }
    calls(text).try_for_each(|(name, rest)| check_call(name, rest, tools))
}

/// Checks that the arguments of a call are JSON, and that the tool has each of them.
pub(crate) fn check_call(name: &str, rest: &str, tools: &[Tool]) -> Result<(), SchemaError> {
    let tool = tools.iter().find(|tool| tool.name == name).ok_or_else(|| {
        let known = tools.iter().map(|tool| tool.name.as_str());
        SchemaError::unknown_name("tool", name, known)
    })?;
    let arguments = parse_arguments(rest).map_err(|e| e.context(name))?;
    for argument in arguments.keys() {
        let known = || tool.inputs.iter().map(|input| input.name.as_str());
        if !known().any(|input| input == argument) {
            return Err(SchemaError::unknown_name("argument", argument, known()).context(name));
        }
    }
    Ok(())
}

/// Parses the JSON object at the start of a text, with its placeholders replaced by null.
fn parse_arguments(text: &str) -> Result<Map<String, Value>, SchemaError> {
    let mut filled = text.to_owned();
    for name in placeholders(text) {
        filled = filled.replace(&format!("{{{name}}}"), "null");
    }
    let mut objects = serde_json::Deserializer::from_str(&filled).into_iter();
    match objects.next() {
        Some(Ok(arguments)) => Ok(arguments),
        Some(Err(e)) => Err(SchemaError::new(format!("the call is not valid JSON: {e}"))),
        None => Err(SchemaError::new("the call has no arguments")),
    }
}

/// Finds each call: the word before a JSON object, and the text that starts with that object.
fn calls(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.match_indices(" {\"").filter_map(|(at, _)| {
        let (before, rest) = text.split_at_checked(at)?;
        let name = before.rsplit(char::is_whitespace).next()?;
        Some((name, rest.trim_start()))
    })
}

/// The names in single braces.
pub(super) fn placeholders(text: &str) -> BTreeSet<&str> {
    let inside = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    let is_name = |name: &&str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic());
    inside.map(|(name, _)| name).filter(is_name).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
}
