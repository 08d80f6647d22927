//! Counts the requests in flight on each endpoint.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The counts of all endpoints, shared with the requests in flight.
#[derive(Default)]
pub(crate) struct InFlightCounts(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    by_endpoint: BTreeMap<&'static str, usize>,
    max: usize,
}

/// A request in flight, until dropped.
#[must_use = "The request ends once this is dropped."]
pub struct InFlight {
    counts: Arc<Mutex<Counts>>,
    endpoint: Option<&'static str>,
}

impl InFlightCounts {
    /// Counts a request as in flight on an endpoint, if it has one.
    pub(crate) fn start(&self, endpoint: Option<&'static str>) -> InFlight {
        let counts = self.0.clone();
        if let Some(endpoint) = endpoint {
            lock(&counts).start(endpoint);
        }
        InFlight { counts, endpoint }
    }

    /// The maximum number of requests that were in flight at once on one endpoint.
    pub(crate) fn max(&self) -> usize {
        lock(&self.0).max
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(endpoint) = self.endpoint {
            lock(&self.counts).end(endpoint);
        }
    }
}

impl Counts {
    fn start(&mut self, endpoint: &'static str) {
        let count = self.by_endpoint.entry(endpoint).or_default();
        *count += 1;
        self.max = self.max.max(*count);
    }

    fn end(&mut self, endpoint: &'static str) {
        *self.by_endpoint.entry(endpoint).or_insert(1) -= 1;
    }
}

/// Locks a mutex, even if it is poisoned.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
