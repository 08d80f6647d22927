//! The transports: stdio and HTTP.

pub mod http;
pub mod jsonrpc;
pub mod stdio;
mod stdio_lines;

use std::time::Duration;

/// How long calls in progress may continue after a shutdown was requested.
pub const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the last responses may take to be written.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(300);
