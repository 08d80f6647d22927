//! Measures the program, and writes what it found into the documentation.

use autotask_schema::SchemaError;

use crate::command::{output, repository};
use crate::generated_text::{Mode, read, replace_between, update};
use crate::plot::{Plot, svg};

/// What grows in each picture: the name in the benchmark's lines, and a title.
const PLOTS: [(&str, &str); 4] = [
    ("records", "records in a response"),
    ("calls", "calls before"),
    ("connections", "open connections"),
    ("fields", "discovered fields"),
];

/// Writes the table of docs/performance.md and the pictures of docs/images/.
///
/// # Errors
/// A benchmark that fails, or a file that cannot be written.
pub fn measure() -> Result<String, SchemaError> {
    let docs = repository().join("docs");
    let table = output("cargo bench --bench hot_paths")?;
    let commands = ["rustc --version", "valgrind --version", "uname -srm"];
    let versions: Vec<_> =
        commands.into_iter().filter_map(|command| output(command).ok()).collect();
    let versions = versions.iter().map(|version| version.trim()).collect::<Vec<_>>().join(", ");
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let page = docs.join("performance.md");
    let found = format!("{table}\nMeasured on {processors} processors with {versions}.\n");
    update(&page, &replace_between(&read(&page)?, "measured", &found)?, Mode::Write)?;
    let lines = output("cargo bench --bench growth")?;
    for (name, title) in PLOTS {
        let points = lines.lines().filter_map(|line| point(line, name)).collect();
        let picture = svg(&Plot { title, points });
        update(&docs.join(format!("images/growth-{name}.svg")), &picture, Mode::Write)?;
    }
    Ok("docs/performance.md and docs/images/growth-*.svg are written".to_owned())
}

/// The amount, the milliseconds and the megabytes of a line.
fn point(line: &str, name: &str) -> Option<[f64; 3]> {
    let mut cells = line.strip_prefix(name)?.strip_prefix('\t')?.split('\t');
    let mut number = || cells.next()?.trim().parse::<f64>().ok();
    Some([number()?, number()? / 1e3, number()? / 1e3])
}
