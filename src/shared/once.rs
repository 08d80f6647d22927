//! What may happen once among all replicas: the use of a code, and a create equal to another.

use std::time::Duration;

use redis::{AsyncCommands, ExistenceCheck, Script, SetExpiry, SetOptions};

use super::Shared;
use crate::request::Before;

/// A create whose replica is gone is told of as long as one that was made.
const FLIGHT: Duration = Duration::from_secs(600);
/// Who books says so often that it lives, and is gone when it does not.
const ALIVE: Duration = Duration::from_secs(6);
/// Who waits for another replica's create looks again after this time.
const LOOKS_EVERY: Duration = Duration::from_millis(50);
/// Forgets a create, if this is still said of it. KEYS: the create. ARGV: the word.
const FORGET: &str = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end";

/// What stands in the place of an id that nobody knows.
const DOUBTFUL: &str = "doubtful";

impl Shared {
    /// Whether a word is used for the first time; none where Redis is away.
    pub async fn once(&self, word: &str, kept: Duration) -> Option<bool> {
        self.put(self.key(&format!("used:{word}")), "1".to_owned(), kept).await
    }

    /// Books a create for this replica; one in flight elsewhere is waited for. Where Redis is away, it is booked.
    ///
    /// # Errors
    /// What became of an equal create.
    pub async fn book(&self, mark: u64) -> Result<(), Before> {
        self.live().await;
        let key = self.create(mark);
        loop {
            let booked = self.put(key.clone(), self.flying(), FLIGHT).await;
            if booked != Some(false) {
                return Ok(());
            }
            let held = self.ask(async |mut redis| redis.get(&key).await).await;
            let held: Option<String> = held.flatten();
            if let Some(before) = self.before(held).await {
                return Err(before);
            }
            tokio::time::sleep(LOOKS_EVERY).await;
        }
    }

    /// What the word of another replica comes to; none while it may still change.
    async fn before(&self, held: Option<String>) -> Option<Before> {
        let held = held?;
        if let Some(before) = told(&held) {
            return Some(before);
        }
        let lives = self.key(&held);
        let lives = self.ask(async |mut redis| redis.exists(&lives).await).await;
        (lives == Some(false)).then_some(Before::Doubtful)
    }

    /// Says that this replica lives.
    pub(super) async fn live(&self) {
        let key = self.key(&self.flying());
        self.ask(async |mut redis| redis.set_ex::<_, _, ()>(&key, 1, ALIVE.as_secs()).await).await;
    }

    /// Notes what became of a booked create.
    pub async fn settle(&self, mark: u64, is: Before, kept: Duration) {
        let key = self.create(mark);
        let word = match is {
            Before::Made(id) => id.to_string(),
            Before::Doubtful => DOUBTFUL.to_owned(),
        };
        self.ask(async |mut redis| redis.set_ex::<_, _, ()>(&key, &word, kept.as_secs()).await)
            .await;
    }

    /// Gives a booking up.
    pub async fn give_up(&self, mark: u64) {
        self.forget(mark, &self.flying()).await;
    }

    /// Forgets a create whose record is gone.
    pub async fn unmake(&self, mark: u64, id: i64) {
        self.forget(mark, &id.to_string()).await;
    }

    /// Forgets a create, as long as this is what is said of it.
    async fn forget(&self, mark: u64, word: &str) {
        let script = Script::new(FORGET);
        let mut call = script.key(self.create(mark));
        call.arg(word);
        self.ask(async |mut redis| call.invoke_async::<()>(&mut redis).await).await;
    }

    /// Whether a key was not there before.
    pub(super) async fn put(&self, key: String, value: String, kept: Duration) -> Option<bool> {
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
    pub(super) fn flying(&self) -> String {
        format!("flying:{:x}", self.0.replica)
    }
}

/// What a replica's word says of its create; nothing while that is in flight.
fn told(word: &str) -> Option<Before> {
    match word {
        DOUBTFUL => Some(Before::Doubtful),
        id => id.parse().ok().map(Before::Made),
    }
}
