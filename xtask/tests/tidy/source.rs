//! Rules for Rust files: first line, size, what may not stand in them, documentation.

use super::{around, hold, is_rust, root, sources, text, tracked};

#[test]
fn a_file_opens_with_a_sentence() {
    let opens = |text: &str| {
        let head: Vec<_> = text.lines().take_while(|l| l.starts_with("//!")).collect();
        head.first().is_some_and(|line| line.starts_with("//! "))
            && head.last().is_some_and(|line| line.ends_with('.'))
    };
    let broken: Vec<_> = tracked()
        .into_iter()
        .filter(|(name, text)| is_rust(name) && !opens(text))
        .map(|(name, _)| name)
        .collect();
    hold("A file opens with one `//!` sentence: its purpose.", &broken);
}

#[test]
fn nothing_in_src_can_panic_or_print() {
    const WORDS: [&str; 8] = [
        ".unwrap()",
        ".expect(",
        "panic!",
        "todo!",
        "unimplemented!",
        "unreachable!",
        "println!",
        "print!",
    ];
    let says = |line: &str, word: &str| {
        line.match_indices(word).any(|(at, _)| {
            let (before, _) = around(line, at);
            word.starts_with('.') || !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    };
    let broken = each_line("src/", |line| WORDS.into_iter().find(|word| says(line, word)));
    hold(
        "The impossible returns `Error::internal`; standard output belongs to the protocol.",
        &broken,
    );
}

#[test]
fn what_is_public_is_documented() {
    let mut broken = Vec::new();
    for (name, text) in sources() {
        let libraries = ["src/", "codegen/src/", "crates/"];
        if !libraries.iter().any(|folder| name.starts_with(folder)) {
            continue;
        }
        let lines: Vec<_> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            if is_public_item(line) && !is_documented(&lines[..at]) && !has_a_file(&name, line) {
                broken.push(format!("{name}:{}: {line}", at + 1));
            }
        }
    }
    hold("Every public item has a doc sentence; a `pub mod` has it in its file.", &broken);
}

fn each_line<T: std::fmt::Display>(folder: &str, find: impl Fn(&str) -> Option<T>) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, text) in sources() {
        if !name.starts_with(folder) {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            if let Some(found) = find(line) {
                broken.push(format!("{name}:{}: {found}", at + 1));
            }
        }
    }
    broken
}

/// Items of a file and methods of an `impl` alike.
fn is_public_item(line: &str) -> bool {
    const KINDS: [&str; 9] =
        ["fn ", "async fn ", "const ", "static ", "struct ", "enum ", "trait ", "type ", "mod "];
    let item = line.strip_prefix("    ").unwrap_or(line);
    let item = item.strip_prefix("pub ");
    item.is_some_and(|item| KINDS.iter().any(|kind| item.starts_with(kind)))
}

/// Attributes, of one line or several, may stand between an item and its sentence.
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

fn has_a_file(name: &str, line: &str) -> bool {
    let module = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';'));
    module.is_some_and(|module| {
        let folder = name.trim_end_matches(".rs").trim_end_matches("/lib");
        root().join(folder).join(format!("{module}.rs")).exists()
    })
}

/// A file of `tests/` that is in no binary would never run.
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
    hold("Every file of tests/ is a module of suite.rs or a test of Cargo.toml.", &missing);
}
