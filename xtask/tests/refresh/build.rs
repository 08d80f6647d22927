//! A server with a changed schema: it builds, passes `all_entities`, and its responses reflect the changes.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::changes::changed;
use super::{empty_folder, printed, refresh, repository, reviewed};

/// A copy of the repository, without build output.
fn clone(name: &str) -> PathBuf {
    let folder = empty_folder(name);
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(repository())
        .output()
        .expect("git lists");
    for file in printed(&listed).lines() {
        let to = folder.join(file);
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        // A listed file may be deleted but not yet committed.
        fs::copy(repository().join(file), to).ok();
    }
    for part in ["", "codegen", "crates/sandbox", "crates/schema", "xtask"] {
        let manifest = folder.join(part).join("Cargo.toml");
        let text = fs::read_to_string(&manifest).expect("a manifest");
        fs::write(&manifest, renamed_package(&text)).expect("a manifest");
    }
    folder
}

/// Changes the version and the program's name, so that cargo does not confuse the clone's build with the real one.
fn renamed_package(manifest: &str) -> String {
    let text = manifest.replace("version = \"0.1.0\"", "version = \"0.0.1\"");
    assert!(text != manifest, "the version was not replaced");
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
    printed(&run.expect("the program runs"))
}

/// Tests every entity of the clone; dependencies are reused from the shared target folder.
fn test_all_entities(folder: &Path) -> Output {
    let mut cargo = Command::new(env!("CARGO"));
    // The outer cargo's variables describe its own package, and would cause dependencies to be rebuilt.
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
fn a_server_with_a_changed_schema_builds_and_uses_it() {
    let (pages, _) = reviewed(&changed(), "built-pages");
    let folder = clone("built");
    let (stored, schema) = (pages.path().to_string_lossy(), folder.join("schema"));
    let written = refresh(&["--from", &stored, "--schema", &schema.to_string_lossy()]);
    assert!(written.status.success(), "{}", printed(&written));
    let tested = test_all_entities(&folder);
    assert!(tested.status.success(), "{}", printed(&tested));
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
        let printed = call(&["call", tool, arguments]);
        assert!(printed.contains(expected), "{tool} {arguments}: {printed}");
    }
}
