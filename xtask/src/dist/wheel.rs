//! The wheel for `PyPI`, so that `uvx autotask-mcp` works.
//!
//! maturin cannot pack an existing program, and this wheel must contain the same program as the other packages.

use autotask_schema::SchemaError;

use super::archive::{Entry, sha256, zip};
use super::encoding::base64_url;
use super::product::Product;
use super::target::Target;

const MODULE: &str = "autotask_mcp";
const METADATA: &str = include_str!("../../templates/wheel-metadata.txt");
const README: &str = include_str!("../../templates/package-readme.md");
const LICENSE: &str = include_str!("../../../LICENSE");

/// The wheel's name and bytes.
///
/// # Errors
/// The archive cannot be written.
pub fn wheel(
    product: &Product,
    target: &Target,
    program: &[u8],
) -> Result<(String, Vec<u8>), SchemaError> {
    let stem = format!("{MODULE}-{}", product.version);
    let script = format!("{stem}.data/scripts/{}", target.program());
    let mut entries = vec![Entry::program(script, program)];
    entries
        .extend(info(product, target).map(|entry| entry.in_folder(&format!("{stem}.dist-info"))));
    entries.push(record(&format!("{stem}.dist-info/RECORD"), &entries));
    Ok((format!("{stem}-py3-none-{}.whl", target.wheel_tag), zip(&entries)?))
}

fn info(product: &Product, target: &Target) -> [Entry; 3] {
    let metadata = product.fill(METADATA) + "\n" + &product.fill(README);
    [
        Entry::file("METADATA", metadata),
        Entry::file("WHEEL", compatibility(target)),
        Entry::file("licenses/LICENSE", LICENSE),
    ]
}

/// One line for each platform in the wheel's name.
fn compatibility(target: &Target) -> String {
    let head = "Wheel-Version: 1.0\nGenerator: cargo xtask dist\nRoot-Is-Purelib: false\n";
    let tags = target.wheel_tag.split('.').map(|tag| format!("Tag: py3-none-{tag}\n"));
    head.to_owned() + &tags.collect::<String>()
}

/// The list of files with their digests; its own entry has none.
fn record(path: &str, entries: &[Entry]) -> Entry {
    let rows = entries.iter().map(|entry| {
        let digest = base64_url(&sha256(&entry.content));
        format!("{},sha256={digest},{}\n", entry.path, entry.content.len())
    });
    Entry::file(path, rows.collect::<String>() + path + ",,\n")
}
