//! Limits for the lines of a crate, a file and a function.

use super::{assert_none, sources, tracked};

/// Own lines (without tests) of the root crate; the goal is 24,100, of which views and reports have 700 and OAuth 900.
const MAX_SRC_LINES: usize = 32_400;
/// Own lines (without tests and data) of the sandbox.
const MAX_SANDBOX_LINES: usize = 4_600;
const MAX_FILE_LINES: usize = 350;
/// A smaller file with a single user should be part of that user; the goal is 40.
const MIN_FILE_LINES: usize = 26;
/// The goal is 26.
const MAX_SRC_FILES: usize = 27;
const MAX_MEDIAN_FUNCTION: usize = 7;
/// The goal is 18.
const MAX_90TH_PERCENTILE_FUNCTION: usize = 20;
const MAX_FUNCTION_LINES: usize = 60;

#[test]
fn crates_stay_small() {
    let lines = |folder: &str| {
        let own = sources().into_iter().filter(|(path, _)| path.starts_with(folder));
        own.map(|(_, code)| code.lines().count()).sum::<usize>()
    };
    let (src, sandbox) = (lines("src/"), lines("crates/sandbox/src/"));
    println!("own lines: src {src} of {MAX_SRC_LINES}, sandbox {sandbox} of {MAX_SANDBOX_LINES}");
    assert!(src <= MAX_SRC_LINES, "src/ has {src} own lines, {MAX_SRC_LINES} are allowed");
    assert!(sandbox <= MAX_SANDBOX_LINES, "the sandbox has {sandbox} own lines");
}

#[test]
fn functions_stay_short() {
    let mut lengths: Vec<_> = sources()
        .iter()
        .filter(|(path, _)| path.starts_with("src/") || path.starts_with("crates/sandbox/src/"))
        .flat_map(|(_, code)| function_lengths(code))
        .collect();
    lengths.sort_unstable();
    let at = |percent: usize| lengths[lengths.len() * percent / 100];
    let (median, p90, longest) = (at(50), at(90), lengths[lengths.len() - 1]);
    println!("{} functions: median {median}, p90 {p90}, longest {longest} lines", lengths.len());
    assert!(median <= MAX_MEDIAN_FUNCTION, "median {median}");
    assert!(p90 <= MAX_90TH_PERCENTILE_FUNCTION, "p90 {p90}");
    assert!(longest <= MAX_FUNCTION_LINES, "longest {longest}");
}

#[test]
fn files_are_neither_long_nor_tiny() {
    let sources = sources();
    let mut violations = Vec::new();
    for (path, code) in &sources {
        let lines = code.lines().count();
        if lines > MAX_FILE_LINES {
            violations.push(format!("{path}: {lines} lines"));
        }
        if lines < MIN_FILE_LINES && path.matches('/').count() > 1 && users(path, &sources) == 1 {
            violations.push(format!("{path}: {lines} lines and one user"));
        }
    }
    assert_none(
        "A file has 26 to 350 lines, unless it is small and has several users.",
        &violations,
    );
}

#[test]
fn few_files_are_directly_in_src() {
    let direct = |path: &&String| path.starts_with("src/") && path.matches('/').count() == 1;
    let files: Vec<_> = tracked().into_iter().map(|(path, _)| path).collect();
    let count = files.iter().filter(direct).count();
    assert!(count <= MAX_SRC_FILES, "{count} files, {MAX_SRC_FILES} are allowed");
}

/// Counts the other files that name the module of a file, including its parent.
fn users(path: &str, sources: &[(String, String)]) -> usize {
    let (folder, name) = path.trim_end_matches(".rs").rsplit_once('/').expect("a folder");
    let parent = format!("{folder}.rs");
    let uses =
        |code: &str| code.contains(&format!("{name}::")) || code.contains(&format!("::{name};"));
    sources.iter().filter(|(other, code)| other != path && (*other == parent || uses(code))).count()
}

/// The lines of each function, from its signature to its closing brace.
fn function_lengths(code: &str) -> Vec<usize> {
    let lines: Vec<_> = code.lines().collect();
    let mut lengths = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let is_function =
            ["fn ", "pub fn ", "async fn ", "pub async fn ", "const fn ", "pub const fn "]
                .iter()
                .any(|head| trimmed.starts_with(head))
                || trimmed.starts_with("pub(") && trimmed.contains(") fn ")
                || trimmed.starts_with("pub(") && trimmed.contains("fn ") && trimmed.contains('(');
        if !is_function {
            continue;
        }
        let indent = line.len() - trimmed.len();
        let close = format!("{}}}", " ".repeat(indent));
        if line.ends_with('}') {
            lengths.push(1);
            continue;
        }
        let rest = lines[start..].iter();
        if let Some(end) = rest
            .take_while(|l| !l.trim_end().ends_with(';') || l.len() - l.trim_start().len() > indent)
            .position(|l| *l == close)
        {
            lengths.push(end + 1);
        }
    }
    lengths
}
