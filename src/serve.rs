//! The doors.

mod pipes;
pub mod stdio;
