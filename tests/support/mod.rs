//! Support shared by the tests.

pub mod harness;
pub mod http_server;
pub mod identity_provider;
pub mod pty;
pub mod sandbox_port;
pub mod stub_upstream;

pub use harness::*;
