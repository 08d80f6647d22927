//! `refresh-schema` against a sandbox: unchanged, with every kind of change, and with faults.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

#[path = "refresh/build.rs"]
mod build;
#[path = "refresh/changes.rs"]
mod changes;
#[path = "refresh/faults.rs"]
mod faults;
#[path = "refresh/overrides.rs"]
mod overrides;
#[path = "refresh/socket.rs"]
mod socket;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use autotask_codegen::review::Review;
use autotask_mcp::client::Client;
use autotask_mcp::client::backend::{Backend, InProcessReply};
use autotask_mcp::client::fetch_metadata::fetch_into;
use autotask_mcp::config::Config;
use autotask_sandbox::{FaultResult, INTEGRATION_CODE, SECRET, Sandbox, USERNAME};
use autotask_schema::SchemaError;
use autotask_schema::metadata_folder::MetadataFolder;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// An empty folder for one test.
fn empty_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// A copy of `schema/` that a test may change.
fn copy(name: &str) -> PathBuf {
    let (real, folder) = (repository().join("schema"), empty_folder(name));
    fs::create_dir_all(folder.join("entities")).expect("a folder");
    for subfolder in ["", "entities"] {
        for entry in fs::read_dir(real.join(subfolder)).expect("schema/ can be listed") {
            let from = entry.expect("an entry").path();
            if from.is_file() {
                let name = from.file_name().expect("a name");
                fs::copy(&from, folder.join(subfolder).join(name)).expect("a copy");
            }
        }
    }
    folder
}

/// Every file of the entities, by name.
fn files(schema: &Path) -> Vec<(String, String)> {
    let listing = fs::read_dir(schema.join("entities")).expect("schema/entities can be listed");
    let mut files: Vec<_> = listing
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a text"))
        })
        .collect();
    files.sort();
    files
}

/// Fetches the metadata of an in-process sandbox, with time paused.
fn fetch(sandbox: &Arc<Sandbox>, folder: &MetadataFolder) -> Result<(), SchemaError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let config = Config::read(&|_| None).expect("no settings");
    let config = config.with_sandbox_credentials(USERNAME, SECRET, INTEGRATION_CODE);
    let tenant = sandbox.clone();
    let backend = Backend::local(&config, move |request| match tenant.respond(request) {
        FaultResult::Response(reply) => InProcessReply::Reply(reply),
        _ => InProcessReply::ConnectionLost,
    });
    let client = Client::new(&config, backend);
    runtime.block_on(fetch_into(&client, folder, &mut |_| {}))
}

/// The review of a refresh from this sandbox.
fn reviewed(sandbox: &Arc<Sandbox>, name: &str) -> (MetadataFolder, Review) {
    let folder = MetadataFolder::new(empty_folder(name));
    fetch(sandbox, &folder).expect("the metadata is fetched");
    let metadata = folder.load().expect("the metadata loads");
    let review = Review::from_metadata(&repository().join("schema"), &metadata);
    (folder, review.expect("a review"))
}

/// Runs `cargo xtask refresh-schema`.
fn refresh(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("refresh-schema")
        .args(arguments)
        .output()
        .expect("xtask runs")
}

fn printed(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}
