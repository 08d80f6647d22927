//! The state of the tenant between requests.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use http::Request;

use crate::account::Account;
use crate::clock::Clock;
use crate::overrides::Overrides;
use crate::store::Store;

/// The log keeps only this many requests.
const MAX_LOGGED_REQUESTS: usize = 10_000;

/// Records, account, overrides and the request log.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) store: Store,
    pub(crate) account: Account,
    pub(crate) overrides: Overrides,
    /// How many records of an entity requests created.
    pub(crate) created: BTreeMap<&'static str, usize>,
    log: VecDeque<String>,
}

impl State {
    /// The state of a new tenant.
    pub(crate) fn new(clock: Clock) -> Self {
        Self { store: Store::new(clock), ..Self::default() }
    }

    /// Logs a request.
    pub(crate) fn log(&mut self, request: &Request<Bytes>) {
        if self.log.len() == MAX_LOGGED_REQUESTS {
            self.log.pop_front();
        }
        self.log.push_back(format!("{} {}", request.method(), request.uri().path()));
    }

    /// The logged requests, oldest first.
    pub(crate) fn logged(&self) -> Vec<String> {
        self.log.iter().cloned().collect()
    }
}
