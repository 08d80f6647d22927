//! Prompts: which of them a caller is offered, and their texts with the arguments inserted.

mod generated;

use serde_json::Value;

use crate::access::Access;
use crate::access::suggest::unknown_name;
use crate::completion::{CompletionTarget, MAX_PREFIX_CHARS};
use crate::text::sanitize;
use crate::tools::{Arguments, Tool};
use crate::value::datetime::is_date;
use generated::PROMPTS;

/// A prompt, as declared in `schema/prompts.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prompt {
    pub name: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    /// The tools that its text names; it is offered only if all of them are enabled.
    tools: &'static [Tool],
    pub arguments: &'static [PromptArgument],
    text: &'static str,
}

/// An argument; all are required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PromptArgument {
    pub name: &'static str,
    kind: ValueKind,
    /// The records that complete it, if any.
    pub completes: Option<CompletionTarget>,
    pub help: &'static str,
}

/// The values that an argument accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ValueKind {
    Text,
    Day,
    Month,
    Count,
}

const fn prompt(
    name: &'static str,
    (title, description): (&'static str, &'static str),
    tools: &'static [Tool],
    arguments: &'static [PromptArgument],
    text: &'static str,
) -> Prompt {
    Prompt { name, title, description, tools, arguments, text }
}

const fn argument(
    name: &'static str,
    kind: ValueKind,
    completes: Option<CompletionTarget>,
    help: &'static str,
) -> PromptArgument {
    PromptArgument { name, kind, completes, help }
}

/// The prompts that are offered with this access.
pub fn available(access: &Access) -> impl Iterator<Item = &'static Prompt> {
    PROMPTS.iter().filter(|prompt| prompt.is_available(access))
}

/// The prompt with this name.
///
/// # Errors
/// A message if the prompt does not exist or is not offered with this access.
pub fn find(access: &Access, name: &str) -> Result<&'static Prompt, String> {
    let Some(prompt) = PROMPTS.iter().find(|prompt| prompt.name == name) else {
        return Err(unknown_name("prompt", name, available(access).map(|prompt| prompt.name)));
    };
    match prompt.missing_tools(access).next() {
        None => Ok(prompt),
        Some(tool) => Err(format!(
            "Unknown prompt: {name} (not available because {} is not enabled).",
            tool.name()
        )),
    }
}

impl Prompt {
    fn is_available(&self, access: &Access) -> bool {
        self.missing_tools(access).next().is_none()
    }

    /// The tools that it needs but the caller may not use.
    fn missing_tools(&self, access: &Access) -> impl Iterator<Item = Tool> {
        let is_missing = |tool: &Tool| !access.tools().contains(tool);
        self.tools.iter().copied().filter(is_missing)
    }

    /// The argument with this name.
    ///
    /// # Errors
    /// A message if the prompt has no such argument.
    pub fn argument(&self, name: &str) -> Result<&'static PromptArgument, String> {
        self.arguments.iter().find(|argument| argument.name == name).ok_or_else(|| {
            let names: Vec<_> = self.arguments.iter().map(|argument| argument.name).collect();
            let arguments = match names.as_slice() {
                [] => "it has none".to_owned(),
                names => format!("its arguments: {}", names.join(", ")),
            };
            format!("{} has no argument {}; {arguments}.", self.name, sanitize::short_word(name))
        })
    }

    /// The text with each argument inserted as a JSON string, so that a value cannot be mistaken for instructions.
    ///
    /// # Errors
    /// A message if an argument is unknown, missing or invalid.
    pub fn text(&self, input: &Arguments, closed_status_ids: &[i64]) -> Result<String, String> {
        for name in input.keys() {
            self.argument(name)?;
        }
        let value = |argument: &PromptArgument| {
            Ok((argument.name, argument.parse(input.get(argument.name))?))
        };
        let values = self.arguments.iter().map(value);
        let mut values = values.collect::<Result<Vec<_>, String>>()?;
        values.push(("closed", Value::from(closed_status_ids).to_string()));
        Ok(substitute(self.text, &values))
    }
}

impl PromptArgument {
    /// The value as a JSON string on one line.
    fn parse(&self, value: Option<&Value>) -> Result<String, String> {
        let invalid = |what: &str| format!("{} {what} Accepted: {}", self.name, self.help);
        let text = match value {
            None | Some(Value::Null) => return Err(invalid("is missing.")),
            Some(Value::String(text)) => sanitize::sanitize(text).into_owned(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => return Err(invalid("must be text.")),
        };
        let text = text.trim();
        if text.is_empty() {
            return Err(invalid("is empty."));
        }
        if text.chars().count() > MAX_PREFIX_CHARS {
            return Err(invalid(&format!("is longer than {MAX_PREFIX_CHARS} characters.")));
        }
        if value.is_some_and(has_control) {
            return Err(invalid("has line breaks or other control characters."));
        }
        if !self.kind.accepts(text) {
            return Err(invalid(&format!("cannot be {text:?}.")));
        }
        Ok(Value::from(text).to_string())
    }
}

impl ValueKind {
    fn accepts(self, text: &str) -> bool {
        match self {
            Self::Text => true,
            // Longer text is an instant rather than a day.
            Self::Day => is_date(text) && text.len() <= "2026-05-31".len(),
            Self::Month => text.len() == "2026-05".len() && is_date(&format!("{text}-01")),
            Self::Count => text.parse::<u16>().is_ok_and(|count| count > 0),
        }
    }
}

fn has_control(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().contains(char::is_control))
}

/// Replaces each `{name}` by its value in one pass, so that placeholders inside values stay as they are.
fn substitute(text: &str, values: &[(&str, String)]) -> String {
    let (mut result, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        result += before;
        let placeholder = after.split_once('}').and_then(|(name, remaining)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value.as_str(), remaining))
        });
        let (piece, remaining) = placeholder.unwrap_or(("{", after));
        result += piece;
        rest = remaining;
    }
    result + rest
}

#[cfg(test)]
mod tests;
