//! Removes hidden characters from a call's arguments, also inside JSON text.

use serde_json::Value;

use crate::catalog::UDFS;
use crate::text::sanitize::sanitize_value;
use crate::tools::Arguments;
use crate::value::coerce::parse_nested_json;

/// Sanitizes all arguments and returns a warning that names those that changed.
pub fn sanitize(arguments: &mut Arguments) -> Option<String> {
    let mut changed = Vec::new();
    for (name, value) in arguments.iter_mut() {
        parse_nested(value);
        if sanitize_value(value) {
            changed.push(name.as_str());
        }
    }
    let names = changed.join(", ");
    (!changed.is_empty()).then(|| format!("Hidden characters were removed from {names}."))
}

/// Parses JSON text, in which escapes may hide characters.
fn parse_nested(value: &mut Value) {
    let parsed = parse_nested_json(value);
    if parsed.is_object() || parsed.is_array() {
        *value = parsed;
    }
    let members = value.as_object_mut().into_iter().flatten();
    for (_, udfs) in members.filter(|(name, _)| name.eq_ignore_ascii_case(UDFS)) {
        *udfs = parse_nested_json(udfs);
    }
}
