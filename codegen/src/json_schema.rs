//! A tool's JSON Schema, as clients see it.

use serde_json::{Map, Value, json};

use crate::tools::{Input, Tool};

/// The `inputSchema` of a tool.
#[must_use]
pub fn input_schema(tool: &Tool) -> Value {
    let property = |input: &Input| (input.name.clone(), property(input));
    let properties: Map<_, _> = tool.inputs.iter().map(property).collect();
    let mut schema = json!({ "type": "object", "properties": properties });
    let required: Vec<_> = tool.inputs.iter().filter(|i| i.required).map(|i| &i.name).collect();
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    // Without the key, further properties are allowed.
    if !tool.accepts_fields() {
        schema["additionalProperties"] = false.into();
    }
    schema
}

fn property(input: &Input) -> Value {
    let mut schema = input.kind.json_schema();
    if !input.options.is_empty() {
        let at = if schema["type"] == "array" { &mut schema["items"] } else { &mut schema };
        at["enum"] = json!(input.options);
    }
    schema["description"] = input.help.as_str().into();
    schema
}
