//! The generated parts of README.md and docs/: tables from the declarations, output of the examples, the picture.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use autotask_codegen::Declarations;
use autotask_codegen::prompts::Prompt;
use autotask_codegen::tools::Tool;
use autotask_schema::SchemaError;

use crate::command;
use crate::command::repository;
use crate::dist;
use crate::generated_text::{self, Mode, cell, read};
use crate::setting::{SETTINGS, Setting};
use crate::{examples, tool_pages};
#[cfg(target_os = "linux")]
use crate::{pty, terminal_picture};

/// Writes or checks the generated tables.
///
/// # Errors
/// The declarations are invalid, a marker is missing, or a file is stale (`Mode::Check`).
pub fn update_tables(mode: Mode) -> Result<String, SchemaError> {
    let root = repository();
    let declared = Declarations::load(&root.join("schema"))?;
    let mut files = vec![
        with_table(&root.join("docs/configuration.md"), "settings", &settings_table(SETTINGS))?,
        with_table(&root.join("docs/prompts.md"), "prompts", &prompts_table(&declared.prompts))?,
        (root.join("docs/tools.md"), tools_page(&declared.tools)),
    ];
    files.extend(dist::repository_files()?);
    let mut written = 0;
    for (path, text) in &files {
        written += usize::from(generated_text::update(path, text, mode)?);
    }
    written += tool_pages::update(&declared.tools, mode)?;
    Ok(format!("docs: {} files, {written} written", files.len() + declared.tools.len() + 1))
}

fn with_table(path: &Path, marker: &str, table: &str) -> Result<(PathBuf, String), SchemaError> {
    let text = read(path)?;
    let updated = generated_text::replace_between(&text, marker, table)
        .map_err(|e| e.context(&path.display().to_string()))?;
    Ok((path.to_owned(), updated))
}

/// Builds the program and writes its output into the examples and the picture.
///
/// A test of the program checks them, not `docs --check`: the tables must be writable while the program does not build.
///
/// # Errors
/// The program does not build, or a file cannot be written.
pub fn write_examples() -> Result<String, SchemaError> {
    command::run("cargo build --quiet --workspace --bins", &[])?;
    let root = repository();
    let pages = examples::pages(&root).map_err(|e| SchemaError::in_file(&root, &e))?;
    let mut written = usize::from(write_picture(&root)?);
    for page in &pages {
        let text = examples::refresh(&read(page)?, &run_program)?;
        written += usize::from(generated_text::update(page, &text, Mode::Write)?);
    }
    Ok(format!("examples: {} files, {written} written", pages.len() + 1))
}

/// Draws the picture; whether it changed.
#[cfg(target_os = "linux")]
fn write_picture(root: &Path) -> Result<bool, SchemaError> {
    let run = |words: &[String]| Ok(pty::run(example(words)?, terminal_picture::COLUMNS).0);
    let picture = terminal_picture::draw(&run)?;
    generated_text::update(&root.join("docs/images/terminal.svg"), &picture, Mode::Write)
}

/// Without a pseudo-terminal the picture stays as it is.
#[cfg(not(target_os = "linux"))]
fn write_picture(_: &Path) -> Result<bool, SchemaError> {
    Ok(false)
}

/// Runs the program that was built next to this one, without the environment of this shell; returns its output.
fn run_program(words: &[String]) -> Result<String, SchemaError> {
    let output = example(words)?.output().map_err(|e| SchemaError::new(e.to_string()))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command of an example with the program that was built next to this one.
fn example(words: &[String]) -> Result<Command, SchemaError> {
    let name = format!("autotask-mcp{}", env::consts::EXE_SUFFIX);
    let program = env::current_exe().map_err(|e| SchemaError::new(e.to_string()).context(&name))?;
    Ok(examples::command(&program.with_file_name(&name), words))
}

fn settings_table(settings: &[Setting]) -> String {
    let mut table = String::from("| Variable | Default | Meaning |\n| --- | --- | --- |\n");
    for setting in settings {
        let file = if setting.is_secret { " (or `_FILE`)" } else { "" };
        let default = match setting.default {
            "" => String::new(),
            text => format!("`{text}`"),
        };
        table += &format!(
            "| `{}`{file} | {default} | {} Accepts {}. |\n",
            setting.name,
            cell(setting.help),
            cell(setting.accepts)
        );
    }
    table
}

fn tools_table(tools: &[Tool]) -> String {
    let mut table = String::from(
        "| Tool | Group | Confirm token | What it does |\n| --- | --- | --- | --- |\n",
    );
    for tool in tools {
        let token = tool.token().map_or_else(String::new, |token| format!("`{token}`"));
        table += &format!(
            "| [`{0}`](tools/{0}.md) | {1} | {token} | {2} |\n",
            tool.name,
            tool.group,
            cell(&tool.description)
        );
    }
    table
}

fn prompts_table(prompts: &[Prompt]) -> String {
    let mut table = String::from(
        "| Prompt | Argument | Needs the tools | What it is for |\n| --- | --- | --- | --- |\n",
    );
    let listed = |names: Vec<&String>| {
        let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    for prompt in prompts {
        let arguments = prompt.arguments.iter().map(|argument| &argument.name).collect();
        table += &format!(
            "| `{}` | {} | {} | {} |\n",
            prompt.name,
            listed(arguments),
            listed(prompt.tools.iter().collect()),
            cell(&prompt.description)
        );
    }
    table
}

/// The page that lists all tools and links to the page of each.
fn tools_page(tools: &[Tool]) -> String {
    format!(
        "<!-- Generated by `cargo xtask docs` from schema/tools.toml; do not edit. -->\n\n# Tools\n\n\
         Every tool, in the order clients see them; its page has its arguments and an example.\n\
         A tool with a confirm token writes only with that token, or with what `AUTOTASK_CONFIRM_MODE` requires instead; without it the response is a preview.\n\
         Numbers and flags are also accepted as text (`\"5\"`, `\"true\"`), and entities in any letter case, singular or plural.\n\
         Ids and codes can be given as names and labels; see [Names and filters](names-and-filters.md).\n\n{}",
        tools_table(tools)
    )
}
