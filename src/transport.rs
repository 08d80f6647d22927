//! The doors.

pub mod http;
mod jsonrpc;
pub mod stdio;
mod stdio_lines;

use std::time::Duration;

/// How long calls in flight may go on after the end was asked for.
pub const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);
/// The last words of answers and of streams get out in this time.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(300);
