//! Counts instructions and compares them with what is checked in.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{COUNTED, Done};
use crate::paths;

/// A count may exceed the one that is checked in by so much: compilers and dependencies make a difference too.
const MARGIN_PERCENT: u64 = 5;

/// The instructions of this server and of the bare one over a port, and their ratio, as cells of a table.
pub fn ratio(path: &str) -> Done<String> {
    if !is_installed() {
        return Ok(" |  | ".to_owned());
    }
    let count = |server| Done::Ok(counts(&[server, path])?.first().copied().unwrap_or_default());
    let (ours, bare) = (count("net")?, count("bare")?);
    let hundredths = ours * 100 / bare.max(1);
    let ratio = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    Ok(format!("{} | {} | {ratio}", in_thousands(ours), in_thousands(bare)))
}

/// Fails if a path needs more instructions than the file allows.
pub fn check() -> Done {
    if !is_installed() {
        println!("Instructions are not counted, because valgrind is not installed.");
        return Ok(());
    }
    let limits = std::fs::read_to_string(file())?;
    let mut exceeded = String::new();
    for (name, count) in all_counts()? {
        let limit = limits.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        let limit: u64 = limit.ok_or_else(|| format!("limits.txt lacks {name}"))?;
        println!("{name:<28}{count:>12} of {limit:>12}");
        if count > limit + limit * MARGIN_PERCENT / 100 {
            writeln!(exceeded, "{name} needs {count} instructions, not {limit}.")?;
        }
    }
    if exceeded.is_empty() {
        return Ok(());
    }
    let accept = "cargo bench --workspace --profile dev --bench hot_paths -- accept";
    Err(format!("{exceeded}If that is worth it, accept the counts: {accept}").into())
}

/// Writes the file.
pub fn accept() -> Done {
    let mut lines = String::new();
    for (name, count) in all_counts()? {
        writeln!(lines, "{name:<28}{count:>12}")?;
    }
    Ok(std::fs::write(file(), lines)?)
}

fn all_counts() -> Done<Vec<(&'static str, u64)>> {
    let names = paths::all().into_iter().filter(|path| path.is_checked).map(|path| path.name);
    Ok(names.zip(counts(&["ours"])?).collect())
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/hot_paths/limits.txt")
}

fn is_installed() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok()
}

/// The instructions of one call of each path that this program runs with these arguments.
fn counts(arguments: &[&str]) -> Done<Vec<u64>> {
    let out = std::env::temp_dir().join(format!("hot-paths-{}", std::process::id()));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*run_counted", "--dump-after=*run_counted"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe()?)
        .args(arguments)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let mut counts = Vec::new();
    for part in 1.. {
        let dump = out.with_extension(part.to_string());
        let Ok(text) = std::fs::read_to_string(&dump) else { break };
        std::fs::remove_file(dump)?;
        let total =
            text.lines().find_map(|line| line.strip_prefix("totals: ")?.parse::<u64>().ok());
        counts.extend(total.map(|total| total / u64::from(COUNTED)));
    }
    std::fs::remove_file(out).ok();
    Ok(counts)
}

fn in_thousands(count: u64) -> String {
    format!("{} k", count / 1_000)
}
