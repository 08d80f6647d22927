//! The tour of the house: modules in reading order.

// Ground: facts and words.
pub mod config;
pub mod error;
pub mod moment;
pub mod request;
pub mod sandbox;
pub mod schema;
pub mod secret;
// Mind: pure; arguments in, a plan out.
pub mod address;
pub mod body;
pub mod cursor;
pub mod filter;
pub mod gate;
pub mod plan;
pub mod query;
pub mod tools;
// Hands: the wire.
pub mod client;
pub mod perform;
// Mouth: answers and doors.
pub mod answer;
pub mod desk;
pub mod serve;
pub mod server;
pub mod uris;
