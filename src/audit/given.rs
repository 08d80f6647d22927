//! What a call's arguments tell of an attempt, even where they do not read: the record, and names, never a value.

use serde_json::{Map, Value};

use super::Log;
use crate::catalog::Entity;
use crate::plan::address::Address;
use crate::tools::{Arguments, Effect, Tool};
use crate::value::coerce::{as_integer, parse_nested_json};

/// More names than any right call gives; a line stays a line.
const MOST: usize = 64;
/// Longer than any name that Autotask knows.
const LONGEST: usize = 64;

/// The parts of a line that the arguments tell.
pub fn told(log: &Log, tool: Tool, arguments: &Arguments) -> Map<String, Value> {
    let mut line = Map::new();
    let entity = tool.entity().or_else(|| entity(arguments));
    line.extend(entity.map(|entity| ("entity".to_owned(), entity.name().into())));
    line.extend(id(tool, arguments).map(|id| ("id".to_owned(), id.into())));
    let given = arguments.iter().take(MOST);
    let tags: Map<_, _> =
        given.map(|(name, value)| (log.name(name), log.tag(name, value))).collect();
    line.insert("arguments".into(), tags.into());
    let names = |fields: Map<_, _>| fields.keys().take(MOST).map(|name| log.name(name)).collect();
    line.extend(fields(arguments).map(|fields| ("fields".into(), names(fields))));
    line
}

/// The entity that a generic tool is told: the child of that name, or what the name means by itself.
fn entity(arguments: &Arguments) -> Option<Entity> {
    let text = |name: &str| arguments.get(name).and_then(Value::as_str);
    let (name, parent) = (text("entity")?, text("parentEntity"));
    let child = Address::parse(name, parent, parent.map(|_| 1)).ok();
    child.map_or_else(|| Entity::find(name), |at| Some(at.entity))
}

fn id(tool: Tool, arguments: &Arguments) -> Option<i64> {
    if tool.does() == Effect::Create {
        return None;
    }
    let id = arguments.get("id").and_then(as_integer);
    id.or_else(|| fields(arguments)?.get("id").and_then(as_integer))
}

/// The fields that a generic tool is told.
fn fields(arguments: &Arguments) -> Option<Map<String, Value>> {
    match parse_nested_json(arguments.get("fields")?) {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

/// Whether a name can be told: what is no plain word may be a customer's text.
pub fn is_plain(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    !name.is_empty() && name.len() <= LONGEST && name.chars().all(is_letter)
}
