//! Every string inside a JSON value.

use serde_json::Value;

/// Visits every string value, at any depth; names of members are not visited.
pub fn for_each_string(value: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter_mut().for_each(|item| for_each_string(item, visit)),
        Value::Object(members) => {
            members.values_mut().for_each(|member| for_each_string(member, visit));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
