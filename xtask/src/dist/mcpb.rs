//! The bundle for Claude Desktop (MCPB, manifest version 0.4).

use std::fs;

use autotask_codegen::Declarations;
use autotask_schema::SchemaError;
use serde_json::{Value, json};

use super::archive::{Entry, zip};
use super::product::{NAME, Product, TITLE};
use super::target::Target;
use super::user_option;
use crate::command::repository;

const ICON: &str = "icon.png";

/// The bundle's name and bytes.
///
/// # Errors
/// A missing icon, or invalid declarations of tools.
pub fn bundle(
    product: &Product,
    target: &Target,
    program: &[u8],
) -> Result<(String, Vec<u8>), SchemaError> {
    let icon = repository().join("plugin").join(ICON);
    let icon = fs::read(&icon).map_err(|e| SchemaError::in_file(&icon, &e))?;
    let manifest = format!("{:#}\n", manifest(product, target)?);
    let content = zip(&[
        Entry::file("manifest.json", manifest),
        Entry::file(ICON, icon),
        Entry::program(entry_point(target), program),
    ])?;
    Ok((file_name(product, target), content))
}

/// The bundle's name in a release.
pub fn file_name(product: &Product, target: &Target) -> String {
    format!("{NAME}-{}-{}.mcpb", product.version, target.triple)
}

fn entry_point(target: &Target) -> String {
    format!("server/{}", target.program())
}

/// The bundle's description; every variable has a value, because the server rejects an unreplaced one.
pub fn manifest(product: &Product, target: &Target) -> Result<Value, SchemaError> {
    let url = product.url();
    Ok(json!({
        "manifest_version": "0.4",
        "name": NAME,
        "display_name": TITLE,
        "version": product.version,
        "description": product.description,
        "author": {"name": product.owner, "url": url},
        "repository": {"type": "git", "url": format!("{url}.git")},
        "homepage": url,
        "documentation": format!("{url}#readme"),
        "support": format!("{url}/issues"),
        "license": product.license,
        "icon": ICON,
        "keywords": ["autotask", "psa", "msp", "tickets", "kaseya"],
        "privacy_policies": [format!("{url}/blob/main/SECURITY.md")],
        "server": {
            "type": "binary",
            "entry_point": entry_point(target),
            "mcp_config": {
                "command": format!("${{__dirname}}/{}", entry_point(target)),
                "args": [],
                "env": user_option::environment(user_option::user_config),
            },
        },
        "tools": tools()?,
        "user_config": user_option::declarations(),
        "compatibility": {"platforms": [target.os]},
    }))
}

fn tools() -> Result<Vec<Value>, SchemaError> {
    let declared = Declarations::load(&repository().join("schema"))?;
    let tools = declared.tools.iter();
    Ok(tools.map(|tool| json!({"name": tool.name, "description": tool.description})).collect())
}
