//! The tasks for developers, run with `cargo xtask`: `ci`, `bench`, `nightly`, `peers`, `bless`, `docs`, `dist` and `refresh-schema`.

mod bench;
mod book;
mod ci;
mod command;
mod dist;
mod docs;
mod examples;
mod generated_text;
mod import;
mod interop;
mod nightly;
mod plot;
#[cfg(target_os = "linux")]
#[path = "../../tests/support/pty.rs"]
mod pty;
mod refresh;
mod setting;
#[cfg(target_os = "linux")]
mod terminal_picture;
mod tool_pages;

use std::process::ExitCode;

use autotask_schema::SchemaError;
use clap::Parser;

use dist::Dist;
use generated_text::Mode;
use refresh::Refresh;

/// Tasks for developers of this repository.
#[derive(Parser)]
enum Task {
    /// Run the whole gate: format, lints, tests, generated files, third-party clients.
    Ci,
    /// Measure the program, and write the table of docs/performance.md and the pictures of its growth.
    Bench,
    /// Run the long versions of the fuzz targets, property tests, chaos and soak tests; takes hours.
    Nightly,
    /// Run third-party MCP clients, the conformance suite and deployment linters; then install the packages and build the book.
    Peers,
    /// Write the docs and accept all snapshots.
    Bless,
    /// Write the tables and examples of README.md and docs/, the pages of the tools, and the README's picture.
    Docs {
        /// Only report stale tables; a test of the program checks the examples.
        #[arg(long)]
        check: bool,
    },
    /// The book's preprocessor, run by mdBook: links out of docs/ become links to the repository.
    #[command(hide = true)]
    BookLinks {
        /// Sent by mdBook to find out whether a renderer is supported; all are.
        supports: Vec<String>,
    },
    /// Build packages for one platform: archive, MCPB bundle, npm packages, wheel, checksums, catalog entries.
    Dist(Dist),
    /// Update schema/entities from a tenant, and report what changed.
    RefreshSchema(Refresh),
}

fn main() -> ExitCode {
    match run(Task::parse()) {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<String, SchemaError> {
    match task {
        Task::Ci => ci::gate(),
        Task::Peers => interop::run_clients()
            .and_then(|()| interop::test_traces())
            .and_then(|()| interop::sign_in())
            .and_then(|()| interop::test_views())
            .and_then(|()| interop::install_packages())
            .and_then(|()| book::build())
            .map(|()| "\npeers: no faults".to_owned()),
        Task::Bench => bench::measure(),
        Task::Nightly => nightly::run_all(),
        Task::Bless => ci::bless(),
        Task::Docs { check: true } => docs::update_tables(Mode::Check),
        Task::Docs { check: false } => {
            Ok(format!("{}\n{}", docs::update_tables(Mode::Write)?, docs::write_examples()?))
        }
        Task::BookLinks { supports } if supports.is_empty() => book::preprocess(),
        Task::BookLinks { .. } => Ok(String::new()),
        Task::Dist(dist) => dist::run(&dist),
        Task::RefreshSchema(refresh) => refresh::refresh(&refresh),
    }
}
