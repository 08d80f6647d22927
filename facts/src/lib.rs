//! What Autotask serves, as facts: read, and written in one canonical way.

pub mod problem;
pub mod schema;

pub use problem::Problem;
