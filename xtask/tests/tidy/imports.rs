//! Parses the modules of a crate and their imports from the source text.

#![expect(clippy::string_slice, reason = "offsets from a search in the same text")]

use std::collections::{BTreeMap, BTreeSet};

/// A module's path below the crate; the crate's root is empty.
pub type Module = Vec<String>;

/// The imports of each module; a re-exported name counts as an import of the module that defines it.
pub struct Imports {
    pub by_module: BTreeMap<Module, BTreeSet<Module>>,
}

impl Imports {
    /// Parses the files of a crate, given as path and code without tests, below `folder` (such as `src/`).
    pub fn parse(files: &[(String, String)], folder: &str) -> Self {
        let modules: BTreeMap<Module, String> = files
            .iter()
            .filter_map(|(path, code)| Some((module(path, folder)?, without_comments(code))))
            .collect();
        let reexports = modules.iter().flat_map(|(module, code)| reexports(module, code)).collect();
        let by_module = modules
            .iter()
            .map(|(module, code)| {
                let targets = paths(module, code)
                    .iter()
                    .filter_map(|path| target(path, &modules, &reexports))
                    .filter(|target| target != module)
                    .collect();
                (module.clone(), targets)
            })
            .collect();
        Self { by_module }
    }

    /// The imports between the children of `parent`, each with its subtree, by the children's names.
    pub fn between_children(&self, parent: &Module) -> BTreeMap<String, BTreeSet<String>> {
        let child = |module: &Module| {
            module.starts_with(parent).then(|| module.get(parent.len()).cloned()).flatten()
        };
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (module, targets) in &self.by_module {
            let Some(from) = child(module) else { continue };
            let to = targets.iter().filter_map(child).filter(|to| *to != from);
            edges.entry(from.clone()).or_default().extend(to);
        }
        edges
    }

    /// Every module that has children.
    pub fn parents(&self) -> BTreeSet<Module> {
        let ancestors =
            |module: &Module| (0..module.len()).map(|end| module[..end].to_vec()).collect();
        self.by_module.keys().flat_map::<Vec<Module>, _>(ancestors).collect()
    }
}

/// The names of the modules in or above a cycle, if there is one.
pub fn find_cycle(edges: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    let mut remaining: BTreeMap<_, _> = edges.clone();
    loop {
        let free: Vec<_> = remaining
            .iter()
            .filter(|(_, to)| to.iter().all(|to| !remaining.contains_key(to)))
            .map(|(name, _)| name.clone())
            .collect();
        if free.is_empty() {
            return (!remaining.is_empty()).then(|| remaining.into_keys().collect());
        }
        remaining.retain(|name, _| !free.contains(name));
    }
}

fn module(path: &str, folder: &str) -> Option<Module> {
    let inner = path.strip_prefix(folder)?.strip_suffix(".rs")?;
    let is_root = inner == "lib" || inner == "main";
    Some(if is_root { Vec::new() } else { inner.split('/').map(str::to_owned).collect() })
}

fn without_comments(code: &str) -> String {
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// Pairs of a re-exported path and the path that it stands for.
fn reexports(module: &Module, code: &str) -> Vec<(Module, Module)> {
    let uses = code.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next());
    uses.flat_map(expand)
        .map(|path| {
            let path = path.split(" as ").next().unwrap_or_default().trim().to_owned();
            absolute(module, &path).unwrap_or_else(|| {
                module.iter().cloned().chain(path.split("::").map(str::to_owned)).collect()
            })
        })
        .filter_map(|target| {
            let name = target.last()?.clone();
            Some((module.iter().cloned().chain([name]).collect(), target))
        })
        .collect()
}

/// All paths in a module's code that start at the crate, at a parent or at the module itself.
fn paths(module: &Module, code: &str) -> Vec<Module> {
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::", "autotask_mcp::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            found.extend(expand(&code[at..]).iter().filter_map(|path| absolute(module, path)));
        }
    }
    found
}

/// The paths of an import: `a::{b, c::d}` becomes `a::b` and `a::c::d`.
fn expand(text: &str) -> Vec<String> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let end = text.find(|c| !is_path(c)).unwrap_or(text.len());
    let (head, rest) = text.split_at(end);
    let Some(inner) = rest.strip_prefix('{').filter(|_| head.ends_with("::")) else {
        return vec![head.trim_end_matches("::").to_owned()];
    };
    members(inner)
        .iter()
        .flat_map(|member| expand(member.trim()))
        .map(|path| format!("{head}{path}").trim_end_matches("::self").to_owned())
        .collect()
}

/// Splits the text after an opening brace at its commas, up to the closing brace.
fn members(text: &str) -> Vec<String> {
    let (mut depth, mut members) = (0, vec![String::new()]);
    for c in text.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => {
                members.push(String::new());
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        members.last_mut().expect("one member at least").push(c);
    }
    members.retain(|member| !member.trim().is_empty());
    members
}

fn absolute(module: &Module, path: &str) -> Option<Module> {
    let mut segments = path.split("::").peekable();
    let mut base = match segments.next()? {
        "crate" | "autotask_mcp" => Vec::new(),
        "super" => module[..module.len().checked_sub(1)?].to_vec(),
        "self" => module.clone(),
        _ => return None,
    };
    while segments.next_if_eq(&"super").is_some() {
        base.pop()?;
    }
    Some(base.into_iter().chain(segments.map(str::to_owned)).collect())
}

/// The module that defines the item of a path.
fn target(
    path: &Module,
    modules: &BTreeMap<Module, String>,
    reexports: &BTreeMap<Module, Module>,
) -> Option<Module> {
    let through = (1..=path.len()).rev().find_map(|end| reexports.get(&path[..end]));
    let path = through.unwrap_or(path);
    (1..=path.len())
        .rev()
        .map(|end| &path[..end])
        .find(|p| modules.contains_key(*p))
        .map(<[_]>::to_vec)
}
