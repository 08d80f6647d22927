//! At most three requests in flight per object endpoint, as Autotask allows; the rest wait in bounded queues, in which
//! callers take turns.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::timeout;

use super::fair_queue::{FairPermit, FairQueue, QueueFull};
use super::requesters::Requesters;
use super::threshold::THRESHOLD_PATH;
use crate::catalog::{Child, Entity};
use crate::cluster::{Lease, ReplicaCoordinator, UsageCount};
use crate::error::{Code, Error};

/// Integrations created since 2023 get three threads per object endpoint.
const MAX_CONCURRENT_REQUESTS: usize = 3;
/// How many requests may wait for one endpoint, of all callers together.
const MAX_QUEUED_REQUESTS: usize = 2_000;
/// How long a request may wait for its permit; most clients have given up by then.
const MAX_QUEUE_WAIT: Duration = Duration::from_secs(120);

/// The queues, by object endpoint.
#[derive(Default)]
pub struct EndpointLimiter {
    queues: Mutex<HashMap<&'static str, FairQueue>>,
    /// The replicas with which permits are shared.
    replicas: Option<ReplicaCoordinator>,
}

/// A permit for one request on an endpoint, released when dropped.
pub struct EndpointPermit {
    _permit: FairPermit,
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

    /// Waits for a permit in the turns of these callers; a request that is given up leaves the queue.
    ///
    /// # Errors
    /// `rate-limited` if the queue is full or the wait too long.
    pub async fn acquire(&self, path: &str, callers: &Requesters) -> Result<EndpointPermit, Error> {
        let endpoint = endpoint_key(path);
        let full = |QueueFull| {
            queue_error(endpoint, &format!("{MAX_QUEUED_REQUESTS} requests wait already"))
        };
        let permit = timeout(MAX_QUEUE_WAIT, self.acquire_shared(endpoint, callers)).await;
        let late = |_| {
            let seconds = MAX_QUEUE_WAIT.as_secs();
            Err(queue_error(endpoint, &format!("the request waited {seconds} seconds")))
        };
        permit.map_or_else(late, |permit| permit.map_err(full))
    }

    async fn acquire_shared(
        &self,
        endpoint: &'static str,
        callers: &Requesters,
    ) -> Result<EndpointPermit, QueueFull> {
        let queue = self.queue(endpoint);
        let permit = callers.wait_in(&queue, 1).await?;
        let Some(replicas) = &self.replicas else {
            return Ok(EndpointPermit { _permit: permit, lease: None });
        };
        if let Some(lease) = replicas.acquire(endpoint, MAX_CONCURRENT_REQUESTS).await {
            return Ok(EndpointPermit { _permit: permit, lease: Some(lease) });
        }
        // Redis is down, so other replicas' load is unknown: take all permits and send one request at a time.
        drop(permit);
        let permit = callers.wait_in(&queue, MAX_CONCURRENT_REQUESTS).await?;
        Ok(EndpointPermit { _permit: permit, lease: None })
    }

    fn queue(&self, endpoint: &'static str) -> FairQueue {
        let new = || FairQueue::new(MAX_CONCURRENT_REQUESTS, MAX_QUEUED_REQUESTS);
        self.queues.lock().entry(endpoint).or_insert_with(new).clone()
    }
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
    use std::sync::Arc;

    use super::super::caller_key::CallerKey;
    use super::*;

    async fn acquire(limiter: &EndpointLimiter, path: &str) -> Result<EndpointPermit, Error> {
        limiter.acquire(path, &Requesters::current()).await
    }

    /// A request of a caller that takes 100 ms; answers when it ended.
    async fn request(limiter: Arc<EndpointLimiter>, caller: &str) -> Duration {
        let started = tokio::time::Instant::now();
        let work = async {
            let permit = acquire(&limiter, "Tickets/1").await.expect("a permit");
            tokio::time::sleep(Duration::from_millis(100)).await;
            drop(permit);
            started.elapsed()
        };
        CallerKey::new(Some(caller), "full").scope(work).await
    }

