//! Modules import only their own layer of ARCHITECTURE.md and lower ones, without cycles.

use super::imports::{Imports, find_cycle};
use super::{assert_none, sources, text};

/// The modules of `src/` by layer, the lowest first; a module imports its own layer and those below.
const LAYERS: [(&str, &[&str]); 4] = [
    ("Values", &["catalog", "config", "error", "telemetry", "text", "value"]),
    (
        "Requests",
        &[
            "access", "client", "cluster", "confirm", "filter", "plan", "resolver", "tools",
            "validate",
        ],
    ),
    ("Execution", &["audit", "completion", "executor"]),
    ("Protocol", &["app", "cli", "main", "mcp", "prompts", "render", "resources", "transport"]),
];

/// The modules that only include generated code, which may be part of a cycle.
const GENERATED: &str = "generated";
const CRATES: [&str; 5] =
    ["src/", "codegen/src/", "crates/schema/src/", "crates/sandbox/src/", "xtask/src/"];

#[test]
fn modules_do_not_import_higher_layers() {
    let edges = imports("src/").between_children(&Vec::new());
    let mut violations = Vec::new();
    for (module, targets) in &edges {
        match layer(module) {
            None => violations.push(format!("{module} is in no layer")),
            Some(own) => violations.extend(
                targets
                    .iter()
                    .filter(|target| layer(target) > Some(own))
                    .map(|target| format!("{module} imports {target}")),
            ),
        }
    }
    assert_none("A module imports its own layer and those below it.", &violations);
}

#[test]
fn imports_have_no_cycles() {
    let mut violations = Vec::new();
    for folder in CRATES {
        let imports = imports(folder);
        for parent in imports.parents() {
            let mut edges = imports.between_children(&parent);
            edges.remove(GENERATED);
            for targets in edges.values_mut() {
                targets.remove(GENERATED);
            }
            let place = format!("{folder}{}", parent.join("/"));
            violations
                .extend(find_cycle(&edges).map(|cycle| format!("{place}: {}", cycle.join(", "))));
        }
    }
    assert_none(
        "The subtrees of a module's children import each other without cycles.",
        &violations,
    );
}

#[test]
fn the_map_names_every_module_of_the_layers() {
    let map = text("ARCHITECTURE.md");
    let missing = LAYERS.iter().flat_map(|(layer, modules)| {
        let is_missing = |module: &&&str| !map.contains(&format!("\n  {module}.rs "));
        modules.iter().filter(is_missing).map(move |module| format!("{layer}: src/{module}"))
    });
    assert_none("ARCHITECTURE.md names every module of src/.", &missing.collect::<Vec<_>>());
}

fn imports(folder: &str) -> Imports {
    Imports::parse(&sources(), folder)
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|(_, modules)| modules.contains(&module))
}
