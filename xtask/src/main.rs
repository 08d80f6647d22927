//! What developers run: `cargo xtask` with `ci`, `bench`, `nightly`, `peers`, `bless`, `docs`, `dist` or `refresh-schema`.

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
mod refresh;
mod setting;
mod terminal_picture;
mod tool_pages;

use std::process::ExitCode;

use autotask_schema::SchemaError;
use clap::Parser;

use dist::Dist;
use generated_text::Mode;
use refresh::Refresh;

/// Chores of this repository.
#[derive(Parser)]
enum Task {
    /// The whole gate: format, lints, tests, generated text, other people's programs.
    Ci,
    /// Measure the program, and write the table of docs/performance.md and the pictures of its growth.
    Bench,
    /// The long versions of the fuzz targets, properties, chaos and soak: hours.
    Nightly,
    /// Other people's MCP clients, the conformance suite and linters against what was built; then the packages, installed, and the book.
    Peers,
    /// Write the docs and accept what the snapshot tests see now.
    Bless,
    /// Write the tables and examples of README.md and docs/, the pages of the tools, and the README's picture.
    Docs {
        /// Only report stale tables; a test of the program checks the examples.
        #[arg(long)]
        check: bool,
    },
    /// The preprocessor of the book, run by mdBook: leads links out of docs/ into the repository.
    #[command(hide = true)]
    BookLinks {
        /// Sent by mdBook to find out whether a renderer is supported; all are.
        supports: Vec<String>,
    },
    /// Build packages for one platform: archive, MCPB bundle, npm packages, wheel, checksums, catalog entries.
    Dist(Dist),
    /// Bring schema/entities up to date with a tenant, and report what changed.
    RefreshSchema(Refresh),
}

fn main() -> ExitCode {
    match run(Task::parse()) {
        Ok(printed) => {
            println!("{printed}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Task) -> Result<String, SchemaError> {
    match chore {
        Task::Ci => ci::gate(),
        Task::Peers => interop::meet()
            .and_then(|()| interop::install_packages())
            .and_then(|()| book::build())
            .map(|()| "\npeers: no faults".to_owned()),
        Task::Bench => bench::measure(),
        Task::Nightly => nightly::run_all(),
        Task::Bless => ci::bless(),
        Task::Docs { check: true } => docs::keep(Mode::Check),
        Task::Docs { check: false } => {
            Ok(format!("{}\n{}", docs::keep(Mode::Write)?, docs::write_examples()?))
        }
        Task::BookLinks { supports } if supports.is_empty() => book::preprocess(),
        Task::BookLinks { .. } => Ok(String::new()),
        Task::Dist(dist) => dist::run(&dist),
        Task::RefreshSchema(refresh) => refresh::refresh(&refresh),
    }
}
