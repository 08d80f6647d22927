//! The doors.

pub mod stdio;
