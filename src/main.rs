//! The program: a command line around the library.

mod cli;

use std::process;

/// With the system's allocator, concurrent calls spend a fifth of their time waiting for memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let code = cli::run();
    #[cfg(feature = "otel")]
    autotask_mcp::telemetry::otel::shutdown();
    // Exits at once, because a thread may still be blocked reading standard input.
    process::exit(code.into())
}
