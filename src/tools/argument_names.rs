//! Everyday names of arguments, and the call with the tool's own names instead.

use serde_json::{Value, json};

use super::generated::ARGUMENT_NAMES;
use super::{Arguments, Tool};
use crate::catalog::terms::single_entity;
use crate::catalog::{Entity, nearest};

/// An everyday name, and the arguments it may mean.
pub(super) struct ArgumentName {
    words: &'static [&'static str],
    arguments: &'static [&'static str],
}

pub(super) const fn argument_name(
    words: &'static [&'static str],
    arguments: &'static [&'static str],
) -> ArgumentName {
    ArgumentName { words, arguments }
}

/// The argument that an everyday name means: one that the tool declares, or a field of its entity.
pub(super) fn equivalent(tool: Tool, name: &str) -> Option<&'static str> {
    let mut name = name.to_ascii_lowercase();
    name.retain(|letter| letter.is_ascii_alphanumeric());
    let stems = [name.strip_suffix("id"), name.strip_suffix("name")];
    let words = [name.as_str()].into_iter().chain(stems.into_iter().flatten());
    words.into_iter().find_map(|word| match is_entity(tool, word) && declares(tool, "id") {
        true => Some("id"),
        false => row_argument(tool, word),
    })
}

fn is_entity(tool: Tool, word: &str) -> bool {
    let is_named = |entity: Entity| {
        entity.singular().eq_ignore_ascii_case(word) || single_entity(word) == Some(entity)
    };
    tool.entity().is_some_and(is_named)
}

fn row_argument(tool: Tool, word: &str) -> Option<&'static str> {
    let row = ARGUMENT_NAMES.iter().find(|row| row.words.contains(&word))?;
    let declared = row.arguments.iter().find(|argument| declares(tool, argument));
    let entity = tool.accepts_fields_of();
    let is_field = |argument: &&&str| entity.is_some_and(|e| e.field(argument).is_some());
    declared.or_else(|| row.arguments.iter().find(is_field)).copied()
}

/// Whether a tool has an argument of this name.
pub(super) fn declares(tool: Tool, name: &str) -> bool {
    tool.arguments().iter().any(|argument| argument.name == name)
}

/// The argument with the most similar spelling; declared arguments come before fields of the entity.
pub(super) fn closest(tool: Tool, name: &str) -> Option<&'static str> {
    let names = tool.arguments().iter().map(|argument| argument.name);
    let renamed = name.replace("Since", "After").replace("Until", "Before");
    let declared = nearest(&renamed, names).first().copied();
    let fields = tool.accepts_fields_of().into_iter().flat_map(Entity::fields);
    declared.or_else(|| nearest(name, fields.map(|field| field.name)).first().copied())
}

/// Renames arguments; none if two would get the same name.
pub(super) fn rename(given: &Arguments, names: &[(String, &'static str)]) -> Option<Arguments> {
    let mut renamed = Arguments::new();
    for (name, value) in given {
        let found = names.iter().find(|(old, _)| old == name);
        let value = match found {
            Some((old, "hoursWorked")) if old.eq_ignore_ascii_case("minutes") => minutes(value),
            _ => value.clone(),
        };
        let name = found.map_or(name.as_str(), |(_, new)| new);
        if renamed.insert(name.to_owned(), value).is_some() {
            return None;
        }
    }
    Some(renamed)
}

/// Converts the arguments of an update tool that got a list as `id` to those of `update-entity`.
pub(super) fn for_update_entity(tool: Tool, mut given: Arguments) -> Option<Arguments> {
    let ids = given.shift_remove("id")?;
    let call = json!({ "entity": tool.entity()?.name(), "ids": ids, "fields": given });
    call.as_object().cloned()
}

fn minutes(value: &Value) -> Value {
    match value {
        Value::Number(number) => format!("{number}m").into(),
        Value::String(text) => format!("{text}m").into(),
        other => other.clone(),
    }
}
