//! Which tools a list of words leaves.

use crate::catalog::{is_very_similar, nearest};
use crate::config::{ConfigError, is_token};
use crate::tools::{Group, Tool};

/// The tools that words of `AUTOTASK_TOOLS` leave; `-word` takes away.
///
/// # Errors
/// A word that is neither a tool nor a group.
pub fn select_tools(words: &[String]) -> Result<Vec<Tool>, ConfigError> {
    let mut chosen = Vec::new();
    let mut dropped = Vec::new();
    for word in words {
        match word.strip_prefix('-') {
            Some(word) => dropped.extend(tools_named(word)?),
            None => chosen.extend(tools_named(word)?),
        }
    }
    let all = chosen.is_empty();
    let is_left = |tool: &Tool| (all || chosen.contains(tool)) && !dropped.contains(tool);
    Ok(Tool::ALL.into_iter().filter(is_left).collect())
}

fn tools_named(word: &str) -> Result<Vec<Tool>, ConfigError> {
    let word = word.trim();
    let is_meant = |tool: &Tool| tool.name() == word || tool.group().name() == word;
    let tools: Vec<_> = Tool::ALL.into_iter().filter(is_meant).collect();
    if tools.is_empty() { Err(unknown_tool_error(word)) } else { Ok(tools) }
}

fn unknown_tool_error(word: &str) -> ConfigError {
    let names = Tool::ALL.map(Tool::name).into_iter();
    let names = names.chain(Group::ALL.map(Group::name));
    let mut takes = "names of tools and groups".to_owned();
    // In a file of tokens, a long word that is like no tool may be a token out of place.
    if !is_token(word) || is_very_similar(word, names.clone()) {
        takes += &format!("; {word:?} is none");
    }
    if let Some(near) = nearest(word, names).first() {
        takes += &format!(", the nearest is {near}");
    }
    ConfigError::new("AUTOTASK_TOOLS", takes)
}
