//! What may happen once among all replicas: the use of a code, and a create equal to another.

use std::time::Duration;

use redis::{AsyncCommands, ExistenceCheck, Script, SetExpiry, SetOptions};

use super::ReplicaCoordinator;
use crate::client::request::PriorCreate;

/// A create whose replica is gone is told of as long as one that was made.
const IN_FLIGHT_TTL: Duration = Duration::from_secs(600);
/// Who books says so often that it lives, and is gone when it does not.
const HEARTBEAT_TTL: Duration = Duration::from_secs(6);
/// Who waits for another replica's create looks again after this time.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// Forgets a create, if this is still said of it. KEYS: the create. ARGV: the word.
const DELETE_IF_EQUAL: &str =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end";

/// What stands in the place of an id that nobody knows.
const UNKNOWN_OUTCOME: &str = "doubtful";

impl ReplicaCoordinator {
    /// Whether a word is used for the first time; none where Redis is away.
    pub async fn claim_once(&self, word: &str, kept: Duration) -> Option<bool> {
        self.set_if_absent(self.key(&format!("used:{word}")), "1".to_owned(), kept).await
    }

    /// Books a create for this replica; one in flight elsewhere is waited for. Where Redis is away, it is booked.
    ///
    /// # Errors
    /// What became of an equal create.
    pub async fn book(&self, mark: u64) -> Result<(), PriorCreate> {
        self.heartbeat().await;
        let key = self.create(mark);
        loop {
            let booked =
                self.set_if_absent(key.clone(), self.in_flight_marker(), IN_FLIGHT_TTL).await;
            if booked != Some(false) {
                return Ok(());
            }
            let held = self.ask(async |mut redis| redis.get(&key).await).await;
            let held: Option<String> = held.flatten();
            if let Some(before) = self.prior_state(held).await {
                return Err(before);
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// What the word of another replica comes to; none while it may still change.
    async fn prior_state(&self, held: Option<String>) -> Option<PriorCreate> {
        let held = held?;
        if let Some(before) = parse_state(&held) {
            return Some(before);
        }
        let lives = self.key(&held);
        let lives = self.ask(async |mut redis| redis.exists(&lives).await).await;
        (lives == Some(false)).then_some(PriorCreate::Unknown)
    }

    /// Says that this replica lives.
    pub(super) async fn heartbeat(&self) {
        let key = self.key(&self.in_flight_marker());
        self.ask(async |mut redis| {
            redis.set_ex::<_, _, ()>(&key, 1, HEARTBEAT_TTL.as_secs()).await
        })
        .await;
    }

    /// Notes what became of a booked create.
    pub async fn finish(&self, mark: u64, is: PriorCreate, kept: Duration) {
        let key = self.create(mark);
        let word = match is {
            PriorCreate::Created(id) => id.to_string(),
            PriorCreate::Unknown => UNKNOWN_OUTCOME.to_owned(),
        };
        self.ask(async |mut redis| redis.set_ex::<_, _, ()>(&key, &word, kept.as_secs()).await)
            .await;
    }

    /// Gives a booking up.
    pub async fn release(&self, mark: u64) {
        self.forget(mark, &self.in_flight_marker()).await;
    }

    /// Forgets a create whose record is gone.
    pub async fn forget_record(&self, mark: u64, id: i64) {
        self.forget(mark, &id.to_string()).await;
    }

    /// Forgets a create, as long as this is what is said of it.
    async fn forget(&self, mark: u64, word: &str) {
        let script = Script::new(DELETE_IF_EQUAL);
        let mut call = script.key(self.create(mark));
        call.arg(word);
        self.ask(async |mut redis| call.invoke_async::<()>(&mut redis).await).await;
    }

    /// Whether a key was not there before.
    pub(super) async fn set_if_absent(
        &self,
        key: String,
        value: String,
        kept: Duration,
    ) -> Option<bool> {
        let options = SetOptions::default()
            .conditional_set(ExistenceCheck::NX)
            .with_expiration(SetExpiry::EX(kept.as_secs().max(1)));
        let set: Option<String> =
            self.ask(async |mut redis| redis.set_options(&key, &value, options).await).await?;
        Some(set.is_some())
    }

    fn create(&self, mark: u64) -> String {
        self.key(&format!("create:{mark:x}"))
    }

    /// No number, so that it is told from an id.
    pub(super) fn in_flight_marker(&self) -> String {
        format!("flying:{:x}", self.0.replica)
    }
}

/// What a replica's word says of its create; nothing while that is in flight.
fn parse_state(word: &str) -> Option<PriorCreate> {
    match word {
        UNKNOWN_OUTCOME => Some(PriorCreate::Unknown),
        id => id.parse().ok().map(PriorCreate::Created),
    }
}