    #[tokio::test(start_paused = true)]
    async fn callers_take_turns() {
        let limiter = Arc::new(EndpointLimiter::default());
        let mut backlog = tokio::task::JoinSet::new();
        for _ in 0..60 {
            let limiter = limiter.clone();
            backlog.spawn(async move { request(limiter, "busy").await });
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
        let single = request(limiter.clone(), "single").await;
        let total = backlog.join_all().await.into_iter().max().expect("a request");
        assert_eq!(total, Duration::from_millis(2100), "all permits are used");
        assert!(single <= Duration::from_millis(200), "it waits for one permit only: {single:?}");
        // Ten callers of six requests each end together; only the first finds free permits, for half of its requests.
        let mut all = tokio::task::JoinSet::new();
        for number in 0..60 {
            let (limiter, caller) = (limiter.clone(), format!("caller {}", number / 6));
            all.spawn(async move { (caller.clone(), request(limiter, &caller).await) });
        }
        let mut ends = HashMap::new();
        for (caller, end) in all.join_all().await {
            let last = ends.entry(caller).or_insert(end);
            *last = end.max(*last);
        }
        ends.remove("caller 0");
        assert!(ends.values().all(|end| *end >= Duration::from_millis(1800)), "{ends:?}");
    }

    /// A caller that joins a read of another takes its own turn with it; one that gives up takes none.
    #[tokio::test(start_paused = true)]
    async fn a_joined_request_takes_the_first_turn_of_its_callers() {
        let limiter = Arc::new(EndpointLimiter::default());
        let mut backlog = tokio::task::JoinSet::new();
        for _ in 0..30 {
            let limiter = limiter.clone();
            backlog.spawn(async move { request(limiter, "busy").await });
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
        let key = |name| CallerKey::new(Some(name), "full");
        let last = key("busy").scope(async { Requesters::current() }).await;
        let joined = tokio::spawn({
            let (limiter, last) = (limiter.clone(), last.clone());
            async move {
                let started = tokio::time::Instant::now();
                drop(limiter.acquire("Tickets/2", &last).await);
                started.elapsed()
            }
        });
        let given_up = key("other").scope(acquire(&limiter, "Tickets/1"));
        assert!(timeout(Duration::from_millis(50), given_up).await.is_err());
        last.join(key("single"));
        assert!(joined.await.expect("a task") <= Duration::from_millis(200));
        assert_eq!(backlog.join_all().await.len(), 30);
    }

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
            permits.push(acquire(&limiter, path).await.expect("a permit"));
        }
        let wait = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(wait, acquire(&limiter, "Tickets/3")).await.is_err());
        assert!(tokio::time::timeout(wait, acquire(&limiter, "Tickets/3/Notes")).await.is_ok());
        permits.pop();
        assert!(tokio::time::timeout(wait, acquire(&limiter, "Tickets/3")).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_is_bounded_in_length_and_time() {
        let limiter = Arc::new(EndpointLimiter::default());
        let _permits = [
            acquire(&limiter, "Tickets/1").await,
            acquire(&limiter, "Tickets/1").await,
            acquire(&limiter, "Tickets/1").await,
        ];
        let waiting = (0..MAX_QUEUED_REQUESTS).map(|_| {
            let limiter = limiter.clone();
            tokio::spawn(async move { acquire(&limiter, "Tickets/1").await.err() })
        });
        let waiting: Vec<_> = waiting.collect();
        tokio::time::sleep(Duration::from_millis(1)).await;
        let full = acquire(&limiter, "Tickets/1").await.err().expect("a full queue");
        assert!(full.to_string().contains("2000 requests wait already"), "{full}");
        // A caller with fewer requests takes the place of the newest.
        let other = CallerKey::new(Some("other"), "full");
        let other =
            other.scope(timeout(Duration::from_secs(1), acquire(&limiter, "Tickets/1"))).await;
        assert!(other.is_err(), "it waits");
        let mut displaced = 0;
        for late in waiting {
            let late = late.await.expect("a task").expect("a timeout");
            let is_displaced = late.to_string().contains("2000 requests wait already");
            displaced += usize::from(is_displaced);
            assert!(is_displaced || late.to_string().contains("waited 120 seconds"), "{late}");
        }
        assert_eq!(displaced, 1);
    }
}
