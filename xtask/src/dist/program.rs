//! Builds the program for a target, and packs it with its shell completions and manual page.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use autotask_schema::SchemaError;

use super::archive::{Entry, tar_gz, zip};
use super::product::{NAME, Product};
use super::target::Target;
use crate::command::{repository, run};

const COMPLETIONS: [(&str, &str); 4] = [
    ("bash", "completions/autotask-mcp.bash"),
    ("zsh", "completions/_autotask-mcp"),
    ("fish", "completions/autotask-mcp.fish"),
    ("powershell", "completions/_autotask-mcp.ps1"),
];
const TEXT_FILES: [&str; 3] = ["LICENSE", "README.md", "CHANGELOG.md"];

/// Builds the program with the profile `download`, and returns its path.
///
/// # Errors
/// The program does not build.
pub fn build(target: &Target) -> Result<PathBuf, SchemaError> {
    let triple = target.triple;
    run(&format!("cargo build --profile download --locked --bin {NAME} --target {triple}"), &[])?;
    Ok(repository().join("target").join(triple).join("download").join(target.program()))
}

/// The archive's name and bytes.
///
/// # Errors
/// A file cannot be read, or the program does not print its completions.
pub fn archive(
    product: &Product,
    target: &Target,
    program: &Path,
) -> Result<(String, Vec<u8>), SchemaError> {
    let folder = format!("{NAME}-{}-{}", product.version, target.triple);
    let mut entries = vec![Entry::program(target.program(), read(program)?)];
    for name in TEXT_FILES {
        entries.push(Entry::file(name, read(&repository().join(name))?));
    }
    let runnable = runnable_program(target, program)?;
    for (shell, path) in COMPLETIONS {
        entries.push(Entry::file(path, output_of(&runnable, &["completions", shell])?));
    }
    entries.push(Entry::file(format!("man/{NAME}.1"), output_of(&runnable, &["man"])?));
    let entries: Vec<_> = entries.into_iter().map(|entry| entry.in_folder(&folder)).collect();
    match target.os {
        "win32" => Ok((format!("{folder}.zip"), zip(&entries)?)),
        _ => Ok((format!("{folder}.tar.gz"), tar_gz(&entries)?)),
    }
}

/// The bytes of a file.
///
/// # Errors
/// Names the file that cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, SchemaError> {
    fs::read(path).map_err(|e| SchemaError::in_file(path, &e))
}

/// A program that this machine can run; for another target, the development build, which prints the same.
fn runnable_program(target: &Target, program: &Path) -> Result<PathBuf, SchemaError> {
    if target.is_host() {
        return Ok(program.to_owned());
    }
    run(&format!("cargo build --quiet --locked --bin {NAME}"), &[])?;
    let name = format!("{NAME}{}", std::env::consts::EXE_SUFFIX);
    Ok(repository().join("target/debug").join(name))
}

fn output_of(program: &Path, arguments: &[&str]) -> Result<Vec<u8>, SchemaError> {
    let failed = |text: String| SchemaError::new(text).context(&program.display().to_string());
    let output =
        Command::new(program).args(arguments).output().map_err(|e| failed(e.to_string()))?;
    match output.status.success() && !output.stdout.is_empty() {
        true => Ok(output.stdout),
        false => Err(failed(format!("{} prints nothing", arguments.join(" ")))),
    }
}
