//! Rules for Rust files: header, documentation, and calls that `src/` must not contain.

use super::{assert_none, is_rust, root, sources, split_around, text, tracked};

#[test]
fn a_file_starts_with_a_module_comment() {
    let has_header = |text: &str| {
        let head: Vec<_> = text.lines().take_while(|l| l.starts_with("//!")).collect();
        head.first().is_some_and(|line| line.starts_with("//! "))
            && head.last().is_some_and(|line| line.ends_with('.'))
    };
    let violations: Vec<_> = tracked()
        .into_iter()
        .filter(|(name, text)| is_rust(name) && !has_header(text))
        .map(|(name, _)| name)
        .collect();
    assert_none("A file starts with a `//!` sentence that states its purpose.", &violations);
}

#[test]
fn nothing_in_src_can_panic_or_print() {
    const CALLS: [&str; 8] = [
        ".unwrap()",
        ".expect(",
        "panic!",
        "todo!",
        "unimplemented!",
        "unreachable!",
        "println!",
        "print!",
    ];
    let contains = |line: &str, call: &str| {
        line.match_indices(call).any(|(at, _)| {
            let (before, _) = split_around(line, at);
            call.starts_with('.') || !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    };
    let violations =
        find_in_lines("src/", |line| CALLS.into_iter().find(|call| contains(line, call)));
    assert_none(
        "Broken assumptions return `Error::internal`; standard output carries only the protocol.",
        &violations,
    );
}

#[test]
fn public_items_are_documented() {
    let mut violations = Vec::new();
    for (name, text) in sources() {
        let libraries = ["src/", "codegen/src/", "crates/"];
        if !libraries.iter().any(|folder| name.starts_with(folder)) {
            continue;
        }
        let lines: Vec<_> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            if is_public_item(line) && !is_documented(&lines[..at]) && !has_own_file(&name, line) {
                violations.push(format!("{name}:{}: {line}", at + 1));
            }
        }
    }
    assert_none(
        "Every public item has a doc comment; that of a `pub mod` is in its file.",
        &violations,
    );
}

fn find_in_lines<T: std::fmt::Display>(
    folder: &str,
    find: impl Fn(&str) -> Option<T>,
) -> Vec<String> {
    let mut violations = Vec::new();
    for (name, text) in sources() {
        if !name.starts_with(folder) {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            if let Some(found) = find(line) {
                violations.push(format!("{name}:{}: {found}", at + 1));
            }
        }
    }
    violations
}

/// Whether a line defines a public item or a public method.
fn is_public_item(line: &str) -> bool {
    const KINDS: [&str; 9] =
        ["fn ", "async fn ", "const ", "static ", "struct ", "enum ", "trait ", "type ", "mod "];
    let item = line.strip_prefix("    ").unwrap_or(line);
    let item = item.strip_prefix("pub ");
    item.is_some_and(|item| KINDS.iter().any(|kind| item.starts_with(kind)))
}

/// Whether the lines above an item end with its doc comment, ignoring attributes.
fn is_documented(above: &[&str]) -> bool {
    let mut inside = false;
    for line in above.iter().rev().map(|line| line.trim_start()) {
        if line.starts_with("#[") {
            inside = false;
        } else if line == ")]" {
            inside = true;
        } else if !inside {
            return line.starts_with("///");
        }
    }
    false
}

fn has_own_file(name: &str, line: &str) -> bool {
    let module = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';'));
    module.is_some_and(|module| {
        let folder = name.trim_end_matches(".rs").trim_end_matches("/lib");
        root().join(folder).join(format!("{module}.rs")).exists()
    })
}

/// A file of `tests/` that no test binary includes would never run.
#[test]
fn every_test_file_is_run() {
    let (suite, manifest) = (text("tests/suite.rs"), text("Cargo.toml"));
    let is_run = |name: &str| {
        suite.contains(&format!("\nmod {name};\n"))
            || manifest.contains(&format!("[[test]]\nname = \"{name}\"\n"))
    };
    let names = tracked().into_iter().filter_map(|(path, _)| {
        let name = path.strip_prefix("tests/")?.strip_suffix(".rs")?.to_owned();
        (!name.contains('/')).then_some(name)
    });
    let missing: Vec<_> = names.filter(|name| !is_run(name)).collect();
    assert_none("Every file of tests/ is a module of suite.rs or a test of Cargo.toml.", &missing);
}
