//! Tools, resources and prompts as clients list them.

use rmcp::model::{
    JsonObject, Prompt, PromptArgument, Resource, ResourceTemplate, Tool, ToolAnnotations,
};

use crate::access::Access;
use crate::prompts;
use crate::resources::{RESOURCES, ResourceDef, TEMPLATES};
use crate::tools::{self, Effect};

/// A tool in `tools/list`.
#[must_use]
pub fn tool(tool: tools::Tool) -> Tool {
    let schema: JsonObject = serde_json::from_str(tool.input_schema()).unwrap_or_default();
    Tool::new(tool.name(), tool.description(), schema)
        .with_title(tool.title())
        .with_annotations(annotations(tool.effect()))
}

/// The effect of a tool; only hints that differ from the protocol's defaults.
fn annotations(effect: Effect) -> ToolAnnotations {
    let hints = ToolAnnotations::new();
    match effect {
        Effect::Read | Effect::Search | Effect::Get => hints.read_only(true),
        Effect::Create => hints.read_only(false).destructive(false).idempotent(false),
        Effect::Update | Effect::Delete => {
            hints.read_only(false).destructive(true).idempotent(true)
        }
    }
}

/// The resources with a fixed URI that the caller may read.
#[must_use]
pub fn resources(access: &Access) -> Vec<Resource> {
    let resource = |definition: &ResourceDef| {
        Resource::new(definition.uri, definition.name)
            .with_title(definition.title)
            .with_description(definition.description)
            .with_mime_type("application/json")
    };
    available(&RESOURCES, access).map(resource).collect()
}

/// The resource templates that the caller may read.
#[must_use]
pub fn templates(access: &Access) -> Vec<ResourceTemplate> {
    let template = |definition: &ResourceDef| {
        let template = ResourceTemplate::new(definition.uri, definition.name)
            .with_title(definition.title)
            .with_description(definition.description);
        match definition.is_json() {
            true => template.with_mime_type("application/json"),
            false => template,
        }
    };
    available(&TEMPLATES, access).map(template).collect()
}

fn available<'a>(
    definitions: &'a [ResourceDef],
    access: &Access,
) -> impl Iterator<Item = &'a ResourceDef> {
    definitions.iter().filter(|definition| definition.is_available(access))
}

/// The prompts that the caller is offered.
#[must_use]
pub fn prompts(access: &Access) -> Vec<Prompt> {
    prompts::available(access).map(prompt).collect()
}

fn prompt(prompt: &prompts::Prompt) -> Prompt {
    let argument = |argument: &prompts::PromptArgument| {
        PromptArgument::new(argument.name).with_description(argument.help).with_required(true)
    };
    let arguments: Vec<_> = prompt.arguments.iter().map(argument).collect();
    let arguments = (!arguments.is_empty()).then_some(arguments);
    Prompt::new(prompt.name, Some(prompt.description), arguments).with_title(prompt.title)
}
