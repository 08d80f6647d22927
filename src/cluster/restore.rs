//! A Redis that lost its data: each replica notices it, and publishes its own creates and used codes again.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::sleep;

use super::ReplicaCoordinator;
use super::lease::millis;
use crate::value::cache::Cache;

/// Values of each kind that this process remembers.
pub(super) const MAX_LOCAL_VALUES: usize = 10_000;
/// All replicas have published what they know again after this time, twice the `RENEW_INTERVAL`.
const RESTORE_TIME: Duration = Duration::from_secs(3);

/// What this process published, by name: it holds even if Redis loses its data.
pub(super) type LocalValues = Cache<String, String>;

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
        for (name, value, remaining) in values {
            // What another replica published since stays.
            let set = commands.cmd("SET").arg(self.key(&name)).arg(value);
            set.arg("NX").arg("PX").arg(millis(remaining).max(1)).ignore();
        }
        self.run(async |mut redis| commands.exec_async(&mut redis).await).await;
    }
}
