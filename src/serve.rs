//! The doors.

pub mod http;
mod pipes;
pub mod stdio;

use std::time::Duration;

/// How long calls in flight may go on after the end was asked for.
pub const PATIENCE: Duration = Duration::from_secs(10);
