//! Builds the packages for every way to install the program, and the catalog entries, in `dist/`.

mod archive;
mod encoding;
mod install_links;
mod mcpb;
mod npm;
mod plugin;
mod product;
mod program;
mod registry;
mod sbom;
mod target;
#[cfg(test)]
mod tests;
mod user_option;
mod wheel;

use std::fs;
use std::path::{Path, PathBuf};

use autotask_schema::SchemaError;
use clap::Args;

use crate::command::repository;
use archive::sha256_hex;
use product::Product;
use registry::ReleasedBundle;
use target::{TARGETS, Target};

const CHECKSUMS: &str = "SHA256SUMS";

/// Arguments of `cargo xtask dist`.
#[derive(Args)]
pub struct Dist {
    /// The target; by default that of this machine, on Linux with musl.
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Pack this program instead of building one; without an SBOM. For tests of the packages.
    #[arg(long, value_name = "FILE", conflicts_with = "release")]
    program: Option<PathBuf>,
    /// Fail if the owner is still the placeholder.
    #[arg(long)]
    release: bool,
    /// Pack nothing: only update the checksums and catalog entries for the existing files.
    #[arg(long)]
    index: bool,
    /// The folder to write to.
    #[arg(long, value_name = "FOLDER", default_value = "dist")]
    out: PathBuf,
}

/// Builds and packs the program, then writes the checksums and the catalog entries.
///
/// # Errors
/// A placeholder in a release, a failed build, or a missing tool.
pub fn run(dist: &Dist) -> Result<String, SchemaError> {
    let product = Product::load()?;
    if dist.release {
        product.check_owner()?;
    }
    let folder = repository().join(&dist.out);
    fs::create_dir_all(&folder).map_err(|e| SchemaError::in_file(&folder, &e))?;
    if !dist.index {
        pack(&product, dist, &folder)?;
    }
    let files = index(&product, &folder)?;
    Ok(format!("dist: {} files in {}", files.len(), dist.out.display()))
}

/// The generated files that are part of the repository, with their paths.
///
/// # Errors
/// Incomplete metadata.
pub fn repository_files() -> Result<Vec<(PathBuf, String)>, SchemaError> {
    let product = Product::load()?;
    let mut files = vec![
        ("docs/install-links.md", install_links::page(&product)),
        ("server.json", format!("{:#}\n", registry::server_json(&product, &[]))),
    ];
    let manifests = plugin::manifests(&product);
    files.extend(manifests.into_iter().map(|(path, value)| (path, format!("{value:#}\n"))));
    Ok(files.into_iter().map(|(path, text)| (repository().join(path), text)).collect())
}

fn pack(product: &Product, dist: &Dist, folder: &Path) -> Result<(), SchemaError> {
    let target = Target::find(dist.target.as_deref())?;
    let program = match &dist.program {
        Some(program) => program.clone(),
        None => program::build(target)?,
    };
    let bytes = program::read(&program)?;
    let packages = [
        program::archive(product, target, &program)?,
        mcpb::bundle(product, target, &bytes)?,
        npm::main_package(product)?,
        npm::platform_package(product, target, &bytes)?,
        wheel::wheel(product, target, &bytes)?,
    ];
    for (name, content) in packages {
        write(&folder.join(name), &content)?;
    }
    match dist.program {
        Some(_) => Ok(()),
        None => sbom::write(target, folder),
    }
}

/// Writes the files that depend on all packages of a release; returns the names of all files.
fn index(product: &Product, folder: &Path) -> Result<Vec<String>, SchemaError> {
    let bundles = released_bundles(product, folder)?;
    let entry = format!("{:#}\n", registry::server_json(product, &bundles));
    write(&folder.join("server.json"), entry.as_bytes())?;
    write(&folder.join("server.yaml"), registry::server_yaml(product).as_bytes())?;
    let names = file_names(folder)?;
    let mut sums = String::new();
    for name in &names {
        sums += &format!("{}  {name}\n", sha256_hex(&program::read(&folder.join(name))?));
    }
    write(&folder.join(CHECKSUMS), sums.as_bytes())?;
    Ok(names)
}

fn released_bundles(product: &Product, folder: &Path) -> Result<Vec<ReleasedBundle>, SchemaError> {
    let files = TARGETS.iter().map(|target| mcpb::file_name(product, target));
    let files = files.filter(|file| folder.join(file).exists());
    let bundles = files.map(|file| {
        let sha256 = sha256_hex(&program::read(&folder.join(&file))?);
        Ok(ReleasedBundle { file, sha256 })
    });
    bundles.collect()
}

/// The files of a folder in order, without the checksums file.
fn file_names(folder: &Path) -> Result<Vec<String>, SchemaError> {
    let listing = fs::read_dir(folder).map_err(|e| SchemaError::in_file(folder, &e))?;
    let files = listing.flatten().filter(|entry| entry.path().is_file());
    let mut names: Vec<_> =
        files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| name != CHECKSUMS);
    names.sort();
    Ok(names)
}

fn write(path: &Path, content: &[u8]) -> Result<(), SchemaError> {
    fs::write(path, content).map_err(|e| SchemaError::in_file(path, &e))
}
