//! What may happen once among all replicas: the use of a confirmation code, and a create identical to another.

use std::time::Duration;

use redis::{AsyncCommands, ExistenceCheck, Script, SetExpiry, SetOptions};
use tokio::time::{Instant, sleep};

use super::ReplicaCoordinator;
use super::lease::millis;

/// The result of an identical create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriorCreate {
    /// It created this record.
    Created(i64),
    /// It was sent, and it is unknown whether it created a record.
    Unknown,
    /// Too many creates are recorded, so it is unknown whether an identical one was sent.
    Untracked,
}

/// How long confirmation codes and creates matter. A create whose replica died is reported as long as any other.
const CLAIM_TTL: Duration = Duration::from_secs(600);
/// A code's time is in whole seconds, so it may seem this much older than it is.
const CLAIM_AGE_TOLERANCE: Duration = Duration::from_secs(1);
/// A replica with a create in flight renews its heartbeat; without one it counts as dead.
const HEARTBEAT_TTL: Duration = Duration::from_secs(6);
/// How often the create of another replica is checked, and how long.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
const MAX_CREATE_WAIT: Duration = Duration::from_secs(120);
/// Deletes a create if it still has this value. KEYS: the create. ARGV: the value.
const DELETE_IF_EQUAL: &str =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end";

/// The value of a create whose id is unknown.
const UNKNOWN_OUTCOME: &str = "unknown";

impl ReplicaCoordinator {
    /// Whether a value that is valid for `remaining` of its ten minutes is claimed for the first time; none if that
    /// is not certain, because Redis is unavailable or lost its data.
    pub async fn claim_once(&self, value: &str, remaining: Duration) -> Option<bool> {
        let name = format!("used:{value}");
        if self.0.claims.get(&name).is_some() {
            return Some(false);
        }
        let age = CLAIM_TTL.saturating_sub(remaining).saturating_sub(CLAIM_AGE_TOLERANCE);
        let mut call = self.0.claim.key(self.key(&name));
        call.key(self.epoch_key()).arg(remaining.as_secs().max(1)).arg(millis(age));
        let claimed: i64 = self.run(async |mut redis| call.invoke_async(&mut redis).await).await?;
        match claimed {
            // Without room to remember it, a loss of Redis' data would make the code valid again.
            1 => self.0.claims.insert_new(name, "1".to_owned(), remaining).then_some(true),
            0 => Some(false),
            _ => None,
        }
    }

    /// Reserves a create for this replica; waits for an identical one in flight elsewhere. Reserves it too if Redis is
    /// unavailable.
    ///
    /// # Errors
    /// The result of an identical create.
    pub async fn reserve(&self, fingerprint: u64) -> Result<(), PriorCreate> {
        self.heartbeat().await;
        self.wait_until_restored().await;
        let name = create_name(fingerprint);
        let (key, started) = (self.key(&name), Instant::now());
        loop {
            let reserved =
                self.set_if_absent(key.clone(), self.in_flight_marker(), CLAIM_TTL).await;
            if reserved != Some(false) {
                self.0.creates.insert_new(name, self.in_flight_marker(), CLAIM_TTL);
                return Ok(());
            }
            let state = self.run(async |mut redis| redis.get(&key).await).await;
            if let Some(prior) = self.prior_create(state.flatten()).await {
                return Err(prior);
            }
            if started.elapsed() > MAX_CREATE_WAIT {
                return Err(PriorCreate::Unknown);
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// The result in another replica's state; none while it may still change.
    async fn prior_create(&self, state: Option<String>) -> Option<PriorCreate> {
        let state = state?;
        if let Some(prior) = parse_state(&state) {
            return Some(prior);
        }
        let heartbeat = self.key(&state);
        let is_alive = self.run(async |mut redis| redis.exists(&heartbeat).await).await;
        (is_alive == Some(false)).then_some(PriorCreate::Unknown)
    }

    /// Shows that this replica is alive.
    pub(super) async fn heartbeat(&self) {
        let key = self.key(&self.in_flight_marker());
        self.run(async |mut redis| {
            redis.set_ex::<_, _, ()>(&key, 1, HEARTBEAT_TTL.as_secs()).await
        })
        .await;
    }

    /// Records the result of a reserved create.
    pub async fn finish(&self, fingerprint: u64, result: PriorCreate, ttl: Duration) {
        let name = create_name(fingerprint);
        let state = match result {
            PriorCreate::Created(id) => id.to_string(),
            PriorCreate::Unknown | PriorCreate::Untracked => UNKNOWN_OUTCOME.to_owned(),
        };
        self.0.creates.remove(&name);
        self.0.creates.insert_new(name.clone(), state.clone(), ttl);
        let key = self.key(&name);
        self.run(async |mut redis| redis.set_ex::<_, _, ()>(&key, &state, ttl.as_secs()).await)
            .await;
    }

    /// Releases a reservation.
    pub async fn release(&self, fingerprint: u64) {
        self.delete_if(fingerprint, &self.in_flight_marker()).await;
    }

    /// Removes a create whose record was deleted.
    pub async fn forget_record(&self, fingerprint: u64, id: i64) {
        self.delete_if(fingerprint, &id.to_string()).await;
    }

    /// Removes a create if it has this state.
    async fn delete_if(&self, fingerprint: u64, state: &str) {
        let name = create_name(fingerprint);
        if self.0.creates.get(&name).is_some_and(|known| known == state) {
            self.0.creates.remove(&name);
        }
        let script = Script::new(DELETE_IF_EQUAL);
        let mut call = script.key(self.key(&name));
        call.arg(state);
        self.run(async |mut redis| call.invoke_async::<()>(&mut redis).await).await;
    }

    /// Whether a key was absent, and is set now.
    pub(super) async fn set_if_absent(
        &self,
        key: String,
        value: String,
        ttl: Duration,
    ) -> Option<bool> {
        let options = SetOptions::default()
            .conditional_set(ExistenceCheck::NX)
            .with_expiration(SetExpiry::EX(ttl.as_secs().max(1)));
        let set: Option<String> =
            self.run(async |mut redis| redis.set_options(&key, &value, options).await).await?;
        Some(set.is_some())
    }

    /// Not a number, so that it cannot be confused with an id.
    pub(super) fn in_flight_marker(&self) -> String {
        format!("in-flight:{:x}", self.0.replica)
    }
}

fn create_name(fingerprint: u64) -> String {
    format!("create:{fingerprint:x}")
}

/// The result of another replica's create; none while that is in flight.
fn parse_state(state: &str) -> Option<PriorCreate> {
    match state {
        UNKNOWN_OUTCOME => Some(PriorCreate::Unknown),
        id => id.parse().ok().map(PriorCreate::Created),
    }
}
