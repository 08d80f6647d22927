//! Imports go down the floors of ARCHITECTURE.md, never up.

use super::{hold, rooms, text};

const GROUND: &[&str] = &[
    "config", "error", "metrics", "moment", "policy", "record", "request", "scalar", "schema",
    "text",
];
const MIND: &[&str] = &[
    "address", "blank", "body", "caller", "cursor", "filter", "gate", "live", "names", "plan",
    "prompts", "query", "tools",
];
const HANDS: &[&str] = &["audit", "client", "perform", "shared", "survey"];
const MOUTH: &[&str] = &[
    "answer", "cli", "desk", "doctor", "health", "lib", "log", "main", "serve", "server",
    "signals", "terminal", "traces", "uris",
];
const FLOORS: [&[&str]; 4] = [GROUND, MIND, HANDS, MOUTH];

/// The sandbox stands beside the house: it meets the client on the wire and shares only the schema.
const SANDBOX: &str = "sandbox";

/// Imports that break the rule, and why they may: `(file, module, reason)`.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

#[test]
fn imports_go_down() {
    let mut broken = Vec::new();
    let mut excused = Vec::new();
    for (name, code) in rooms() {
        let Some(harness) = harness(&name) else { continue };
        assert!(
            harness == SANDBOX || floor(harness).is_some(),
            "{name}: the module {harness} stands on no floor; add it here and to ARCHITECTURE.md"
        );
        for used in used(&name, &code) {
            if may(&name, harness, used) {
                continue;
            }
            let exception =
                EXCEPTIONS.iter().find(|(file, module, _)| *file == name && *module == used);
            match exception {
                Some(exception) => excused.push(exception),
                None => broken.push(format!("{name} uses {used}")),
            }
        }
    }
    hold(
        "A file uses its own floor and those below, one module a `use crate::…`; the sandbox only the schema.",
        &broken,
    );
    for exception in EXCEPTIONS {
        assert!(excused.contains(&exception), "no longer needed: {exception:?}");
    }
}

#[test]
fn every_module_is_in_the_tour_and_on_the_map() {
    let (tour, map) = (text("src/lib.rs"), text("ARCHITECTURE.md"));
    for module in FLOORS.concat() {
        assert!(
            module == "lib" || map.contains(&format!("src/{module}")),
            "{module}: no such harness in ARCHITECTURE.md"
        );
        let told = tour.contains(&format!("pub mod {module};"));
        assert!(
            told || ["cli", "doctor", "health", "lib", "main", "signals", "terminal"]
                .contains(&module),
            "{module}: no such module in src/lib.rs"
        );
    }
}

fn may(name: &str, harness: &str, used: &str) -> bool {
    if used == harness {
        return true;
    }
    if harness == SANDBOX {
        return used == "schema";
    }
    if used == SANDBOX {
        return name == "src/cli.rs";
    }
    floor(used) <= floor(harness) && floor(used).is_some()
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The module of `src/` a file belongs to.
fn harness(name: &str) -> Option<&str> {
    let below = name.strip_prefix("src/")?;
    let first = below.split('/').next()?;
    Some(first.strip_suffix(".rs").unwrap_or(first))
}

/// The modules a file names by `crate::…`, from the binary by `autotask_mcp::…`, and directly below
/// `src/` by `super::…` too; comments may name any.
fn used<'a>(name: &str, code: &'a str) -> Vec<&'a str> {
    let mut roots = vec!["crate::", "autotask_mcp::"];
    if name.matches('/').count() == 1 {
        roots.push("super::");
    }
    let mut used = Vec::new();
    for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for root in &roots {
            used.extend(line.split(root).skip(1).map(module));
        }
    }
    used.sort_unstable();
    used.dedup();
    used.retain(|module| !module.is_empty());
    used
}

/// The first name of a path; a brace is told as it is, for a list of modules hides them from this test.
fn module(path: &str) -> &str {
    if path.starts_with('{') {
        return "{";
    }
    let end = path.find(|c: char| !c.is_ascii_lowercase() && c != '_');
    path.split_at(end.unwrap_or(path.len())).0
}
