//! Creates of the last ten minutes and those in flight, so that an equal one is noticed.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::request::Request;
use crate::shared::{Shared, Twin};

const KEPT: Duration = Duration::from_secs(600);
/// More than anyone confirms in ten minutes; a bound, so that no flood fills the memory.
const MOST: usize = 10_000;

/// What was created or is being created, by a mark of what was sent.
#[derive(Clone)]
pub struct Recent {
    all: Arc<Mutex<HashMap<u64, Create>>>,
    /// Replicas that create too.
    shared: Option<Shared>,
}

enum Create {
    Made(Instant, i64),
    /// Closed when the outcome is known.
    Flying(Arc<Semaphore>),
}

impl Recent {
    /// Nothing yet.
    pub fn new(shared: Option<Shared>) -> Self {
        Self {
            all: Arc::default(),
            shared,
        }
    }

    /// Books a create; an equal one in flight is waited for.
    ///
    /// # Errors
    /// What is known of an equal create of the last ten minutes.
    pub async fn book(&self, mark: u64) -> Result<(), Twin> {
        loop {
            let Some(flying) = self.try_book(mark).map_err(Twin::Made)? else {
                return self.book_elsewhere(mark).await;
            };
            // A semaphore without permits ends the wait only when it is closed.
            let _ = flying.acquire().await;
        }
    }

    /// No other replica may make it either.
    async fn book_elsewhere(&self, mark: u64) -> Result<(), Twin> {
        let Some(shared) = &self.shared else {
            return Ok(());
        };
        // Who gives up waiting for it leaves nothing behind.
        let mut booking = Own(Some(self), mark);
        let booked = shared.book(mark).await;
        if let Err(Twin::Made(made)) = booked {
            self.note(mark, made);
        }
        // One that was lost is given up here, and stays noted elsewhere.
        if booked != Err(Twin::Lost) {
            booking.0 = None;
        }
        booked
    }

    fn try_book(&self, mark: u64) -> Result<Option<Arc<Semaphore>>, i64> {
        let mut all = self.all();
        match all.get(&mark) {
            Some(Create::Made(at, id)) if at.elapsed() < KEPT => return Err(*id),
            Some(Create::Flying(flying)) => return Ok(Some(flying.clone())),
            _ => {}
        }
        if all.len() >= MOST {
            all.retain(|_, create| !matches!(create, Create::Made(at, _) if at.elapsed() >= KEPT));
        }
        if all.len() < MOST {
            all.insert(mark, Create::Flying(Arc::new(Semaphore::new(0))));
        }
        Ok(None)
    }

    /// The record that an equal create made in the last ten minutes.
    pub fn made(&self, mark: u64) -> Option<i64> {
        match self.all().get(&mark) {
            Some(Create::Made(at, id)) if at.elapsed() < KEPT => Some(*id),
            _ => None,
        }
    }

    /// Notes the record that a booked create made.
    pub fn settle(&self, mark: u64, made: i64) {
        self.note(mark, made);
        self.elsewhere(async move |shared| shared.settle(mark, made, KEPT).await);
    }

    fn note(&self, mark: u64, made: i64) {
        let before = self.all().insert(mark, Create::Made(Instant::now(), made));
        if let Some(Create::Flying(flying)) = before {
            flying.close();
        }
    }

    /// Gives a booking up, unless it made a record.
    pub fn give_up(&self, mark: u64) {
        if self.forget(mark) {
            self.elsewhere(async move |shared| shared.give_up(mark).await);
        }
    }

    /// Whether there was a booking to forget.
    fn forget(&self, mark: u64) -> bool {
        let mut all = self.all();
        let Some(Create::Flying(flying)) = all.get(&mark) else {
            return false;
        };
        flying.close();
        all.remove(&mark);
        true
    }

    /// Tells the other replicas, beside whatever goes on.
    fn elsewhere<F>(&self, tell: impl FnOnce(Shared) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if let (Some(shared), Ok(runtime)) = (&self.shared, Handle::try_current()) {
            runtime.spawn(tell(shared.clone()));
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<u64, Create>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A booking in this process alone, given up when dropped.
struct Own<'a>(Option<&'a Recent>, u64);

impl Drop for Own<'_> {
    fn drop(&mut self) {
        if let Some(recent) = self.0 {
            recent.give_up(self.1);
        }
    }
}

/// A mark of what a create sends.
pub fn mark(request: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.canonical().hash(&mut hasher);
    hasher.finish()
}
