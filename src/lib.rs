//! An MCP server for Kaseya Autotask PSA; the modules are listed from the lowest layer to the highest.

// Facts and values, independent of calls.
pub mod catalog;
pub mod config;
pub mod error;
pub mod filter;
pub mod telemetry;
pub mod text;
pub mod value;
// Planning: arguments in, a plan out; no I/O.
pub mod access;
pub mod completion;
pub mod plan;
pub mod prompts;
pub mod resolver;
pub mod tools;
pub mod validate;
// Execution: plans out, outcomes in.
pub mod audit;
pub mod client;
pub mod cluster;
pub mod confirm;
pub mod executor;
// Protocol: MCP in, text out.
pub mod app;
pub mod mcp;
pub mod render;
pub mod resources;
pub mod transport;
