//! Removes hidden characters from a call's arguments, also inside JSON text.

use serde_json::Value;

use super::Kind;
use crate::clean::sanitize_value;
use crate::scalar::unwrapped;
use crate::schema::UDFS;
use crate::tools::{Arguments, Tool};

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
fn parse_nested(kind: Kind, value: &mut Value) {
    if !matches!(kind, Kind::Object | Kind::Query | Kind::Names | Kind::Codes) {
        return;
    }
    let parsed = unwrapped(value);
    if parsed.is_object() || parsed.is_array() {
        *value = parsed;
    }
    let members = value.as_object_mut().into_iter().flatten();
    for (_, udfs) in members.filter(|(name, _)| name.eq_ignore_ascii_case(UDFS)) {
        *udfs = unwrapped(udfs);
    }
}
