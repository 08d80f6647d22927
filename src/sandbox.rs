//! A whole Autotask tenant inside the process: give it a request, it answers as Autotask would.

mod account;
mod alter;
mod date;
mod desk;
mod door;
mod draft;
mod faults;
mod filter;
mod metadata;
mod page;
mod pages;
mod path;
mod picklist;
mod render;
mod reply;
mod rules;
mod slots;
mod store;
mod swagger;
mod tenant;
#[cfg(test)]
mod tests;
mod udf;
mod write;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response};

use crate::catalog::Entity;

use account::Account;
pub use alter::{Change, Novelty};
use faults::Trouble;
pub use faults::{Behavior, Fault, PIECES};
use pages::Pages;
pub use slots::InFlight;
use slots::Slots;
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
    slots: Slots,
}

/// What the tenant remembers; its records are made at the first request that needs them.
#[derive(Default)]
struct State {
    store: Option<Store>,
    log: VecDeque<String>,
    requests: u64,
    created: BTreeMap<Entity, usize>,
    account: Account,
    trouble: Trouble,
    pages: Option<Pages>,
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
        Self { state: Mutex::default(), slots: Slots::default() }
    }

    /// Autotask's answer to a request, without the trouble that `respond` may make.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "A request is spent by its answer.")]
    pub fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.state().handle(&request)
    }

    /// The requests read so far as `METHOD path`, oldest first; the last 10,000.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.state().log.iter().cloned().collect()
    }

    /// How many records of an entity were created by requests.
    #[must_use]
    pub fn created(&self, entity: Entity) -> usize {
        let created = &self.state().created;
        created.get(&entity).copied().unwrap_or_default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn store(&mut self) -> &mut Store {
        self.store.get_or_insert_with(tenant::seed)
    }

    fn handle(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        self.note(request);
        self.answer(request)
    }

    fn answer(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let answer = reply::of(desk::answer(self, request));
        self.account.readdress(answer)
    }

    fn note(&mut self, request: &Request<Bytes>) {
        if self.log.len() == LOG_LENGTH {
            self.log.pop_front();
        }
        let line = format!("{} {}", request.method(), request.uri().path());
        self.log.push_back(line);
    }
}
