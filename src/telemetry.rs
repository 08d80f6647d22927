//! Logs, metrics and traces.

pub mod log;
pub mod metrics;
#[cfg(feature = "otel")]
pub mod otel;
