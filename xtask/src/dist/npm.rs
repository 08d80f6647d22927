//! The npm packages: one per platform with the program, and a small one that depends on them and starts it.

use autotask_schema::SchemaError;
use serde_json::{Map, Value, json};

use super::archive::{Entry, tar_gz};
use super::product::{NAME, Product};
use super::target::{TARGETS, Target};

const LAUNCHER: &str = include_str!("../../templates/cli.js");
const README: &str = include_str!("../../templates/package-readme.md");
/// The folder in which npm expects every file of a package.
const FOLDER: &str = "package";

/// The name and bytes of the package that users install.
///
/// # Errors
/// The archive cannot be written.
pub fn main_package(product: &Product) -> Result<(String, Vec<u8>), SchemaError> {
    let entries = [
        manifest_entry(&main_manifest(product)),
        Entry::program("bin/cli.js", product.fill(LAUNCHER)),
        Entry::file("README.md", product.fill(README)),
    ];
    Ok((format!("npm-{NAME}-{}.tgz", product.version), packed(entries)?))
}

/// The name and bytes of the package with one platform's program.
///
/// # Errors
/// The archive cannot be written.
pub fn platform_package(
    product: &Product,
    target: &Target,
    program: &[u8],
) -> Result<(String, Vec<u8>), SchemaError> {
    let name = format!("npm-{NAME}-{}-{}.tgz", target.platform(), product.version);
    let entries = [
        manifest_entry(&platform_manifest(product, target)),
        Entry::program(format!("bin/{}", target.program()), program),
        Entry::file("README.md", product.fill(README)),
    ];
    Ok((name, packed(entries)?))
}

fn manifest_entry(manifest: &Value) -> Entry {
    Entry::file("package.json", format!("{manifest:#}\n"))
}

fn packed(entries: [Entry; 3]) -> Result<Vec<u8>, SchemaError> {
    tar_gz(&entries.map(|entry| entry.in_folder(FOLDER)))
}

/// `package.json` of the main package; there is no install script.
pub fn main_manifest(product: &Product) -> Value {
    let platforms =
        TARGETS.iter().map(|target| (platform_name(product, target), json!(product.version)));
    let mut manifest = manifest(product, &product.npm_name());
    manifest["mcpName"] = json!(product.registry_name());
    manifest["bin"] = json!({NAME: "bin/cli.js"});
    manifest["engines"] = json!({"node": ">=18"});
    manifest["optionalDependencies"] = Value::Object(platforms.collect::<Map<_, _>>());
    manifest
}

/// `package.json` of a platform's package.
pub fn platform_manifest(product: &Product, target: &Target) -> Value {
    let mut manifest = manifest(product, &platform_name(product, target));
    manifest["os"] = json!([target.os]);
    manifest["cpu"] = json!([target.cpu]);
    manifest["preferUnplugged"] = json!(true);
    manifest
}

fn manifest(product: &Product, name: &str) -> Value {
    json!({
        "name": name,
        "version": product.version,
        "description": product.description,
        "license": product.license,
        "homepage": product.url(),
        "repository": {"type": "git", "url": format!("git+{}.git", product.url())},
        "keywords": ["mcp", "autotask", "psa", "msp", "kaseya"],
    })
}

fn platform_name(product: &Product, target: &Target) -> String {
    format!("{}-{}", product.npm_name(), target.platform())
}
