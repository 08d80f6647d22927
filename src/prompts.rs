//! Prompts: which are offered to whom, and their texts with what was given put into the blanks.

mod generated;

use serde_json::Value;

use crate::access::Access;
use crate::catalog::nearest;
use crate::completion::{CompletionTarget, MAX_PREFIX_CHARS};
use crate::text::sanitize;
use crate::tools::{Arguments, Tool};
use generated::PROMPTS;

/// A prompt, as it is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prompt {
    pub name: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    /// What it asks the model to call; it is offered where all of them are open.
    tools: &'static [Tool],
    pub arguments: &'static [PromptArgument],
    text: &'static str,
}

/// An argument, which is always required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PromptArgument {
    pub name: &'static str,
    pub blank: CompletionTarget,
    pub help: &'static str,
}

const fn prompt(
    name: &'static str,
    (title, about): (&'static str, &'static str),
    tools: &'static [Tool],
    arguments: &'static [PromptArgument],
    text: &'static str,
) -> Prompt {
    Prompt { name, title, about, tools, arguments, text }
}

const fn argument(
    name: &'static str,
    blank: CompletionTarget,
    help: &'static str,
) -> PromptArgument {
    PromptArgument { name, blank, help }
}

/// The prompts that are offered behind a gate.
pub fn available(gate: &Access) -> impl Iterator<Item = &'static Prompt> {
    PROMPTS.iter().filter(|prompt| prompt.is_available(gate))
}

/// The prompt of a name.
///
/// # Errors
/// What to say of one that is not there, or not for whoever is behind this gate.
pub fn find(gate: &Access, name: &str) -> Result<&'static Prompt, String> {
    available(gate).find(|prompt| prompt.name == name).ok_or_else(|| unknown(gate, name))
}

fn unknown(gate: &Access, name: &str) -> String {
    let shown = sanitize::short_word(name);
    let closed = PROMPTS.iter().find(|prompt| prompt.name == name);
    if let Some(tool) = closed.and_then(|prompt| prompt.missing_tools(gate).next()) {
        let tool = tool.name();
        return format!(
            "Unknown prompt: {shown}, which is not offered here because {tool} is not."
        );
    }
    let names = || available(gate).map(|prompt| prompt.name);
    match nearest(name, names()).first() {
        Some(near) => format!("Unknown prompt: {shown}; the nearest is {near}."),
        None => format!("Unknown prompt: {shown}; {}.", offered(&names().collect::<Vec<_>>())),
    }
}

fn offered(names: &[&str]) -> String {
    match names {
        [] => "none is offered here".to_owned(),
        names => format!("there are {}", names.join(", ")),
    }
}

impl Prompt {
    fn is_available(&self, gate: &Access) -> bool {
        self.missing_tools(gate).next().is_none()
    }

    /// The tools it needs and does not have.
    fn missing_tools(&self, gate: &Access) -> impl Iterator<Item = Tool> {
        let is_closed = |tool: &Tool| !gate.tools().contains(tool);
        self.tools.iter().copied().filter(is_closed)
    }

    /// The argument of a name.
    ///
    /// # Errors
    /// What to say of one that it does not take.
    pub fn argument(&self, name: &str) -> Result<&'static PromptArgument, String> {
        let found = self.arguments.iter().find(|one| one.name == name);
        found.ok_or_else(|| {
            let names: Vec<_> = self.arguments.iter().map(|one| one.name).collect();
            let takes = match names.as_slice() {
                [] => "no arguments".to_owned(),
                names => names.join(", "),
            };
            let shown = sanitize::short_word(name);
            format!("{} has no argument {shown}; it takes {takes}.", self.name)
        })
    }

    /// The text with what was given as JSON strings in its blanks, so that it cannot pass for more than a value.
    ///
    /// # Errors
    /// What to say of an argument that is unknown, missing or no name of anything.
    pub fn text(&self, given: &Arguments, closed: &[i64]) -> Result<String, String> {
        for name in given.keys() {
            self.argument(name)?;
        }
        let value = |one: &PromptArgument| Ok((one.name, one.read(given.get(one.name))?));
        let values = self.arguments.iter().map(value);
        let mut values = values.collect::<Result<Vec<_>, String>>()?;
        values.push(("closed", Value::from(closed).to_string()));
        Ok(substitute(self.text, &values))
    }
}

impl PromptArgument {
    /// The value as a JSON string on one line.
    fn read(&self, given: Option<&Value>) -> Result<String, String> {
        let takes = |what: &str| format!("{} {what} It takes: {}", self.name, self.help);
        let text = match given {
            None | Some(Value::Null) => return Err(takes("is missing.")),
            Some(Value::String(text)) => sanitize::sanitize(text).into_owned(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => return Err(takes("is no text.")),
        };
        let text = text.trim();
        if text.is_empty() {
            return Err(takes("is blank."));
        }
        if text.chars().count() > MAX_PREFIX_CHARS {
            return Err(takes(&format!("is longer than {MAX_PREFIX_CHARS} characters.")));
        }
        if given.is_some_and(has_control) {
            return Err(takes("has line breaks or other control characters."));
        }
        Ok(Value::from(text).to_string())
    }
}

fn has_control(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().contains(char::is_control))
}

/// The text with each value in its blank, in one go: what a value holds is no blank.
fn substitute(text: &str, values: &[(&str, String)]) -> String {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        filled += before;
        let blank = after.split_once('}').and_then(|(name, left)| {
            let (_, value) = values.iter().find(|(blank, _)| *blank == name)?;
            Some((value.as_str(), left))
        });
        let (piece, left) = blank.unwrap_or(("{", after));
        filled += piece;
        rest = left;
    }
    filled + rest
}

#[cfg(test)]
mod tests;
