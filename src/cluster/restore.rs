//! A Redis that lost its data: each replica notices it, and publishes its own creates and used codes again.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, sleep};

use super::ReplicaCoordinator;
use super::lease::RENEW_INTERVAL;

/// Values of each kind that this process remembers.
const MAX_LOCAL_VALUES: usize = 10_000;
/// All replicas have published what they know again after this time.
const RESTORE_TIME: Duration = Duration::from_millis(2 * RENEW_INTERVAL.as_millis() as u64);

/// What this process published, and until when it counts: it holds even if Redis loses its data.
#[derive(Default)]
pub(super) struct LocalValues(Mutex<HashMap<String, (String, Instant)>>);

/// Whether a name is known here.
pub(super) enum Known {
    No,
    Yes,
    /// It is not known, and cannot be remembered.
    Full,
}

impl LocalValues {
    pub(super) fn check(&self, name: &str) -> Known {
        let mut values = self.0.lock();
        let now = Instant::now();
        if values.len() >= MAX_LOCAL_VALUES {
            values.retain(|_, (_, until)| *until > now);
        }
        match values.get(name) {
            Some((_, until)) if *until > now => Known::Yes,
            _ if values.len() >= MAX_LOCAL_VALUES => Known::Full,
            _ => Known::No,
        }
    }

    /// Remembers or replaces a value, if there is room.
    pub(super) fn insert(&self, name: &str, value: &str, ttl: Duration) {
        if !matches!(self.check(name), Known::Full) {
            self.0.lock().insert(name.to_owned(), (value.to_owned(), Instant::now() + ttl));
        }
    }

    /// Forgets a name that has this value.
    pub(super) fn remove(&self, name: &str, value: &str) {
        let mut values = self.0.lock();
        if values.get(name).is_some_and(|(known, _)| known == value) {
            values.remove(name);
        }
    }

    /// The names, their values, and the seconds for which they count.
    fn remaining(&self) -> Vec<(String, String, u64)> {
        let values = self.0.lock();
        let remaining = |until: &Instant| until.saturating_duration_since(Instant::now()).as_secs();
        let values = values
            .iter()
            .map(|(name, (value, until))| (name.clone(), value.clone(), remaining(until)));
        values.filter(|(.., seconds)| *seconds > 0).collect()
    }
}

impl ReplicaCoordinator {
    /// Waits until all replicas have published their creates, if Redis lost its data a moment ago.
    pub(super) async fn wait_until_restored(&self) {
        while let Some(age) = self.check_epoch().await {
            match RESTORE_TIME.checked_sub(age) {
                Some(remaining) if !remaining.is_zero() => sleep(remaining).await,
                _ => return,
            }
        }
    }

    /// How old the data in Redis are; none if it is unavailable. Publishes again what Redis may lack.
    pub(super) async fn check_epoch(&self) -> Option<Duration> {
        let call = self.0.epoch.key(self.epoch_key());
        let (epoch, now): (u64, u64) =
            self.run(async |mut redis| call.invoke_async(&mut redis).await).await?;
        let known = self.0.known_epoch.swap(epoch, Ordering::SeqCst);
        let is_lost = known != 0 && known != epoch;
        if is_lost {
            tracing::warn!(
                "Redis lost its data; this process publishes its creates and codes again"
            );
        }
        if !self.0.is_published.swap(true, Ordering::SeqCst) || is_lost {
            self.publish_again().await;
        }
        Some(Duration::from_millis(now.saturating_sub(epoch)))
    }

    async fn publish_again(&self) {
        let values = [self.0.claims.remaining(), self.0.creates.remaining()].concat();
        if values.is_empty() {
            return;
        }
        let mut commands = redis::pipe();
        for (name, value, seconds) in values {
            // What another replica published since stays.
            let set = commands.cmd("SET").arg(self.key(&name)).arg(value);
            set.arg("NX").arg("EX").arg(seconds).ignore();
        }
        self.run(async |mut redis| commands.exec_async(&mut redis).await).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn local_values_are_bounded_and_expire() {
        const TTL: Duration = Duration::from_secs(600);
        let values = LocalValues::default();
        for name in 0..MAX_LOCAL_VALUES {
            assert!(matches!(values.check(&name.to_string()), Known::No));
            values.insert(&name.to_string(), "1", TTL);
        }
        values.insert("beyond", "1", TTL);
        assert!(matches!(values.check("0"), Known::Yes));
        assert!(matches!(values.check("beyond"), Known::Full));
        assert_eq!(values.remaining().len(), MAX_LOCAL_VALUES);
        tokio::time::advance(TTL).await;
        assert!(matches!(values.check("0"), Known::No));
        assert!(values.0.lock().is_empty(), "expired values are removed");
    }
}
