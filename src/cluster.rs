//! What replicas share through Redis: permits on endpoints, the usage of the threshold, and what may happen only once.

pub mod at_most_once;
mod lease;
mod restore;
mod settings;

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client, RedisResult, Script};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::config::Config;
use lease::HeldLeases;
pub use lease::Lease;
use restore::{LocalValues, MAX_LOCAL_VALUES};

/// A call does not wait longer for Redis.
const REDIS_TIMEOUT: Duration = Duration::from_secs(1);
/// After a failure Redis is not contacted for this time, and each process enforces the limits alone.
const CIRCUIT_OPEN: Duration = Duration::from_secs(2);
/// One replica reads the threshold for all at most this often.
const THRESHOLD_REFRESH_INTERVAL: Duration = Duration::from_secs(60);
/// A usage to which nothing is added expires with its hour.
const USAGE_TTL_SECONDS: i64 = 3600;

/// What the replicas of one tenant share; clones share it too.
#[derive(Clone)]
pub struct ReplicaCoordinator(Arc<CoordinatorInner>);

struct CoordinatorInner {
    /// The URL of Redis; the connection is opened with the first command.
    url: SecretString,
    connection: Mutex<Option<ConnectionManager>>,
    /// The prefix of every key: one for each tenant and API user.
    prefix: String,
    /// A random number that identifies this replica.
    replica: u64,
    failed_at: Mutex<Option<Instant>>,
    leases: HeldLeases,
    /// The codes that were used here.
    claims: LocalValues,
    /// The creates that were reserved or made here.
    creates: LocalValues,
    /// The epoch that Redis had last; 0 before the first answer.
    known_epoch: AtomicU64,
    /// Whether Redis was available all the time since the claims and creates were published.
    is_published: AtomicBool,
    /// What other replicas must have in common with this one.
    settings: Option<String>,
    acquire: Script,
    announce: Script,
    epoch: Script,
    renew: Script,
    claim: Script,
}

/// The requests counted since the last reading, and the reading: how many were used, of how many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UsageCount {
    pub own: u64,
    pub reading: Option<(f64, f64)>,
}

impl ReplicaCoordinator {
    /// The coordination that the settings configure, if any; sends nothing yet.
    #[must_use]
    pub fn new(config: &Config) -> Option<Self> {
        let url = config.redis_url.clone()?;
        let replica = RandomState::new().hash_one(());
        Some(Self(Arc::new(CoordinatorInner {
            url,
            connection: Mutex::default(),
            prefix: key_prefix(config),
            replica,
            failed_at: Mutex::default(),
            leases: HeldLeases::default(),
            claims: LocalValues::new(MAX_LOCAL_VALUES),
            creates: LocalValues::new(MAX_LOCAL_VALUES),
            known_epoch: AtomicU64::default(),
            is_published: AtomicBool::default(),
            settings: settings::common_settings(config, replica),
            acquire: Script::new(include_str!("cluster/acquire.lua")),
            announce: Script::new(include_str!("cluster/announce.lua")),
            epoch: Script::new(include_str!("cluster/epoch.lua")),
            renew: Script::new(include_str!("cluster/renew.lua")),
            claim: Script::new(include_str!("cluster/claim.lua")),
        })))
    }

    /// Records a reading of the threshold for all replicas.
    pub async fn record_reading(&self, used: f64, limit: f64) {
        let key = self.usage_key();
        let mut commands = redis::pipe();
        commands
            .atomic()
            .hdel(&key, "own")
            .hset_multiple(&key, &[("used", used), ("limit", limit)])
            .expire(&key, USAGE_TTL_SECONDS);
        self.run(async |mut redis| commands.exec_async(&mut redis).await).await;
    }

    /// Whether this replica should read the threshold; true if Redis is unavailable.
    pub async fn claim_refresh(&self) -> bool {
        let is_first = self.set_if_absent(
            self.key("refresh"),
            self.in_flight_marker(),
            THRESHOLD_REFRESH_INTERVAL,
        );
        is_first.await.unwrap_or(true)
    }

    /// The usage that all replicas counted; none if Redis is unavailable.
    pub async fn usage(&self) -> Option<UsageCount> {
        let key = self.usage_key();
        let fields = self.run(async |mut redis| redis.hmget(&key, &["own", "used", "limit"]).await);
        let (own, used, limit): (Option<u64>, Option<f64>, Option<f64>) = fields.await?;
        Some(UsageCount { own: own.unwrap_or_default(), reading: used.zip(limit) })
    }

    fn key(&self, name: &str) -> String {
        format!("{}:{name}", self.0.prefix)
    }

