//! At most three requests in flight per object endpoint, as Autotask allows; the rest wait in a fair, bounded queue.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::threshold::THRESHOLD_PATH;
use crate::catalog::{Child, Entity};
use crate::cluster::{Lease, ReplicaCoordinator, UsageCount};
use crate::error::{Code, Error};

/// Integrations created since 2023 get three threads per object endpoint.
const MAX_CONCURRENT_REQUESTS: usize = 3;
const ONE_PERMIT: u32 = 1;
const ALL_PERMITS: u32 = 3;
/// How many requests may wait for one endpoint.
const MAX_QUEUED_REQUESTS: usize = 2_000;
/// How long a request may wait for its permit; most clients have given up by then.
const MAX_QUEUE_WAIT: Duration = Duration::from_secs(120);

/// The queues, by object endpoint.
#[derive(Default)]
pub struct EndpointLimiter {
    queues: Mutex<HashMap<&'static str, Queue>>,
    /// The replicas with which permits are shared.
    replicas: Option<ReplicaCoordinator>,
}

/// The permits of an endpoint, and the places of the requests that wait for one.
#[derive(Clone)]
struct Queue {
    permits: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// A permit for one request on an endpoint, released when dropped.
pub struct EndpointPermit {
    _permit: OwnedSemaphorePermit,
    lease: Option<Lease>,
}

impl EndpointPermit {
    /// The usage that all replicas counted, including this request, if they share permits.
    pub fn usage(&self) -> Option<UsageCount> {
        self.lease.as_ref().map(|lease| lease.usage)
    }
}

impl EndpointLimiter {
    /// No queues yet; permits are shared with these replicas, if any.
    #[must_use]
    pub fn new(replicas: Option<ReplicaCoordinator>) -> Self {
        Self { queues: Mutex::default(), replicas }
    }

    /// Waits for a permit; a caller that gives up leaves the queue.
    ///
    /// # Errors
    /// `rate-limited` if the queue is full or the wait too long; internal if a queue was closed, which none is.
    pub async fn acquire(&self, path: &str) -> Result<EndpointPermit, Error> {
        let endpoint = endpoint_key(path);
        let queue = self.queue(endpoint);
        let Ok(_waiting) = queue.waiting.try_acquire() else {
            return Err(queue_error(
                endpoint,
                &format!("{MAX_QUEUED_REQUESTS} requests wait already"),
            ));
        };
        let permit = timeout(MAX_QUEUE_WAIT, self.acquire_shared(endpoint, &queue.permits)).await;
        permit.unwrap_or_else(|_| {
            let seconds = MAX_QUEUE_WAIT.as_secs();
            Err(queue_error(endpoint, &format!("the request waited {seconds} seconds")))
        })
    }

    async fn acquire_shared(
        &self,
        endpoint: &'static str,
        permits: &Arc<Semaphore>,
    ) -> Result<EndpointPermit, Error> {
        let permit = acquire_many(permits, ONE_PERMIT).await?;
        let Some(replicas) = &self.replicas else {
            return Ok(EndpointPermit { _permit: permit, lease: None });
        };
        if let Some(lease) = replicas.acquire(endpoint, MAX_CONCURRENT_REQUESTS).await {
            return Ok(EndpointPermit { _permit: permit, lease: Some(lease) });
        }
        // Redis is down, so other replicas' load is unknown: take all permits and send one request at a time.
        drop(permit);
        let permit = acquire_many(permits, ALL_PERMITS).await?;
        Ok(EndpointPermit { _permit: permit, lease: None })
    }

    fn queue(&self, endpoint: &'static str) -> Queue {
        let mut queues = self.queues.lock();
        let queue = queues.entry(endpoint).or_insert_with(|| Queue {
            permits: Arc::new(Semaphore::new(MAX_CONCURRENT_REQUESTS)),
            waiting: Arc::new(Semaphore::new(MAX_QUEUED_REQUESTS)),
        });
        queue.clone()
    }
}

async fn acquire_many(permits: &Arc<Semaphore>, count: u32) -> Result<OwnedSemaphorePermit, Error> {
    let permit = permits.clone().acquire_many_owned(count).await;
    permit.map_err(|_| Error::internal("A queue of requests was closed."))
}

fn queue_error(endpoint: &str, reason: &str) -> Error {
    let message = format!(
        "Too many requests for {endpoint}: Autotask allows {MAX_CONCURRENT_REQUESTS} at a time, and {reason}. Nothing was sent."
    );
    Error::new(Code::RateLimited, message).next("Wait a few seconds, then repeat the call.")
}

/// The endpoints that do not belong to an entity.
const SERVICE_ENDPOINTS: [&str; 3] = [THRESHOLD_PATH, "Version", "swagger"];
/// Endpoints that the schema does not know share one key, because callers can invent any number of names.
const OTHER_ENDPOINT: &str = "other";

/// The object that a path counts against: for a child path the child, not its parent.
pub(super) fn endpoint_key(path: &str) -> &'static str {
    let mut segments = path.split(['/', '?']);
    let first = segments.next().unwrap_or_default();
    let child = segments.nth(1);
    let entry = child.and_then(|name| {
        Child::all().iter().find(|child| child.segment == first && child.name == name)
    });
    entry.map_or_else(|| root(first), |child| child.entity.name())
}

fn root(name: &str) -> &'static str {
    let service = || SERVICE_ENDPOINTS.into_iter().find(|service| *service == name);
    match Entity::by_exact_name(name) {
        Some(entity) => entity.name(),
        None => service().unwrap_or(OTHER_ENDPOINT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_path_counts_against_the_child() {
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
    async fn the_fourth_request_waits_and_other_endpoints_do_not() {
        let limiter = EndpointLimiter::default();
        let mut permits = Vec::new();
        for path in ["Tickets/1", "Tickets/2", "Tickets/query"] {
            permits.push(limiter.acquire(path).await.expect("a permit"));
        }
        let wait = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(wait, limiter.acquire("Tickets/3")).await.is_err());
        assert!(tokio::time::timeout(wait, limiter.acquire("Tickets/3/Notes")).await.is_ok());
        permits.pop();
        assert!(tokio::time::timeout(wait, limiter.acquire("Tickets/3")).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_is_bounded_in_length_and_time() {
        let limiter = Arc::new(EndpointLimiter::default());
        let _permits = [
            limiter.acquire("Tickets/1").await,
            limiter.acquire("Tickets/1").await,
            limiter.acquire("Tickets/1").await,
        ];
        let waiting = (0..MAX_QUEUED_REQUESTS).map(|_| {
            let limiter = limiter.clone();
            tokio::spawn(async move { limiter.acquire("Tickets/1").await.err() })
        });
        let waiting: Vec<_> = waiting.collect();
        tokio::time::sleep(Duration::from_millis(1)).await;
        let full = limiter.acquire("Tickets/1").await.err().expect("a full queue");
        assert!(full.to_string().contains("2000 requests wait already"), "{full}");
        for late in waiting {
            let late = late.await.expect("a task").expect("a timeout");
            assert!(late.to_string().contains("waited 120 seconds"), "{late}");
        }
    }
}
