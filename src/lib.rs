//! The tour of the house: modules in reading order.

// Ground: facts and words.
pub mod clean;
pub mod config;
pub mod error;
pub mod keyed;
pub mod metrics;
pub mod moment;
pub mod policy;
pub mod record;
pub mod request;
pub mod scalar;
pub mod schema;
pub mod secret;
// Mind: pure; arguments in, a plan out.
pub mod address;
pub mod blank;
pub mod body;
pub mod caller;
pub mod cursor;
pub mod filter;
pub mod gate;
pub mod live;
pub mod names;
pub mod plan;
pub mod prompts;
pub mod query;
pub mod tools;
// Hands: the wire, and the tenant inside that may be at its other end.
pub mod audit;
pub mod client;
pub mod fetch_metadata;
pub mod perform;
pub mod shared;
// Mouth: answers and doors.
pub mod answer;
pub mod desk;
pub mod log;
pub mod serve;
pub mod server;
#[cfg(feature = "otel")]
pub mod traces;
pub mod uris;
