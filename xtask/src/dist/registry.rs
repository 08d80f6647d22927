//! Catalog entries: `server.json` for the MCP registry and `server.yaml` for Docker's catalog.

use serde_json::{Value, json};

use super::product::{NAME, Product, TITLE};
use super::user_option::{OptionKind, USER_OPTIONS};

const SCHEMA: &str = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json";
const DOCKER_ENTRY: &str = include_str!("../../templates/server.yaml");

/// A bundle of a release: its file name and its SHA-256 digest in hexadecimal.
pub struct ReleasedBundle {
    pub file: String,
    pub sha256: String,
}

/// `server.json`.
pub fn server_json(product: &Product, bundles: &[ReleasedBundle]) -> Value {
    let mut packages = vec![
        package("npm", &product.npm_name(), Some(&product.version)),
        package("pypi", NAME, Some(&product.version)),
        package("oci", &product.image(), None),
    ];
    packages.extend(bundles.iter().map(|bundle| bundle_package(product, bundle)));
    json!({
        "$schema": SCHEMA,
        "name": product.registry_name(),
        "title": TITLE,
        "description": product.description,
        "version": product.version,
        "websiteUrl": product.url(),
        "repository": {"url": product.url(), "source": "github"},
        "packages": packages,
    })
}

/// `server.yaml`.
pub fn server_yaml(product: &Product) -> String {
    product.fill(DOCKER_ENTRY)
}

fn bundle_package(product: &Product, bundle: &ReleasedBundle) -> Value {
    let url = format!("{}/releases/download/v{}/{}", product.url(), product.version, bundle.file);
    let mut entry = package("mcpb", &url, Some(&product.version));
    entry["fileSha256"] = json!(bundle.sha256);
    entry
}

fn package(registry: &str, identifier: &str, version: Option<&str>) -> Value {
    let mut package = json!({
        "registryType": registry,
        "identifier": identifier,
        "transport": {"type": "stdio"},
        "environmentVariables": variables(),
    });
    if let Some(version) = version {
        package["version"] = json!(version);
    }
    package
}

fn variables() -> Vec<Value> {
    let variables = USER_OPTIONS.iter().map(|option| {
        let mut variable = json!({
            "name": option.variable,
            "description": option.help(),
            "isRequired": false,
            "isSecret": option.is_secret(),
        });
        if let OptionKind::Flag(_) = option.kind {
            variable["format"] = json!("boolean");
            variable["default"] = json!(option.default_text());
        }
        variable
    });
    variables.collect()
}
