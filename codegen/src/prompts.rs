//! Parses `prompts.toml`, and checks it against the tools: each call in a text names a tool and arguments that exist.

pub(crate) mod calls;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use autotask_schema::SchemaError;

use crate::tools::{Tool, check_name};

/// The placeholder `{closed}`, whose value comes from the settings instead of the arguments.
pub const CLOSED: &str = "closed";

/// One prompt, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    pub name: String,
    pub title: String,
    pub description: String,
    /// The tools that its text names; it needs all of them.
    pub tools: Vec<String>,
    pub arguments: Vec<Argument>,
    pub text: String,
}

/// One argument of a prompt; all are required.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    pub name: String,
    /// The values it accepts.
    pub kind: ValueKind,
    /// The records that its completion searches, if it has one.
    pub completes: Option<Completes>,
    pub help: String,
}

/// The values that an argument accepts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueKind {
    #[default]
    Text,
    Day,
    Month,
    Count,
}

/// The records that the completion of an argument searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Completes {
    Ticket,
    Company,
    Resource,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PromptsFile {
    arguments: BTreeMap<String, RawArgument>,
    prompt: Vec<RawPrompt>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawArgument {
    #[serde(default)]
    kind: ValueKind,
    completes: Option<Completes>,
    help: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPrompt {
    name: String,
    title: String,
    description: String,
    tools: Vec<String>,
    arguments: Vec<String>,
    text: String,
}

/// Parses the prompts, in the order of the file.
///
/// # Errors
/// Names the prompt and the invalid tool, argument or placeholder.
pub fn read(text: &str, tools: &[Tool]) -> Result<Vec<Prompt>, SchemaError> {
    let file: PromptsFile = toml::from_str(text)
        .map_err(|e| SchemaError::new(e.to_string()).context("prompts.toml"))?;
    let mut names = BTreeSet::new();
    let checked = |raw: &RawPrompt| {
        let place = format!("prompts.toml: {}", raw.name);
        check_unique(names.insert(raw.name.clone()))
            .and_then(|()| prompt(raw, &file.arguments, tools))
            .map_err(|e| e.context(&place))
    };
    file.prompt.iter().map(checked).collect()
}

fn check_unique(is_new: bool) -> Result<(), SchemaError> {
    match is_new {
        true => Ok(()),
        false => Err(SchemaError::new("another prompt has this name")),
    }
}

fn prompt(
    raw: &RawPrompt,
    shared: &BTreeMap<String, RawArgument>,
    tools: &[Tool],
) -> Result<Prompt, SchemaError> {
    check_name(&raw.name)?;
    let arguments = raw.arguments.iter().map(|name| argument(name, shared));
    let arguments = arguments.collect::<Result<Vec<_>, _>>()?;
    calls::check(&raw.text, &raw.tools, tools)?;
    check_placeholders(&raw.text, &raw.arguments)?;
    Ok(Prompt {
        name: raw.name.clone(),
        title: raw.title.clone(),
        description: raw.description.clone(),
        tools: raw.tools.clone(),
        arguments,
        text: raw.text.trim().to_owned(),
    })
}

fn argument(name: &str, shared: &BTreeMap<String, RawArgument>) -> Result<Argument, SchemaError> {
    let known = shared.keys().map(String::as_str);
    let raw = shared.get(name).ok_or_else(|| SchemaError::unknown_name("argument", name, known))?;
    let RawArgument { kind, completes, ref help } = *raw;
    Ok(Argument { name: name.to_owned(), kind, completes, help: help.clone() })
}

/// Checks that every placeholder is an argument, and that every argument is used.
fn check_placeholders(text: &str, arguments: &[String]) -> Result<(), SchemaError> {
    let placeholders = calls::placeholders(text);
    let known = || arguments.iter().map(String::as_str).chain([CLOSED]);
    for name in &placeholders {
        if !known().any(|known| known == *name) {
            return Err(SchemaError::unknown_name("argument", name, known()));
        }
    }
    match arguments.iter().find(|name| !placeholders.contains(name.as_str())) {
        Some(unused) => Err(SchemaError::new(format!(
            "argument {unused:?}: the text does not use {{{unused}}}"
        ))),
        None => Ok(()),
    }
}
