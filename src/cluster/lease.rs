//! Leases of permits: they expire soon after their replica dies, and are renewed until then.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use redis::AsyncCommands;

use super::{CoordinatorInner, ReplicaCoordinator, UsageCount};

/// A killed replica's permits are released after this time.
const LEASE_TTL: Duration = Duration::from_secs(5);
const RENEW_INTERVAL: Duration = Duration::from_millis(1500);
/// A waiting request tries again after this delay, which doubles up to the interval, plus a random part.
const FIRST_POLL_DELAY: Duration = Duration::from_millis(1);
const MAX_POLL_INTERVAL: Duration = Duration::from_millis(8);

/// The leases of this process: one for each request that has or waits for a permit.
#[derive(Default)]
pub(super) struct HeldLeases {
    next_id: AtomicU64,
    is_renewing: AtomicBool,
    /// The keys of the endpoints, by lease.
    keys: Mutex<HashMap<u64, String>>,
}

/// A permit on an endpoint among all replicas; released when dropped.
pub struct Lease {
    replicas: ReplicaCoordinator,
    id: u64,
    /// The usage counted so far, including this request.
    pub usage: UsageCount,
}

impl ReplicaCoordinator {
    /// Waits for one of `max` permits on an endpoint; none if Redis is unavailable.
    pub async fn acquire(&self, endpoint: &str, max: usize) -> Option<Lease> {
        let (key, id) = (self.key(endpoint), self.0.leases.next_id.fetch_add(1, Ordering::Relaxed));
        // Registered before it is granted, so that a cancelled caller leaves no permit behind.
        let mut lease = self.register(id, key.clone());
        let mut delay = FIRST_POLL_DELAY;
        loop {
            if let Some(usage) = self.try_acquire(&key, id, max).await? {
                lease.usage = usage;
                return Some(lease);
            }
            let jitter = Duration::from_micros((self.0.replica ^ id) % 1000);
            tokio::time::sleep(delay + jitter).await;
            delay = MAX_POLL_INTERVAL.min(delay * 2);
        }
    }

    async fn try_acquire(&self, key: &str, id: u64, max: usize) -> Option<Option<UsageCount>> {
        let mut call = self.0.acquire.key(key);
        call.key(self.usage_key()).key(self.epoch_key());
        call.arg(self.lease_name(id)).arg(millis(LEASE_TTL)).arg(max);
        let result = self.run(async |mut redis| call.invoke_async(&mut redis).await).await?;
        let (is_granted, own, used, limit): (bool, u64, String, String) = result;
        let reading = used.parse().ok().zip(limit.parse().ok());
        Some(is_granted.then_some(UsageCount { own, reading }))
    }

    fn register(&self, id: u64, key: String) -> Lease {
        self.0.leases.keys.lock().insert(id, key);
        if !self.0.leases.is_renewing.swap(true, Ordering::Relaxed) {
            tokio::spawn(renew(Arc::downgrade(&self.0)));
        }
        Lease { replicas: self.clone(), id, usage: UsageCount { own: 0, reading: None } }
    }

    fn lease_name(&self, id: u64) -> String {
        format!("{:x}-{id:x}", self.0.replica)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(key) = self.replicas.0.leases.keys.lock().remove(&self.id) else {
            return;
        };
        let (replicas, name) = (self.replicas.clone(), self.replicas.lease_name(self.id));
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            replicas.run(async |mut redis| redis.zrem::<_, _, ()>(key, name).await).await;
        });
    }
}

/// Renews the leases, the heartbeat and the announcement as long as the coordinator exists.
async fn renew(coordinator: Weak<CoordinatorInner>) {
    loop {
        tokio::time::sleep(RENEW_INTERVAL).await;
        let Some(replicas) = coordinator.upgrade().map(ReplicaCoordinator) else {
            return;
        };
        replicas.heartbeat().await;
        replicas.check_epoch().await;
        replicas.setting_conflicts().await;
        let leases: Vec<_> = replicas.0.leases.keys.lock().clone().into_iter().collect();
        for (id, key) in leases {
            let mut call = replicas.0.renew.key(key);
            call.arg(replicas.lease_name(id)).arg(millis(LEASE_TTL));
            replicas.run(async |mut redis| call.invoke_async::<()>(&mut redis).await).await;
        }
    }
}

/// A duration in milliseconds, as Redis expects it.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
