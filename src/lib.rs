//! The tour of the house: modules in reading order.

pub mod error;
pub mod gate;
pub mod request;
pub mod sandbox;
pub mod schema;
