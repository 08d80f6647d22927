//! The tour of the house: modules in reading order.

pub mod client;
pub mod config;
pub mod error;
pub mod gate;
pub mod request;
pub mod schema;
pub mod secret;
