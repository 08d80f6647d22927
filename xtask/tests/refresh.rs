//! The schema refreshed from a sandbox: unchanged, changed in every way, and in trouble.
#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

#[path = "refresh/built.rs"]
mod built;
#[path = "refresh/changes.rs"]
mod changes;
#[path = "refresh/port.rs"]
mod over_a_port;
#[path = "refresh/overrides.rs"]
mod overrides;
#[path = "refresh/trouble.rs"]
mod trouble;

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

/// An empty folder of a test's own.
fn empty(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// A copy of `schema/` that a test may change.
fn copy(name: &str) -> PathBuf {
    let (real, folder) = (repository().join("schema"), empty(name));
    fs::create_dir_all(folder.join("entities")).expect("a folder");
    for below in ["", "entities"] {
        for entry in fs::read_dir(real.join(below)).expect("schema/ lists") {
            let from = entry.expect("an entry").path();
            if from.is_file() {
                let name = from.file_name().expect("a name");
                fs::copy(&from, folder.join(below).join(name)).expect("a copy");
            }
        }
    }
    folder
}

/// Every file of the entities, by name.
fn files(schema: &Path) -> Vec<(String, String)> {
    let listing = fs::read_dir(schema.join("entities")).expect("entities list");
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

/// Surveys a sandbox within the process, in paused time.
fn survey(sandbox: &Arc<Sandbox>, folder: &MetadataFolder) -> Result<(), SchemaError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let config = Config::read(&|_| None).expect("no settings");
    let config = config.with_sandbox_credentials(USERNAME, SECRET, INTEGRATION_CODE);
    let tenant = sandbox.clone();
    let wire = Backend::local(&config, move |request| match tenant.respond(request) {
        FaultResult::Response(reply) => InProcessReply::Reply(reply),
        _ => InProcessReply::ConnectionLost,
    });
    let client = Client::new(&config, wire);
    runtime.block_on(fetch_into(&client, folder, &mut |_| {}))
}

/// What a refresh from this sandbox comes to.
fn reviewed(sandbox: &Arc<Sandbox>, name: &str) -> (MetadataFolder, Review) {
    let folder = MetadataFolder::new(empty(name));
    survey(sandbox, &folder).expect("a survey");
    let documents = folder.load().expect("documents");
    let review = Review::of_documents(&repository().join("schema"), &documents);
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
