//! The part of an audit record that comes from a call's arguments, which may be invalid: the record and the names of
//! fields, but no values.

use serde_json::{Map, Value};

use super::Log;
use crate::catalog::Entity;
use crate::plan::address::Address;
use crate::tools::{Arguments, Effect, Tool};
use crate::value::coerce::{as_integer, parse_nested_json};

/// More names than any valid call has; keeps a record small enough for an atomic write to a pipe.
const MAX_NAMES: usize = 64;
/// Longer than any name in Autotask.
const MAX_NAME_BYTES: usize = 64;

/// The members of a record that the arguments provide.
pub fn describe_arguments(log: &Log, tool: Tool, arguments: &Arguments) -> Map<String, Value> {
    let fields = match arguments.get("fields").map(parse_nested_json) {
        Some(Value::Object(fields)) => Some(fields),
        _ => None,
    };
    let id = arguments.get("id").and_then(as_integer);
    let id = id.or_else(|| fields.as_ref()?.get("id").and_then(as_integer));
    let id = id.filter(|_| tool.effect() != Effect::Create);
    let entity = tool.entity().or_else(|| entity(arguments));
    let names =
        |fields: Map<_, _>| fields.keys().take(MAX_NAMES).map(|name| log.name(name)).collect();
    let digests = arguments.iter().take(MAX_NAMES);
    let digests: Map<_, _> =
        digests.map(|(name, value)| (log.name(name), log.digest(name, value))).collect();
    let members = [
        ("entity", entity.map(|entity| entity.name().into())),
        ("id", id.map(Value::from)),
        ("arguments", Some(digests.into())),
        ("fields", fields.map(names)),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The entity argument of a generic tool: the child with that name, or the entity.
fn entity(arguments: &Arguments) -> Option<Entity> {
    let text = |name: &str| arguments.get(name).and_then(Value::as_str);
    let (name, parent) = (text("entity")?, text("parentEntity"));
    let child = Address::parse(name, parent, parent.map(|_| 1)).ok();
    child.map_or_else(|| Entity::find(name), |at| Some(at.entity))
}

/// Whether a text is a name that can be recorded unchanged; other text may be a customer's.
pub fn is_identifier(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    !name.is_empty() && name.len() <= MAX_NAME_BYTES && name.chars().all(is_letter)
}
