//! What developers run: `cargo xtask` with `ci`, `nightly`, `peers`, `bless`, `docs` or `refresh-schema`.

mod ci;
mod command;
mod docs;
mod examples;
mod generated_text;
mod import;
mod interop;
mod nightly;
mod refresh;
mod setting;
mod terminal_picture;

use std::process::ExitCode;

use autotask_schema::SchemaError;
use clap::Parser;

use generated_text::Mode;
use refresh::Refresh;

/// Chores of this repository.
#[derive(Parser)]
enum Task {
    /// The whole gate: format, lints, tests, generated text, other people's programs.
    Ci,
    /// The long versions of the fuzz targets, properties, chaos and soak: hours.
    Nightly,
    /// Other people's MCP clients, the conformance suite and linters against what was built.
    Peers,
    /// Write the docs and accept what the snapshot tests see now.
    Bless,
    /// Write the tables and examples of README.md and docs/, and the README's picture.
    Docs {
        /// Only report stale tables; a test of the program checks the examples.
        #[arg(long)]
        check: bool,
    },
    /// Bring schema/entities up to date with a tenant, and report what changed.
    RefreshSchema(Refresh),
}

fn main() -> ExitCode {
    match run(Task::parse()) {
        Ok(said) => {
            println!("{said}");
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
        Task::Nightly => nightly::run_all(),
        Task::Peers => interop::meet().map(|()| "\npeers: no faults".to_owned()),
        Task::Bless => ci::bless(),
        Task::Docs { check: true } => docs::keep(Mode::Check),
        Task::Docs { check: false } => {
            Ok(format!("{}\n{}", docs::keep(Mode::Write)?, docs::write_examples()?))
        }
        Task::RefreshSchema(refresh) => refresh::refresh(&refresh),
    }
}
