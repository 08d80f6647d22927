//! A simulated Autotask tenant in process: it responds to HTTP requests as Autotask would.

mod account;
mod auth;
mod catalog;
mod clock;
mod date;
mod error;
mod faults;
mod filter;
mod in_flight;
mod metadata;
mod overrides;
mod pending_write;
mod picklist;
mod query;
mod record;
mod render;
mod request;
mod response;
mod rng;
mod route;
mod router;
mod rules;
mod sandbox;
mod seed;
mod state;
mod store;
mod swagger;
mod udf;
mod write;

pub use account::{BASE_URL, INTEGRATION_CODE, SECRET, USERNAME};
pub use faults::{Fault, FaultResult, MAX_CHUNKS};
pub use in_flight::InFlight;
pub use overrides::{ExtraEntity, SchemaOverride};
pub use sandbox::Sandbox;
