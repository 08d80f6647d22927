//! How many requests are in flight on each object endpoint.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Method;

use super::path::{self, Route};
use super::{Sandbox, desk};

/// The counts of all endpoints, shared with the requests in flight.
#[derive(Default)]
pub(super) struct Slots(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    busy: Vec<Route>,
    most: usize,
}

/// A request in flight, until dropped.
#[must_use = "The request is over once this is dropped."]
pub struct InFlight {
    counts: Arc<Mutex<Counts>>,
    endpoint: Option<Route>,
}

impl Sandbox {
    /// Counts a request as in flight on its object's endpoint.
    ///
    /// A child counts as its own object; zone look-ups and what no route takes count nowhere.
    pub fn enter(&self, method: &Method, path: &str) -> InFlight {
        let route = path::route(path).ok();
        let endpoint = route.filter(|route| desk::takes(*route, method)).and_then(endpoint);
        let counts = self.slots.0.clone();
        if let Some(endpoint) = endpoint {
            locked(&counts).enter(endpoint);
        }
        InFlight { counts, endpoint }
    }

    /// The most requests ever in flight at once on one endpoint.
    #[must_use]
    pub fn most_in_flight(&self) -> usize {
        locked(&self.slots.0).most
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(endpoint) = self.endpoint {
            locked(&self.counts).leave(endpoint);
        }
    }
}

impl Counts {
    fn enter(&mut self, endpoint: Route) {
        self.busy.push(endpoint);
        let now = self.busy.iter().filter(|busy| **busy == endpoint).count();
        self.most = self.most.max(now);
    }

    fn leave(&mut self, endpoint: Route) {
        if let Some(at) = self.busy.iter().position(|busy| *busy == endpoint) {
            self.busy.swap_remove(at);
        }
    }
}

fn locked(counts: &Mutex<Counts>) -> MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The one route that stands for all routes of an object.
fn endpoint(route: Route) -> Option<Route> {
    match route {
        Route::Zone | Route::Swagger => None,
        Route::Versions | Route::Version | Route::Threshold | Route::Entities | Route::Modules => {
            Some(route)
        }
        Route::Collection(entity)
        | Route::Item(entity, _)
        | Route::Query(entity)
        | Route::Count(entity)
        | Route::Next(entity)
        | Route::Info(entity, _) => Some(Route::Collection(entity)),
        Route::Under(child, _) | Route::UnderItem(child, ..) => {
            Some(Route::Collection(child.entity))
        }
    }
}