    fn usage_key(&self) -> String {
        self.key("usage")
    }

    /// The key with the time at which the data in Redis began: younger than expected, Redis lost its data.
    fn epoch_key(&self) -> String {
        self.key("epoch")
    }

    /// Runs a command; none if Redis is unavailable, which is logged once.
    async fn run<T, F>(&self, command: impl FnOnce(ConnectionManager) -> F) -> Option<T>
    where
        F: Future<Output = RedisResult<T>>,
    {
        if self.is_circuit_open() {
            return None;
        }
        let result = match self.connection() {
            Ok(redis) => command(redis).await,
            Err(error) => Err(error),
        };
        match result {
            Ok(value) => {
                self.close_circuit();
                Some(value)
            }
            Err(error) => {
                self.open_circuit(&error);
                None
            }
        }
    }

    fn connection(&self) -> RedisResult<ConnectionManager> {
        let mut connection = self.0.connection.lock();
        if let Some(redis) = &*connection {
            return Ok(redis.clone());
        }
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(REDIS_TIMEOUT))
            .set_response_timeout(Some(REDIS_TIMEOUT))
            .set_number_of_retries(1);
        let client = Client::open(self.0.url.expose_secret())?;
        let redis = ConnectionManager::new_lazy_with_config(client, config)?;
        Ok(connection.insert(redis).clone())
    }

    fn is_circuit_open(&self) -> bool {
        self.0.failed_at.lock().is_some_and(|at| at.elapsed() < CIRCUIT_OPEN)
    }

    fn open_circuit(&self, error: &redis::RedisError) {
        self.0.is_published.store(false, Ordering::SeqCst);
        if self.0.failed_at.lock().replace(Instant::now()).is_none() {
            let reason = error.category();
            tracing::warn!(
                "Redis is unavailable ({reason}); until it is back, this process enforces the limits alone"
            );
        }
    }

    fn close_circuit(&self) {
        if self.0.failed_at.lock().take().is_some() {
            tracing::info!("Redis is available again; limits are shared");
        }
    }
}

/// A digest of what identifies the tenant and the integration, and of nothing that replicas may have differently,
/// such as tokens, the secret or a pinned zone. The braces keep all keys on one node of a Redis cluster.
fn key_prefix(config: &Config) -> String {
    // At Autotask the username identifies the tenant; a test server's URL is part of the identity.
    let url = config.api_url.as_ref().unwrap_or(&config.zone_url);
    let server = if url.is_autotask() { String::new() } else { url.to_string() };
    let username = config.username.as_deref().unwrap_or_default().to_lowercase();
    let code = config.integration_code.as_ref().map(ExposeSecret::expose_secret);
    let mut hash = Sha256::new();
    for part in [server.as_str(), username.as_str(), code.unwrap_or_default()] {
        hash.update(part);
        hash.update([0]);
    }
    let digest = hash.finalize();
    let name = URL_SAFE_NO_PAD.encode(digest.get(..9).unwrap_or_default());
    format!("autotask-mcp:{{{name}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(settings: &[(&str, &str)]) -> String {
        let defaults = [("AUTOTASK_USERNAME", "api@example.test"), ("AUTOTASK_SECRET", "hush")];
        let code = [("AUTOTASK_INTEGRATION_CODE", "HUSHCODE")];
        let lookup = |name: &str| {
            let mut pairs = settings.iter().chain(&defaults).chain(&code);
            pairs.find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        key_prefix(&Config::read(&lookup).expect("settings"))
    }

    #[test]
    fn the_key_prefix_depends_only_on_the_tenant() {
        let base = prefix(&[]);
        for (settings, is_same) in [
            (&[("AUTOTASK_HTTP_TOKEN", "a-token-of-16-characters")][..], true),
            (&[("AUTOTASK_SECRET", "rotated")], true),
            (&[("AUTOTASK_IMPERSONATION_RESOURCE_ID", "7")], true),
            (&[("AUTOTASK_API_URL", "https://webservices2.autotask.net/atservicesrest/")], true),
            (&[("AUTOTASK_USERNAME", "API@example.test")], true),
            (&[("AUTOTASK_USERNAME", "other@example.test")], false),
            (&[("AUTOTASK_INTEGRATION_CODE", "HUSHOTHER")], false),
            (&[("AUTOTASK_API_URL", "http://127.0.0.1:8080/")], false),
        ] {
            assert_eq!(prefix(settings) == base, is_same, "{settings:?}");
        }
        assert!(!base.contains("HUSH") && !base.contains("api@"), "{base}");
    }
}
