//! The tour of the house: modules in reading order.

pub mod address;
pub mod body;
pub mod cursor;
pub mod client;
pub mod config;
pub mod error;
pub mod filter;
pub mod gate;
pub mod moment;
pub mod perform;
pub mod plan;
pub mod query;
pub mod request;
pub mod schema;
pub mod tools;
pub mod secret;
