//! Text that leaves: redacted and sanitized.

pub mod redact;
pub mod sanitize;
