//! A refresh over a socket, with the limits in force.

#[path = "../../../tests/support/sandbox_port.rs"]
mod sandbox_port;

use std::sync::Arc;
use std::time::{Duration, Instant};

use autotask_mcp::client::fetch_metadata::fetch_into;
use autotask_sandbox::Sandbox;
use autotask_schema::metadata_folder::MetadataFolder;

use super::{copy, empty_folder, files, printed, refresh, repository};

/// The limit for all 232 entities, from the first request to the written schema.
const MAX_DURATION: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unchanged_sandbox_reproduces_the_schema_byte_for_byte() {
    let sandbox = Arc::new(Sandbox::new());
    let port = sandbox_port::SandboxPort::with_pace(&sandbox, Duration::from_millis(1));
    let (folder, schema) =
        (MetadataFolder::new(empty_folder("unchanged-pages")), copy("unchanged"));
    let started = Instant::now();
    let app = port.app(&[]);
    let fetched = fetch_into(app.executor().client(), &folder, &mut |_| {}).await;
    fetched.expect("the metadata is fetched");
    let schema_text = schema.to_string_lossy().into_owned();
    let stored = folder.path().to_string_lossy().into_owned();
    let written = refresh(&["--from", &stored, "--schema", &schema_text]);
    let elapsed = started.elapsed();
    assert!(written.status.success(), "{}", printed(&written));
    assert!(printed(&written).contains("# The schema is up to date"), "{}", printed(&written));
    assert!(printed(&written).contains("232 entities, 2767 fields; 0 files changed"));
    assert!(files(&schema) == files(&repository().join("schema")));
    assert!(sandbox.max_in_flight() <= 3);
    println!("refresh of 232 entities over a socket: {elapsed:.1?}, limit {MAX_DURATION:?}");
    assert!(elapsed < MAX_DURATION, "{elapsed:?}");
}
