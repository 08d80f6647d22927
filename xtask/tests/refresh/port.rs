//! A refresh over a socket, with the limits in force.

#[path = "../../../tests/support/sandbox_port.rs"]
mod sandbox_port;

use std::sync::Arc;
use std::time::{Duration, Instant};

use autotask_mcp::client::fetch_metadata::fetch_into;
use autotask_sandbox::Sandbox;
use autotask_schema::metadata_folder::MetadataFolder;

use super::{copy, empty, files, printed, refresh, repository};

/// The target for all 232 entities, from the first request to the written schema.
const TARGET: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unchanged_sandbox_reproduces_the_schema_byte_for_byte() {
    let sandbox = Arc::new(Sandbox::new());
    let port = sandbox_port::SandboxPort::with_pace(&sandbox, Duration::from_millis(1));
    let (folder, schema) = (MetadataFolder::new(empty("unchanged-pages")), copy("unchanged"));
    let began = Instant::now();
    let app = port.app(&[]);
    let filled = fetch_into(app.executor().client(), &folder, &mut |_| {}).await;
    filled.expect("a survey");
    let schema_text = schema.to_string_lossy().into_owned();
    let stored = folder.path().to_string_lossy().into_owned();
    let written = refresh(&["--from", &stored, "--schema", &schema_text]);
    let took = began.elapsed();
    assert!(written.status.success(), "{}", printed(&written));
    assert!(printed(&written).contains("# The schema is up to date"), "{}", printed(&written));
    assert!(printed(&written).contains("232 entities, 2767 fields; 0 files changed"));
    assert!(files(&schema) == files(&repository().join("schema")));
    assert!(sandbox.max_in_flight() <= 3);
    println!("refresh of 232 entities over a socket: {took:.1?}, target {TARGET:?}");
    assert!(took < TARGET, "{took:?}");
}
