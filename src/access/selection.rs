//! The tools that a list of names and groups selects.

use super::suggest::closest_name;
use crate::catalog::is_very_similar;
use crate::config::{ConfigError, MIN_TOKEN_CHARS};
use crate::tools::{Group, Tool};

/// The tools that the words of `AUTOTASK_TOOLS` select; `-word` removes one.
///
/// # Errors
/// A word that is neither a tool nor a group.
pub fn select_tools(words: &[String]) -> Result<Vec<Tool>, ConfigError> {
    let mut selected = Vec::new();
    let mut removed = Vec::new();
    for word in words {
        match word.strip_prefix('-') {
            Some(word) => removed.extend(tools_named(word)?),
            None => selected.extend(tools_named(word)?),
        }
    }
    let all = selected.is_empty();
    let is_selected = |tool: &Tool| (all || selected.contains(tool)) && !removed.contains(tool);
    Ok(Tool::ALL.into_iter().filter(is_selected).collect())
}

/// Whether a word selects or removes a tool or a group.
#[must_use]
pub fn is_tool_or_group(word: &str) -> bool {
    tools_named(word.strip_prefix('-').unwrap_or(word)).is_ok()
}

fn tools_named(name: &str) -> Result<Vec<Tool>, ConfigError> {
    let name = name.trim();
    let has_name = |tool: &Tool| tool.name() == name || tool.group().name() == name;
    let tools: Vec<_> = Tool::ALL.into_iter().filter(has_name).collect();
    if tools.is_empty() { Err(unknown_tool_error(name)) } else { Ok(tools) }
}

fn unknown_tool_error(name: &str) -> ConfigError {
    let names = Tool::ALL.map(Tool::name).into_iter().chain(Group::ALL.map(Group::name));
    let closest = closest_name(name, names.clone());
    // In a tokens file, a long word unlike any tool may be or contain a token; it is not repeated.
    let is_short = name.len() < MIN_TOKEN_CHARS;
    let quoted = (is_short || is_very_similar(name, names)).then(|| format!("{name:?}"));
    let hint = match (quoted, closest) {
        (Some(quoted), Some(closest)) => format!(" ({quoted} is not one; did you mean {closest}?)"),
        (Some(quoted), None) => format!(" ({quoted} is not one)"),
        (None, _) => String::new(),
    };
    ConfigError::new("AUTOTASK_TOOLS", format!("names of tools and groups{hint}"))
}
