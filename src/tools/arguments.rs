//! Reading a call's arguments: lenient in spelling, strict in meaning, each refusal by the argument's name.

pub(super) mod sanitize;
mod value;

use serde_json::Value;

use super::{Arguments, Effect, Tool};
use crate::catalog::{Entity, nearest};
use crate::error::{Code, Error};
use crate::validate;
use crate::value::coerce::abbreviated;
use crate::value::record::Record;

/// One argument of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArgumentDef {
    pub name: &'static str,
    pub kind: ArgumentType,
    pub required: bool,
    /// The only words it takes; none where any will do.
    pub options: &'static [&'static str],
}

/// What an argument's value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentType {
    Id,
    PageSize,
    Hours,
    Number,
    Flag,
    Text,
    Code,
    Ref,
    Date,
    Ticket,
    Entity,
    Object,
    Query,
    Names,
    Codes,
    Confirm,
}

pub(super) const fn optional(name: &'static str, kind: ArgumentType) -> ArgumentDef {
    ArgumentDef { name, kind, required: false, options: &[] }
}

pub(super) const fn required(name: &'static str, kind: ArgumentType) -> ArgumentDef {
    ArgumentDef { name, kind, required: true, options: &[] }
}

impl ArgumentDef {
    pub(super) const fn one_of(mut self, options: &'static [&'static str]) -> Self {
        self.options = options;
        self
    }
}

/// The arguments in their canonical form; null counts as left out.
///
/// # Errors
/// Names the argument that is unknown, missing or does not read.
pub fn read(tool: Tool, given: Arguments) -> Result<Arguments, Error> {
    let mut read = Arguments::new();
    for (name, value) in given {
        let argument = tool.arguments().iter().find(|argument| argument.name == name);
        let argument = argument.ok_or_else(|| unknown(tool, &name))?;
        if let Some(value) = value_of(argument, &value)? {
            read.insert(name, value);
        }
    }
    let missing = |argument: &&ArgumentDef| argument.required && !read.contains_key(argument.name);
    let missing: Vec<_> = tool.arguments().iter().filter(missing).map(|a| a.name).collect();
    if missing.is_empty() { Ok(read) } else { Err(missing_arguments_error(tool, &missing, &read)) }
}

fn value_of(argument: &ArgumentDef, value: &Value) -> Result<Option<Value>, Error> {
    if value.is_null() || is_empty_cursor(argument, value) {
        return Ok(None);
    }
    let refuse = |takes: String| {
        let message =
            format!("The argument {} does not take {}.", argument.name, abbreviated(value));
        Error::new(Code::BadArgument, message).accepts(format!("{}: {takes}", argument.name))
    };
    let read = value::read(argument.kind, value).map_err(|takes| refuse(takes.to_owned()))?;
    match is_not_an_option(argument, &read) {
        false => Ok(Some(read)),
        true => Err(refuse(argument.options.join(", "))),
    }
}

/// The first page is asked for by no cursor; some clients send an empty one.
fn is_empty_cursor(argument: &ArgumentDef, value: &Value) -> bool {
    argument.name == "cursor" && value == ""
}

fn is_not_an_option(argument: &ArgumentDef, value: &Value) -> bool {
    let listed = |word: &Value| word.as_str().is_some_and(|word| argument.options.contains(&word));
    match value {
        _ if argument.options.is_empty() => false,
        Value::Array(words) => !words.iter().all(listed),
        word => !listed(word),
    }
}

fn unknown(tool: Tool, name: &str) -> Error {
    let known: Vec<_> = tool.arguments().iter().map(|argument| argument.name).collect();
    let message = format!("{} has no argument {}.", tool.name(), abbreviated(&name.into()));
    let error = Error::new(Code::UnknownArgument, message);
    match nearest(name, known.iter().copied()).first() {
        Some(near) => error.accepts(format!("{near} is the nearest of {}", known.join(", "))),
        None if known.is_empty() => error.accepts("no arguments"),
        None => error.accepts(known.join(", ")),
    }
}

fn missing_arguments_error(tool: Tool, missing: &[&str], read: &Arguments) -> Error {
    let message = format!("{} needs {}.", tool.name(), missing.join(" and "));
    let describe = |argument: &&ArgumentDef| missing.contains(&argument.name);
    let takes = tool.arguments().iter().filter(describe);
    let takes: Vec<_> = takes.map(|a| format!("{}: {}", a.name, value::expected(a.kind))).collect();
    let error = Error::new(Code::MissingField, message).accepts(takes.join("; "));
    match tool.entity().map(|entity| (entity, other_missing_fields(tool, entity, missing, read))) {
        Some((entity, lacks)) if !lacks.is_empty() => {
            error.also(&validate::missing_fields_message(entity, &lacks))
        }
        _ => error,
    }
}

/// What the new record would lack besides; a flag that is left out is assumed.
fn other_missing_fields(
    tool: Tool,
    entity: Entity,
    missing: &[&str],
    read: &Arguments,
) -> Vec<&'static str> {
    if tool.does() != Effect::Create {
        return Vec::new();
    }
    let mut lacks = validate::missing_fields(entity, &Record::from(read.clone()), None);
    let is_flag = |name: &str| {
        let argument = tool.arguments().iter().find(|one| one.name == name);
        argument.is_some_and(|one| one.kind == ArgumentType::Flag)
    };
    lacks.retain(|name| !missing.contains(name) && !is_flag(name));
    lacks
}
