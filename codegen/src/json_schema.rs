//! A tool's JSON Schema: the whole for clients, the data half for typify.

use serde_json::{Map, Value, json};

use crate::argument_type::ArgumentType;
use crate::tools::{Input, Tool};

/// The `inputSchema` as clients see it.
#[must_use]
pub fn input_schema(tool: &Tool) -> Value {
    object(&tool.inputs.iter().collect::<Vec<_>>(), ArgumentType::published)
}

/// The schema of the arguments once they are read, for the generated struct.
#[must_use]
pub fn held_schema(tool: &Tool) -> Value {
    object(
        &tool.inputs.iter().filter(|input| input.kind.is_held()).collect::<Vec<_>>(),
        ArgumentType::held,
    )
}

fn object(inputs: &[&Input], schema_of: fn(ArgumentType) -> Value) -> Value {
    let property = |input: &&Input| (input.name.clone(), property(input, schema_of(input.kind)));
    let properties: Map<_, _> = inputs.iter().map(property).collect();
    let mut schema = json!({ "type": "object", "properties": properties });
    let required: Vec<_> = inputs.iter().filter(|i| i.required).map(|i| &i.name).collect();
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema["additionalProperties"] = false.into();
    schema
}

fn property(input: &Input, mut schema: Value) -> Value {
    if !input.options.is_empty() {
        let at = if schema["type"] == "array" { &mut schema["items"] } else { &mut schema };
        at["enum"] = json!(input.options);
    }
    schema["description"] = input.help.as_str().into();
    schema
}
