//! The software bill of materials (SBOM) in `CycloneDX` format, made by `cargo-cyclonedx`.

use std::fs;
use std::path::Path;
use std::process::Command;

use autotask_schema::SchemaError;

use super::product::NAME;
use super::target::Target;
use crate::command::{output, repository, run};

const INSTALL_COMMAND: &str = "cargo install --locked cargo-cyclonedx@0.5.9";
/// The tool writes a file of this name next to each manifest of the workspace.
const STEM: &str = "sbom.cdx";
const LIST_MANIFESTS: &str = "git ls-files *Cargo.toml";

/// Writes `sbom.cdx.json` into the folder.
///
/// # Errors
/// The tool fails or is not installed; the error then has the command that installs it.
pub fn write(target: &Target, folder: &Path) -> Result<(), SchemaError> {
    check_installed()?;
    let line = format!(
        "cargo cyclonedx --format json --spec-version 1.5 --target {} --override-filename {STEM}",
        target.triple
    );
    run(&line, &[("SOURCE_DATE_EPOCH", "0")])?;
    let name = format!("{STEM}.json");
    let written = repository().join(&name);
    let text = fs::read_to_string(&written).map_err(|e| SchemaError::in_file(&written, &e))?;
    let sbom = folder.join(&name);
    fs::write(&sbom, without_paths(&text)?).map_err(|e| SchemaError::in_file(&sbom, &e))?;
    remove_all(&name)
}

fn check_installed() -> Result<(), SchemaError> {
    let found = Command::new("cargo").args(["cyclonedx", "--version"]).output();
    match found.is_ok_and(|output| output.status.success()) {
        true => Ok(()),
        false => {
            Err(SchemaError::new(format!("the SBOM of {NAME} needs a tool: {INSTALL_COMMAND}")))
        }
    }
}

/// Removes the path of the repository, which the tool writes into the references to our own crates.
fn without_paths(text: &str) -> Result<String, SchemaError> {
    let root = output("git rev-parse --show-toplevel")?;
    Ok(text.replace(&format!("path+file://{}", root.trim()), "path+file://"))
}

fn remove_all(name: &str) -> Result<(), SchemaError> {
    for manifest in output(LIST_MANIFESTS)?.lines() {
        let other = repository().join(manifest).with_file_name(name);
        if other.exists() {
            fs::remove_file(&other).map_err(|e| SchemaError::in_file(&other, &e))?;
        }
    }
    Ok(())
}
