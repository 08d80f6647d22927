//! At most three requests in flight per object endpoint, as Autotask allows; the rest wait in a fair queue.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::threshold_refresh::THRESHOLD_PATH;
use crate::catalog::{Child, Entity};
use crate::cluster::{Lease, ReplicaCoordinator, UsageCount};
use crate::error::Error;

/// Integrations made since 2023 get three threads per object endpoint.
const MAX_CONCURRENT_REQUESTS: usize = 3;
const ONE_PERMIT: u32 = 1;
const ALL_PERMITS: u32 = 3;

/// The queues, by object.
#[derive(Default)]
pub struct EndpointLimiter {
    queues: Mutex<HashMap<&'static str, Arc<Semaphore>>>,
    /// Whom the places are shared with.
    shared: Option<ReplicaCoordinator>,
}

/// A place on an endpoint, free again when dropped.
pub struct EndpointPermit {
    _permit: OwnedSemaphorePermit,
    lease: Option<Lease>,
}

impl EndpointPermit {
    fn of(permit: OwnedSemaphorePermit, lease: Option<Lease>) -> Self {
        Self { _permit: permit, lease }
    }

    /// What all replicas counted, this request included, where they share their places.
    pub fn tally(&self) -> Option<UsageCount> {
        self.lease.as_ref().map(|lease| lease.tally)
    }
}

impl EndpointLimiter {
    /// No queues yet; places are shared with these replicas, if any.
    #[must_use]
    pub fn new(shared: Option<ReplicaCoordinator>) -> Self {
        Self { queues: Mutex::default(), shared }
    }

    /// Waits for a place; who gives up waiting leaves the queue.
    ///
    /// # Errors
    /// Internal, if a queue was closed; none ever is.
    pub async fn acquire(&self, path: &str) -> Result<EndpointPermit, Error> {
        let queue = self.queue(endpoint_key(path));
        let permit = acquire_many(&queue, ONE_PERMIT).await?;
        let Some(shared) = &self.shared else {
            return Ok(EndpointPermit::of(permit, None));
        };
        if let Some(lease) = shared.acquire(endpoint_key(path), MAX_CONCURRENT_REQUESTS).await {
            return Ok(EndpointPermit::of(permit, Some(lease)));
        }
        // Nobody knows what the other replicas send: one request at a time, which is all places of this process.
        drop(permit);
        acquire_many(&queue, ALL_PERMITS).await.map(|permit| EndpointPermit::of(permit, None))
    }

    fn queue(&self, object: &'static str) -> Arc<Semaphore> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(object);
        queue.or_insert_with(|| Arc::new(Semaphore::new(MAX_CONCURRENT_REQUESTS))).clone()
    }
}

async fn acquire_many(queue: &Arc<Semaphore>, many: u32) -> Result<OwnedSemaphorePermit, Error> {
    let places = queue.clone().acquire_many_owned(many).await;
    places.map_err(|_| Error::internal("A queue of requests was closed."))
}

/// The addresses besides those of entities.
const SERVICE_ENDPOINTS: [&str; 3] = [THRESHOLD_PATH, "Version", "swagger"];
/// All objects that the schema does not know are one: their names are a caller's words, and there is no end of them.
const OTHER_ENDPOINT: &str = "other";

/// The object a path counts for: a child's own, not its parent's.
pub(super) fn endpoint_key(path: &str) -> &'static str {
    let mut segments = path.split(['/', '?']);
    let first = segments.next().unwrap_or_default();
    let child = segments.nth(1);
    let known = child.and_then(|name| {
        Child::all().iter().find(|child| child.segment == first && child.name == name)
    });
    known.map_or_else(|| root(first), |child| child.entity.name())
}

fn root(name: &str) -> &'static str {
    let service = || SERVICE_ENDPOINTS.into_iter().find(|known| *known == name);
    match Entity::by_exact_name(name) {
        Some(entity) => entity.name(),
        None => service().unwrap_or(OTHER_ENDPOINT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_counts_for_itself() {
        let rows = [
            ("Tickets/query", "Tickets"),
            ("Tickets/7", "Tickets"),
            ("Tickets/entityInformation/fields", "Tickets"),
            ("Tickets/7/Notes", "TicketNotes"),
            ("Tickets/7/Notes/9", "TicketNotes"),
            ("TicketNotes/query/count", "TicketNotes"),
            ("Expenses/7/Items", "ExpenseItems"),
            ("TicketNotes/query/next?paging=1", "TicketNotes"),
            ("ThresholdInformation", "ThresholdInformation"),
            ("swagger/docs/v1", "swagger"),
            ("EntityInformation", "other"),
            ("AcmeSecretCustomer/entityInformation/fields", "other"),
            ("Gadgets/7/Notes", "other"),
        ];
        for (path, expected) in rows {
            assert_eq!(endpoint_key(path), expected, "{path}");
        }
        for name in Entity::ALL.map(Entity::name) {
            assert_eq!(endpoint_key(name), name);
        }
    }

    #[tokio::test]
    async fn the_fourth_waits_and_others_do_not() {
        let slots = EndpointLimiter::default();
        let mut taken = Vec::new();
        for path in ["Tickets/1", "Tickets/2", "Tickets/query"] {
            taken.push(slots.acquire(path).await.expect("a slot"));
        }
        let wait = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(wait, slots.acquire("Tickets/3")).await.is_err());
        assert!(tokio::time::timeout(wait, slots.acquire("Tickets/3/Notes")).await.is_ok());
        taken.pop();
        assert!(tokio::time::timeout(wait, slots.acquire("Tickets/3")).await.is_ok());
    }
}
