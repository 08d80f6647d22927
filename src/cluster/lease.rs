//! Leases of places: they end by themselves soon after their replica is gone, and are renewed until then.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use redis::AsyncCommands;

use super::{Inner, ReplicaCoordinator, UsageCount};

/// A killed replica's places are free after this time.
const LEASE_TTL: Duration = Duration::from_secs(5);
const RENEW_INTERVAL: Duration = Duration::from_millis(1500);
/// Who waits for a place looks again after this time, then after twice as long, and so on, and a little more by chance.
const FIRST_POLL_DELAY: Duration = Duration::from_millis(1);
const POLL_INTERVAL: Duration = Duration::from_millis(8);

/// The leases of this process.
#[derive(Default)]
pub(super) struct HeldLeases {
    next: AtomicU64,
    renewing: AtomicBool,
    /// The keys of the endpoints, by lease.
    leases: Mutex<HashMap<u64, String>>,
}

/// A place on an endpoint among all replicas; free again when dropped.
pub struct Lease {
    shared: ReplicaCoordinator,
    id: u64,
    /// What was counted so far, this request included.
    pub tally: UsageCount,
}

impl ReplicaCoordinator {
    /// Waits for a place on an endpoint, of so many; none where Redis is away.
    pub async fn acquire(&self, endpoint: &str, most: usize) -> Option<Lease> {
        let (key, id) = (self.key(endpoint), self.0.held.next.fetch_add(1, Ordering::Relaxed));
        // Held from now on: who gives up waiting leaves no place behind.
        let mut lease = self.register(id, key.clone());
        let mut pause = FIRST_POLL_DELAY;
        loop {
            if let Some(tally) = self.try_take(&key, id, most).await? {
                lease.tally = tally;
                return Some(lease);
            }
            let chance = Duration::from_micros((self.0.replica ^ id) % 1000);
            tokio::time::sleep(pause + chance).await;
            pause = POLL_INTERVAL.min(pause * 2);
        }
    }

    async fn try_take(&self, key: &str, id: u64, most: usize) -> Option<Option<UsageCount>> {
        let mut call = self.0.take.key(key);
        call.key(self.key("tally"));
        call.arg(self.name(id)).arg(millis(LEASE_TTL)).arg(most);
        let answer = self.ask(async |mut redis| call.invoke_async(&mut redis).await).await?;
        let (granted, own, used, limit): (bool, u64, String, String) = answer;
        let told = used.parse().ok().zip(limit.parse().ok());
        Some(granted.then_some(UsageCount { own, told }))
    }

    fn register(&self, id: u64, key: String) -> Lease {
        self.0.held.leases().insert(id, key);
        if !self.0.held.renewing.swap(true, Ordering::Relaxed) {
            tokio::spawn(renew(Arc::downgrade(&self.0)));
        }
        Lease { shared: self.clone(), id, tally: UsageCount { own: 0, told: None } }
    }

    fn name(&self, id: u64) -> String {
        format!("{:x}-{id:x}", self.0.replica)
    }
}

impl HeldLeases {
    fn leases(&self) -> MutexGuard<'_, HashMap<u64, String>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(key) = self.shared.0.held.leases().remove(&self.id) else {
            return;
        };
        let (shared, name) = (self.shared.clone(), self.shared.name(self.id));
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            shared.ask(async |mut redis| redis.zrem::<_, _, ()>(key, name).await).await;
        });
    }
}

/// Renews what is held, as long as anybody holds.
async fn renew(parts: Weak<Inner>) {
    loop {
        tokio::time::sleep(RENEW_INTERVAL).await;
        let Some(shared) = parts.upgrade().map(ReplicaCoordinator) else {
            return;
        };
        shared.heartbeat().await;
        let held: Vec<_> = shared.0.held.leases().clone().into_iter().collect();
        for (id, key) in held {
            let mut call = shared.0.renew.key(key);
            call.arg(shared.name(id)).arg(millis(LEASE_TTL));
            shared.ask(async |mut redis| call.invoke_async::<()>(&mut redis).await).await;
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
