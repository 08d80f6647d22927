//! What Autotask serves, as facts: read, written in one canonical way, learnt from a tenant, compared.

pub mod documents;
pub mod drift;
pub mod learn;
pub mod note;
pub mod problem;
pub mod schema;
pub mod swagger;
pub mod written;

pub use problem::Problem;
