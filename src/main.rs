//! The program: a command line around the library.

mod cli;
mod doctor;
mod dump_metadata;
mod health;
mod signals;
mod terminal;

use std::process;

/// With the system's allocator, concurrent calls wait for each other's memory for a fifth of the time of a call.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let code = cli::run();
    #[cfg(feature = "otel")]
    autotask_mcp::telemetry::otel::finish();
    // A thread may still be reading standard input; it must not delay the exit.
    process::exit(code.into())
}
