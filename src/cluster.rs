//! What several replicas have in common, in Redis: places on endpoints, the count of requests, and what may happen once.

mod at_most_once;
mod lease;

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client, RedisResult, Script};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::config::Config;
use lease::HeldLeases;
pub use lease::Lease;

/// Who does not answer in this time is away; a call does not wait longer.
const REDIS_TIMEOUT: Duration = Duration::from_secs(1);
/// After that Redis is left alone for a while, and each process keeps its limits by itself.
const CIRCUIT_OPEN: Duration = Duration::from_secs(2);
/// What is asked of the tenant at most this often is asked by one replica for all.
const THRESHOLD_REFRESH_INTERVAL: Duration = Duration::from_secs(60);
/// A tally that nobody adds to is forgotten with its hour.
const HOUR_SECONDS: i64 = 3600;

/// What the replicas of one tenant share; clones share it too.
#[derive(Clone)]
pub struct ReplicaCoordinator(Arc<Inner>);

struct Inner {
    /// Where Redis is; the connection is opened with the first question.
    at: SecretString,
    redis: Mutex<Option<ConnectionManager>>,
    /// The start of every key: one for each tenant and API user.
    prefix: String,
    /// Which replica this is.
    replica: u64,
    resting: Mutex<Option<Instant>>,
    held: HeldLeases,
    take: Script,
    renew: Script,
}

/// The requests counted since the tenant last told, and what it told: how many were used, of how many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UsageCount {
    pub own: u64,
    pub told: Option<(f64, f64)>,
}

impl ReplicaCoordinator {
    /// What the settings say is shared, if anything; nothing is sent yet.
    #[must_use]
    pub fn new(config: &Config) -> Option<Self> {
        Some(Self(Arc::new(Inner {
            at: config.redis_url.clone()?,
            redis: Mutex::default(),
            prefix: prefix(config),
            replica: RandomState::new().hash_one(()),
            resting: Mutex::default(),
            held: HeldLeases::default(),
            take: Script::new(include_str!("shared/take.lua")),
            renew: Script::new(include_str!("shared/renew.lua")),
        })))
    }

    /// Notes for all what the tenant told of its budget.
    pub async fn learn(&self, used: f64, limit: f64) {
        let key = self.key("tally");
        let mut told = redis::pipe();
        told.atomic()
            .hdel(&key, "own")
            .hset_multiple(&key, &[("used", used), ("limit", limit)])
            .expire(&key, HOUR_SECONDS);
        self.ask(async |mut redis| told.exec_async(&mut redis).await).await;
    }

    /// Whether this replica should ask the tenant for its budget; true where Redis is away.
    pub async fn claim_refresh(&self) -> bool {
        let first = self.set_if_absent(
            self.key("asked"),
            self.in_flight_marker(),
            THRESHOLD_REFRESH_INTERVAL,
        );
        first.await.unwrap_or(true)
    }

    /// What was counted and told so far; none where Redis is away.
    pub async fn tally(&self) -> Option<UsageCount> {
        let key = self.key("tally");
        let read = self.ask(async |mut redis| redis.hmget(&key, &["own", "used", "limit"]).await);
        let (own, used, limit): (Option<u64>, Option<f64>, Option<f64>) = read.await?;
        Some(UsageCount { own: own.unwrap_or_default(), told: used.zip(limit) })
    }

    fn key(&self, name: &str) -> String {
        format!("{}:{name}", self.0.prefix)
    }

    /// Asks Redis; none where it is away, which is noted, and said once.
    async fn ask<T, F>(&self, question: impl FnOnce(ConnectionManager) -> F) -> Option<T>
    where
        F: Future<Output = RedisResult<T>>,
    {
        if self.is_circuit_open() {
            return None;
        }
        let answer = match self.connection() {
            Ok(redis) => question(redis).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(answer) => {
                self.close_circuit();
                Some(answer)
            }
            Err(error) => {
                self.open_circuit(&error);
                None
            }
        }
    }

    fn connection(&self) -> RedisResult<ConnectionManager> {
        let mut kept = self.0.redis.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(redis) = &*kept {
            return Ok(redis.clone());
        }
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(REDIS_TIMEOUT))
            .set_response_timeout(Some(REDIS_TIMEOUT))
            .set_number_of_retries(1);
        let client = Client::open(self.0.at.expose_secret())?;
        let redis = ConnectionManager::new_lazy_with_config(client, config)?;
        Ok(kept.insert(redis).clone())
    }

    fn is_circuit_open(&self) -> bool {
        let resting = self.0.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.is_some_and(|since| since.elapsed() < CIRCUIT_OPEN)
    }

    fn open_circuit(&self, error: &redis::RedisError) {
        let mut resting = self.0.resting.lock().unwrap_or_else(PoisonError::into_inner);
        if resting.replace(Instant::now()).is_none() {
            let why = error.category();
            tracing::warn!(
                "Redis does not answer ({why}); until it does, this process keeps the limits by itself"
            );
        }
    }

    fn close_circuit(&self) {
        let mut resting = self.0.resting.lock().unwrap_or_else(PoisonError::into_inner);
        if resting.take().is_some() {
            tracing::info!("Redis answers again; limits are shared");
        }
    }
}

/// Names the tenant without telling who it is; the braces keep all keys on one node of a cluster.
fn prefix(config: &Config) -> String {
    let mut hash = Sha256::new();
    for part in config.credentials() {
        hash.update(part.expose_secret());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let name = URL_SAFE_NO_PAD.encode(digest.get(..9).unwrap_or_default());
    format!("autotask-mcp:{{{name}}}")
}
