//! What developers run: `cargo xtask refresh-schema`.

mod facts;
mod refresh;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Chores of this repository.
#[derive(Parser)]
enum Chore {
    /// Write schema/entities anew.
    RefreshSchema {
        /// A compiled facts file (JSON).
        #[arg(long)]
        from: PathBuf,
    },
}

fn main() -> ExitCode {
    let done = match Chore::parse() {
        Chore::RefreshSchema { from } => refresh::from_facts(&from),
    };
    match done {
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
