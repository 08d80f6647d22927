//! Imports go down the layers of ARCHITECTURE.md, and never in a circle.

use super::imports::{Imports, cycle};
use super::{hold, sources, text};

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

/// Files that only include generated code.
const GENERATED: &str = "generated";
const CRATES: [&str; 5] =
    ["src/", "codegen/src/", "crates/schema/src/", "crates/sandbox/src/", "xtask/src/"];

#[test]
fn imports_go_down() {
    let edges = imports("src/").between_children(&Vec::new());
    let mut broken = Vec::new();
    for (module, targets) in &edges {
        match layer(module) {
            None => broken.push(format!("{module} is in no layer")),
            Some(own) => broken.extend(
                targets
                    .iter()
                    .filter(|target| layer(target) > Some(own))
                    .map(|target| format!("{module} imports {target}")),
            ),
        }
    }
    hold("A module imports its own layer and those below it.", &broken);
}

#[test]
fn no_modules_import_in_a_circle() {
    let mut broken = Vec::new();
    for folder in CRATES {
        let imports = imports(folder);
        for parent in imports.parents() {
            let mut edges = imports.between_children(&parent);
            edges.remove(GENERATED);
            for targets in edges.values_mut() {
                targets.remove(GENERATED);
            }
            let place = format!("{folder}{}", parent.join("/"));
            broken.extend(cycle(&edges).map(|cycle| format!("{place}: {}", cycle.join(", "))));
        }
    }
    hold("The children of a module, with all below them, import without a circle.", &broken);
}

#[test]
fn the_layers_are_on_the_map() {
    let map = text("ARCHITECTURE.md");
    let missing = LAYERS.iter().flat_map(|(layer, modules)| {
        let is_missing = |module: &&&str| !map.contains(&format!("\n  {module}.rs "));
        modules.iter().filter(is_missing).map(move |module| format!("{layer}: src/{module}"))
    });
    hold("ARCHITECTURE.md names every module of src/.", &missing.collect::<Vec<_>>());
}

fn imports(folder: &str) -> Imports {
    Imports::read(&sources(), folder)
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|(_, modules)| modules.contains(&module))
}
