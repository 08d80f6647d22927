//! A server of changed facts: it builds, walks every entity and verb, and tells of what changed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::changes::changed;
use super::{empty, refresh, repository, reviewed, said};

/// The repository without what is built.
fn clone(name: &str) -> PathBuf {
    let folder = empty(name);
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(repository())
        .output()
        .expect("git lists");
    for file in said(&listed).lines() {
        let to = folder.join(file);
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        // What is listed may be deleted and not yet committed.
        fs::copy(repository().join(file), to).ok();
    }
    for part in ["", "codegen", "crates/sandbox", "crates/schema", "xtask"] {
        let manifest = folder.join(part).join("Cargo.toml");
        let text = fs::read_to_string(&manifest).expect("a manifest");
        fs::write(&manifest, apart(&text)).expect("a manifest");
    }
    folder
}

/// Another version and another program: what is built of the clone must not be taken for the real one.
fn apart(manifest: &str) -> String {
    let text = manifest.replace("version = \"0.1.0\"", "version = \"0.0.1\"");
    assert!(text != manifest, "a clone that could be taken for the real one");
    let program = "[[bin]]\nname = \"changed\"\npath = \"src/main.rs\"\n";
    match text.replace("default-run = \"autotask-mcp\"", "autobins = false") {
        root if root != text => format!("{root}\n{program}"),
        other => other,
    }
}

fn target() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_xtask"));
    program.parent().and_then(Path::parent).expect("a folder").to_owned()
}

fn call(arguments: &[&str]) -> String {
    let program = target().join("debug/changed");
    let run = Command::new(program).args(arguments).arg("--sandbox").env_clear().output();
    said(&run.expect("the program runs"))
}

/// The crates below are built already; only those of this repository are built again.
fn walked(folder: &Path) -> Output {
    let mut cargo = Command::new(env!("CARGO"));
    // What the outer cargo says of its own crate would have others built again.
    for (name, _) in
        env::vars().filter(|(name, _)| name.starts_with("CARGO_") && name != "CARGO_HOME")
    {
        cargo.env_remove(name);
    }
    cargo
        .args(["test", "--offline", "--workspace", "--test", "all_entities", "--target-dir"])
        .arg(target())
        .current_dir(folder)
        .env("INSTA_UPDATE", "no")
        .output()
        .expect("cargo runs")
}

#[test]
fn a_server_of_changed_facts_builds_and_tells_of_them() {
    let (pages, _) = reviewed(&changed(), "built-pages");
    let folder = clone("built");
    let (kept, schema) = (pages.path().to_string_lossy(), folder.join("schema"));
    let written = refresh(&["--from", &kept, "--schema", &schema.to_string_lossy()]);
    assert!(written.status.success(), "{}", said(&written));
    let walked = walked(&folder);
    assert!(walked.status.success(), "{}", said(&walked));
    for (tool, arguments, expected) in [
        ("list-known-entities", r#"{"search":"TicketTides","detail":true}"#, "\"TicketTides\""),
        (
            "query-entity",
            r#"{"entity":"Tides","parentEntity":"Tickets","parentId":8107,"query":{}}"#,
            "\"items\":[]",
        ),
        (
            "query-entity",
            r#"{"entity":"Phases","query":{"filter":[{"op":"gt","field":"estimatedHours","value":1}]}}"#,
            "Accepted: estimateHours",
        ),
        (
            "update-entity",
            r#"{"entity":"Tickets","id":8107,"fields":{"purchaseOrderNumber":"7"}}"#,
            "purchaseOrderNumber is read-only",
        ),
    ] {
        let said = call(&["call", tool, arguments]);
        assert!(said.contains(expected), "{tool} {arguments}: {said}");
    }
}
