//! What may happen once among all replicas: the use of a code, and a create equal to another.

use std::time::Duration;

use redis::{AsyncCommands, ExistenceCheck, Script, SetExpiry, SetOptions};

use super::Shared;

/// A create whose replica is gone is told of as long as one that was made.
const FLIGHT: Duration = Duration::from_secs(600);
/// Who books says so often that it lives, and is gone when it does not.
const ALIVE: Duration = Duration::from_secs(6);
/// Who waits for another replica's create looks again after this time.
const LOOKS_EVERY: Duration = Duration::from_millis(50);
/// Gives a booking up, if it is still this replica's. KEYS: the create. ARGV: the replica's word.
const GIVE_UP: &str =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end";

/// What is known of an equal create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twin {
    /// It made the record of this id.
    Made(i64),
    /// The replica that sent it is gone; nobody knows what came of it.
    Lost,
}

impl Shared {
    /// Whether a word is used for the first time; none where Redis is away.
    pub async fn once(&self, word: &str, kept: Duration) -> Option<bool> {
        self.put(self.key(&format!("used:{word}")), "1".to_owned(), kept)
            .await
    }

    /// Books a create for this replica; one in flight elsewhere is waited for. Where Redis is away, it is booked.
    ///
    /// # Errors
    /// What is known of an equal create.
    pub async fn book(&self, mark: u64) -> Result<(), Twin> {
        self.live().await;
        let key = self.create(mark);
        loop {
            let booked = self.put(key.clone(), self.flying(), FLIGHT).await;
            if booked != Some(false) {
                return Ok(());
            }
            let held = self.ask(async |mut redis| redis.get(&key).await).await;
            let held: Option<String> = held.flatten();
            if let Some(twin) = self.twin(held).await {
                return Err(twin);
            }
            tokio::time::sleep(LOOKS_EVERY).await;
        }
    }

    /// What the word of another replica comes to; none while it may still change.
    async fn twin(&self, held: Option<String>) -> Option<Twin> {
        let held = held?;
        if let Ok(made) = held.parse() {
            return Some(Twin::Made(made));
        }
        let lives = self.key(&held);
        let lives = self.ask(async |mut redis| redis.exists(&lives).await).await;
        (lives == Some(false)).then_some(Twin::Lost)
    }

    /// Says that this replica lives.
    pub(super) async fn live(&self) {
        let key = self.key(&self.flying());
        self.ask(async |mut redis| redis.set_ex::<_, _, ()>(&key, 1, ALIVE.as_secs()).await)
            .await;
    }

    /// Notes the record that a booked create made.
    pub async fn settle(&self, mark: u64, made: i64, kept: Duration) {
        let key = self.create(mark);
        self.ask(async |mut redis| redis.set_ex::<_, _, ()>(&key, made, kept.as_secs()).await)
            .await;
    }

    /// Gives a booking up.
    pub async fn give_up(&self, mark: u64) {
        let script = Script::new(GIVE_UP);
        let mut call = script.key(self.create(mark));
        call.arg(self.flying());
        self.ask(async |mut redis| call.invoke_async::<()>(&mut redis).await)
            .await;
    }

    /// Whether a key was not there before.
    async fn put(&self, key: String, value: String, kept: Duration) -> Option<bool> {
        let options = SetOptions::default()
            .conditional_set(ExistenceCheck::NX)
            .with_expiration(SetExpiry::EX(kept.as_secs().max(1)));
        let set: Option<String> = self
            .ask(async |mut redis| redis.set_options(&key, &value, options).await)
            .await?;
        Some(set.is_some())
    }

    fn create(&self, mark: u64) -> String {
        self.key(&format!("create:{mark:x}"))
    }

    /// No number, so that it is told from an id.
    fn flying(&self) -> String {
        format!("flying:{:x}", self.0.replica)
    }
}
