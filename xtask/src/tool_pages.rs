//! One page for each tool: a generated reference, followed by a hand-written example.

use std::fs;

use autotask_codegen::json_schema;
use autotask_codegen::tools::{Input, Tool};
use autotask_schema::SchemaError;
use serde_json::Value;

use crate::command::repository;
use crate::generated_text::{self, Mode, cell, read};

/// The name of the markers around the generated part.
const MARKER: &str = "tool";
/// The table of contents lists the pages below this line.
const LIST_HEAD: &str = "- [Tools](tools.md)\n";
const LIST_ENTRY: &str = "  - [";

/// Writes or checks the page of each tool and their list in the table of contents; returns how many files were written.
///
/// # Errors
/// A marker is missing, or a file is stale (`Mode::Check`).
pub fn update(tools: &[Tool], mode: Mode) -> Result<usize, SchemaError> {
    let docs = repository().join("docs");
    let contents = docs.join("SUMMARY.md");
    let updated = with_list(&read(&contents)?, tools)?;
    let mut written = usize::from(generated_text::update(&contents, &updated, mode)?);
    for tool in tools {
        let path = docs.join("tools").join(format!("{}.md", tool.name));
        let before = fs::read_to_string(&path).unwrap_or_else(|_| new_page(tool));
        let text = generated_text::replace_between(&before, MARKER, &description(tool))
            .map_err(|e| e.context(&path.display().to_string()))?;
        written += usize::from(generated_text::update(&path, &text, mode)?);
    }
    Ok(written)
}

/// The table of contents with the entries below the list of tools replaced.
fn with_list(contents: &str, tools: &[Tool]) -> Result<String, SchemaError> {
    let (before, after) = contents
        .split_once(LIST_HEAD)
        .ok_or_else(|| SchemaError::new("docs/SUMMARY.md has no line for docs/tools.md"))?;
    let rest = after.split_inclusive('\n').skip_while(|line| line.starts_with(LIST_ENTRY));
    let entries = tools.iter().map(|tool| format!("{LIST_ENTRY}{0}](tools/{0}.md)\n", tool.name));
    Ok(format!("{before}{LIST_HEAD}{}{}", entries.collect::<String>(), rest.collect::<String>()))
}

fn new_page(tool: &Tool) -> String {
    format!(
        "# {0}\n\n<!-- {MARKER} -->\n\n<!-- /{MARKER} -->\n\n## Example\n\n\
         ```console\n$ autotask-mcp call {0} --sandbox\n```\n",
        tool.name
    )
}

/// The description of a tool, and its arguments as clients see them.
fn description(tool: &Tool) -> String {
    let kind = tool.token().map_or_else(
        || "Read-only.".to_owned(),
        |token| format!("Writes; its confirm token is `{token}`."),
    );
    let head =
        format!("{}\n{kind}\nGroup: `{}`.\n", one_sentence_a_line(&tool.description), tool.group);
    if tool.inputs.is_empty() {
        return head + "It has no arguments.\n";
    }
    let schema = json_schema::input_schema(tool);
    let row = |input: &Input| argument_row(input, &schema["properties"][&input.name]);
    let rows = tool.inputs.iter().map(row);
    head + "\n| Argument | Type | Required | Meaning |\n| --- | --- | --- | --- |\n"
        + &rows.collect::<String>()
}

fn argument_row(input: &Input, schema: &Value) -> String {
    let required = if input.required { "yes" } else { "" };
    let mut meaning = cell(&input.help);
    if !input.options.is_empty() {
        let words: Vec<_> = input.options.iter().map(|w| format!("`{w}`")).collect();
        meaning += &format!(" One of {}.", words.join(", "));
    }
    format!("| `{}` | {} | {required} | {meaning} |\n", input.name, type_name(schema))
}

fn type_name(schema: &Value) -> String {
    let name = schema["type"].as_str().unwrap_or_default();
    match schema["items"]["type"].as_str() {
        Some(item) => format!("{name} of {item}"),
        None => name.to_owned(),
    }
}

/// Puts each sentence on a line of its own.
fn one_sentence_a_line(text: &str) -> String {
    text.replace(". ", ".\n")
}
