//! `tools`: lists the registered tools, or shows one with its arguments.

use std::io::{self, Write};

use autotask_mcp::access::Access;
use autotask_mcp::mcp::lists;
use autotask_mcp::tools::Tool;
use serde_json::Value;

/// Prints all tools or the one of this name, and returns the exit code.
pub fn run(access: &Access, name: Option<&str>, json: bool) -> io::Result<u8> {
    let mut out = io::stdout().lock();
    let Some(name) = name else {
        return list(&mut out, access, json).map(|()| 0);
    };
    let Some(tool) = access.tools().iter().find(|tool| tool.name() == name) else {
        eprintln!("{}", access.unknown_tool_message(name));
        return Ok(2);
    };
    match json {
        true => print_json(&mut out, &lists::tool(*tool))?,
        false => show(&mut out, *tool)?,
    }
    Ok(0)
}

fn list(out: &mut impl Write, access: &Access, json: bool) -> io::Result<()> {
    if json {
        let tools: Vec<_> = access.tools().iter().map(|tool| lists::tool(*tool)).collect();
        return print_json(out, &tools);
    }
    for tool in access.tools() {
        writeln!(out, "{:<28}{:<12}{}", tool.name(), tool.group().name(), tool.title())?;
    }
    Ok(())
}

fn print_json(out: &mut impl Write, value: &impl serde::Serialize) -> io::Result<()> {
    writeln!(out, "{}", serde_json::to_string_pretty(value)?)
}

fn show(out: &mut impl Write, tool: Tool) -> io::Result<()> {
    writeln!(out, "{}: {}\nGroup: {}", tool.name(), tool.title(), tool.group().name())?;
    if let Some(token) = tool.token() {
        writeln!(out, "Confirm token: {token}")?;
    }
    writeln!(out, "\n{}\n\nArguments (* required):", tool.description())?;
    let schema: Value = serde_json::from_str(tool.input_schema())?;
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, argument) in schema["properties"].as_object().into_iter().flatten() {
        let mark = if required.iter().any(|required| required == name) { "*" } else { " " };
        let kind = argument["type"].as_str().unwrap_or_default();
        let help = argument["description"].as_str().unwrap_or_default();
        writeln!(out, "{mark} {name:<26}{kind:<9}{help}")?;
    }
    Ok(())
}
