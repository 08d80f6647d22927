//! One command of a chore: printed, run from the repository's root, refused when it fails.

use std::process::{Command, Stdio};

use autotask_schema::SchemaError;

use crate::refresh::repository;

/// Runs a command line; its output goes where ours goes.
///
/// # Errors
/// The command that could not start, or that failed.
pub fn run(line: &str, environment: &[(&str, &str)]) -> Result<(), SchemaError> {
    println!("\n$ {line}");
    let status = command(line)
        .envs(environment.iter().copied())
        .status()
        .map_err(|e| SchemaError::new(e.to_string()).context(line))?;
    if status.success() { Ok(()) } else { Err(SchemaError::new(status.to_string()).context(line)) }
}

/// What a command prints.
///
/// # Errors
/// The command that could not start, or that failed.
pub fn output(line: &str) -> Result<String, SchemaError> {
    let output =
        command(line).output().map_err(|e| SchemaError::new(e.to_string()).context(line))?;
    if !output.status.success() {
        return Err(SchemaError::new(output.status.to_string()).context(line));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The last line of what a command prints; what it says on standard error goes where ours goes.
///
/// # Errors
/// The command that could not start, or that failed.
pub fn last_line(words: &[&str], environment: &[(&str, &str)]) -> Result<String, SchemaError> {
    let line = words.join(" ");
    let (program, arguments) = words.split_first().unwrap_or((&"", &[]));
    let output = Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(repository())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| SchemaError::new(e.to_string()).context(&line))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    match (output.status.success(), printed.lines().last()) {
        (true, Some(last)) => Ok(last.to_owned()),
        _ => Err(SchemaError::new(output.status.to_string()).context(&line)),
    }
}

fn command(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).current_dir(repository());
    command
}
