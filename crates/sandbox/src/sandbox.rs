//! The public interface of the sandbox: requests and responses, and controls for tests.

use std::sync::{Mutex, MutexGuard};

use bytes::Bytes;
use http::{Method, Request, Response};
use jiff::Timestamp;

use crate::clock::Clock;
use crate::faults::inject::inject;
use crate::faults::{Fault, FaultQueue, FaultResult};
use crate::in_flight::{InFlight, InFlightCounts, lock};
use crate::overrides::SchemaOverride;
use crate::route::{self, Route};
use crate::router;
use crate::state::State;

/// A fictional tenant, the same in every run: ids are fixed, and dates are relative to the clock.
#[derive(Default)]
pub struct Sandbox {
    state: Mutex<State>,
    faults: Mutex<FaultQueue>,
    in_flight: InFlightCounts,
}

/// Requests.
impl Sandbox {
    /// A new tenant whose clock is fixed at 2026-06-30T15:00:00Z.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A new tenant whose clock is fixed at this time.
    #[must_use]
    pub fn pinned(now: Timestamp) -> Self {
        Self::with_clock(Clock::Pinned(now))
    }

    /// A new tenant with the real time.
    #[must_use]
    pub fn with_real_clock() -> Self {
        Self::with_clock(Clock::Real)
    }

    fn with_clock(clock: Clock) -> Self {
        Self { state: State::new(clock).into(), ..Self::default() }
    }

    /// The tenant's current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.state().store.clock.now()
    }

    /// Handles a request without faults.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "a handler consumes its request")]
    pub fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let mut state = self.state();
        state.log(&request);
        router::handle(&mut state, &request)
    }

    /// Handles a request with faults; zone lookups have none.
    #[must_use]
    pub fn respond(&self, request: Request<Bytes>) -> FaultResult {
        let path = request.uri().path();
        let fault = match route::parse(path) {
            Ok(Route::Zone) => None,
            _ => lock(&self.faults).next(path),
        };
        match fault {
            Some(fault) => inject(&fault, &mut self.state(), &request),
            None => FaultResult::Response(self.handle(request)),
        }
    }

    /// Counts a request as in flight on its endpoint, until the result is dropped.
    ///
    /// A child counts as its own endpoint; zone lookups and unknown routes are not counted.
    pub fn track(&self, method: &Method, path: &str) -> InFlight {
        let route = route::parse(path).ok().filter(|route| route.allows(method));
        self.in_flight.start(route.and_then(Route::endpoint))
    }
}

/// What the sandbox recorded.
impl Sandbox {
    /// The requests as `METHOD path`, oldest first; the last 10,000.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.state().logged()
    }

    /// How many records of an entity requests created.
    #[must_use]
    pub fn created(&self, entity: &str) -> usize {
        self.state().created.get(entity).copied().unwrap_or_default()
    }

    /// The maximum number of requests that were in flight at once on one endpoint.
    #[must_use]
    pub fn max_in_flight(&self) -> usize {
        self.in_flight.max()
    }

    /// How many requests had a wrong secret.
    #[must_use]
    pub fn bad_logins(&self) -> u32 {
        self.state().account.bad_logins
    }
}

/// Controls of the tenant.
impl Sandbox {
    /// Moves the tenant: zone lookups return this address, and every other host returns 401.
    pub fn move_zone(&self, url: &str) {
        self.state().account.zone = Some(url.to_owned());
    }

    /// Locks the user after this many wrong secrets; then the right one returns 401, too.
    pub fn lock_after(&self, bad_logins: u32) {
        self.state().account.max_bad_logins = bad_logins;
    }

    /// Sets the threshold that `ThresholdInformation` returns; it is never enforced.
    pub fn set_threshold(&self, threshold: u32) {
        self.state().account.threshold = threshold;
    }

    /// Sets the count that `ThresholdInformation` returns if it is the next request.
    pub fn set_used(&self, used: u32) {
        self.state().account.requests = u64::from(used).saturating_sub(1);
    }

    /// Changes the tenant's metadata, not its behavior.
    pub fn override_schema(&self, change: SchemaOverride) {
        self.state().overrides.add(change);
    }
}

/// Controls of faults.
impl Sandbox {
    /// Queues faults for the next requests; `None` is a request without one.
    pub fn queue_faults(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        lock(&self.faults).extend(faults);
    }

    /// Gives every request to a path this fault; the path is below `V1.0/`, or that of Swagger.
    pub fn set_fault_for_path(&self, path: &str, fault: Fault) {
        lock(&self.faults).set_for_path(path, fault);
    }

    /// Gives a percentage of the requests one of these faults, once the queue is empty.
    ///
    /// The same seed affects the same requests, counted from now.
    pub fn set_random_faults(&self, seed: u64, percent: u8, faults: Vec<Fault>) {
        lock(&self.faults).set_random(seed, percent, faults);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        *lock(&self.faults) = FaultQueue::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}
