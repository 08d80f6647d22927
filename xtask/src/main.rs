//! What developers run: `cargo xtask` with `ci`, `peers`, `bless`, `docs` or `refresh-schema`.

mod ci;
mod compiled;
mod docs;
mod kept;
mod peers;
mod refresh;
/// The server's table of settings, read where it stands: xtask must build while the server does not.
#[path = "../../src/config/setting.rs"]
mod setting;
mod step;

use std::process::ExitCode;

use autotask_schema::SchemaError;
use clap::Parser;

use kept::Way;
use refresh::Refresh;

/// Chores of this repository.
#[derive(Parser)]
enum Chore {
    /// The whole gate: format, lints, tests, generated text, other people's programs.
    Ci,
    /// Other people's MCP clients, the conformance suite and linters against what was built.
    Peers,
    /// Write the docs and accept what the snapshot tests see now.
    Bless,
    /// Write the README's tables and docs/tools.md.
    Docs {
        /// Only say which of them are stale.
        #[arg(long)]
        check: bool,
    },
    /// Bring schema/entities up to date with a tenant, and report what changed.
    RefreshSchema(Refresh),
}

fn main() -> ExitCode {
    match run(Chore::parse()) {
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

fn run(chore: Chore) -> Result<String, SchemaError> {
    match chore {
        Chore::Ci => ci::gate(),
        Chore::Peers => peers::meet().map(|()| "\npeers: no faults".to_owned()),
        Chore::Bless => ci::bless(),
        Chore::Docs { check: true } => docs::keep(Way::Check),
        Chore::Docs { check: false } => docs::keep(Way::Write),
        Chore::RefreshSchema(refresh) => refresh::refresh(&refresh),
    }
}
