//! Runs commands from the repository's root; a command that fails is an error.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use autotask_schema::SchemaError;

/// Prints and runs a command line, and prints how long it took; it inherits standard output and error.
///
/// # Errors
/// The command could not start or failed.
pub fn run(line: &str, environment: &[(&str, &str)]) -> Result<(), SchemaError> {
    println!("\n$ {line}");
    let started = Instant::now();
    let status = command(line)
        .envs(environment.iter().copied())
        .status()
        .map_err(|e| SchemaError::new(e.to_string()).context(line))?;
    println!("({} s)", started.elapsed().as_secs());
    if status.success() { Ok(()) } else { Err(SchemaError::new(status.to_string()).context(line)) }
}

/// Returns the standard output of a command.
///
/// # Errors
/// The command could not start or failed.
pub fn output(line: &str) -> Result<String, SchemaError> {
    let output =
        command(line).output().map_err(|e| SchemaError::new(e.to_string()).context(line))?;
    if !output.status.success() {
        return Err(SchemaError::new(output.status.to_string()).context(line));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Returns the last line of a command's standard output; it inherits standard error.
///
/// # Errors
/// The command could not start, failed or printed nothing.
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

/// The repository's root.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
