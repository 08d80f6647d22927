//! A whole Autotask tenant inside the process: give it a request, it answers as Autotask would.

mod date;
mod desk;
mod door;
mod draft;
mod filter;
mod metadata;
mod page;
mod path;
mod picklist;
mod render;
mod reply;
mod rules;
mod store;
mod tenant;
#[cfg(test)]
mod tests;
mod udf;
mod write;

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response};

use store::Store;

/// The user name of the sandbox's own API user.
pub const USERNAME: &str = "api.tide@example.test";
/// The secret of the sandbox's own API user, with the signs that trip careless parsers.
pub const SECRET: &str = "low#Tide$42~ebb";
/// The integration code that the sandbox accepts.
pub const INTEGRATION_CODE: &str = "TIDEWATERSANDBOX00000000001";
/// The zone's address that the look-up hands out.
pub const BASE: &str = "https://webservices14.autotask.net/ATServicesRest/";

const LOG_LENGTH: usize = 10_000;

/// A fictional tenant with a fixed clock and fixed ids, the same in every run.
pub struct Sandbox {
    state: Mutex<State>,
}

/// What the tenant remembers; its records are made at the first request that needs them.
#[derive(Default)]
struct State {
    store: Option<Store>,
    log: VecDeque<String>,
    requests: u64,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Sandbox {
    /// A fresh tenant.
    #[must_use]
    pub fn new() -> Self {
        let state = Mutex::new(State::default());
        Self { state }
    }

    /// Autotask's answer to a request.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "A request is spent by its answer."
    )]
    pub fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let mut state = self.state();
        state.note(&request);
        reply::of(desk::answer(&mut state, &request))
    }

    /// The requests handled so far as `METHOD path`, oldest first; the last 10,000.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.state().log.iter().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn store(&mut self) -> &mut Store {
        self.store.get_or_insert_with(tenant::seed)
    }

    fn note(&mut self, request: &Request<Bytes>) {
        if self.log.len() == LOG_LENGTH {
            self.log.pop_front();
        }
        let line = format!("{} {}", request.method(), request.uri().path());
        self.log.push_back(line);
    }
}
