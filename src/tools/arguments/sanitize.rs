//! Removes hidden characters from a call's arguments, also inside JSON text.

use serde_json::Value;

use super::ArgumentType;
use crate::catalog::UDFS;
use crate::text::sanitize::sanitize_value;
use crate::tools::{Arguments, Tool};
use crate::value::coerce::parse_nested_json;

/// Sanitizes the arguments of a tool; the warning names those that changed.
pub fn sanitize(tool: Tool, arguments: &mut Arguments) -> Option<String> {
    let mut changed = Vec::new();
    for argument in tool.arguments() {
        if let Some(value) = arguments.get_mut(argument.name) {
            parse_nested(argument.kind, value);
            if sanitize_value(value) {
                changed.push(argument.name);
            }
        }
    }
    let names = changed.join(", ");
    (!changed.is_empty()).then(|| format!("Hidden characters were removed from {names}."))
}

/// Parses JSON text, in which escapes may hide characters.
fn parse_nested(kind: ArgumentType, value: &mut Value) {
    if !matches!(
        kind,
        ArgumentType::Object | ArgumentType::Query | ArgumentType::Names | ArgumentType::Codes
    ) {
        return;
    }
    let parsed = parse_nested_json(value);
    if parsed.is_object() || parsed.is_array() {
        *value = parsed;
    }
    let members = value.as_object_mut().into_iter().flatten();
    for (_, udfs) in members.filter(|(name, _)| name.eq_ignore_ascii_case(UDFS)) {
        *udfs = parse_nested_json(udfs);
    }
}
