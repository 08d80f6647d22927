//! Creates of the last ten minutes and those in flight, so that an equal one is noticed.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::request::{Before, Request};
use crate::shared::Shared;

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
    Known(Instant, Before),
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
    /// What became of an equal create of the last ten minutes.
    pub async fn book(&self, mark: u64) -> Result<(), Before> {
        loop {
            let Some(flying) = self.try_book(mark)? else {
                return self.book_elsewhere(mark).await;
            };
            // A semaphore without permits ends the wait only when it is closed.
            let _ = flying.acquire().await;
        }
    }

    /// No other replica may make it either.
    async fn book_elsewhere(&self, mark: u64) -> Result<(), Before> {
        let Some(shared) = &self.shared else {
            return Ok(());
        };
        // Who gives up waiting for it leaves nothing behind.
        let mut booking = Own(Some(self), mark);
        let booked = shared.book(mark).await;
        if let Err(before) = booked {
            self.note(mark, before);
        }
        booking.0 = None;
        booked
    }

    fn try_book(&self, mark: u64) -> Result<Option<Arc<Semaphore>>, Before> {
        let mut all = self.all();
        match all.get(&mark) {
            Some(Create::Known(at, before)) if at.elapsed() < KEPT => return Err(*before),
            Some(Create::Flying(flying)) => return Ok(Some(flying.clone())),
            _ => {}
        }
        if all.len() >= MOST {
            all.retain(|_, create| !matches!(create, Create::Known(at, _) if at.elapsed() >= KEPT));
        }
        if all.len() < MOST {
            all.insert(mark, Create::Flying(Arc::new(Semaphore::new(0))));
        }
        Ok(None)
    }

    /// What became of an equal create of the last ten minutes.
    pub fn before(&self, mark: u64) -> Option<Before> {
        match self.all().get(&mark) {
            Some(Create::Known(at, before)) if at.elapsed() < KEPT => Some(*before),
            _ => None,
        }
    }

    /// Notes what became of a booked create.
    pub fn settle(&self, mark: u64, is: Before) {
        self.note(mark, is);
        self.elsewhere(async move |shared| shared.settle(mark, is, KEPT).await);
    }

    fn note(&self, mark: u64, is: Before) {
        let known = Create::Known(Instant::now(), is);
        if let Some(Create::Flying(flying)) = self.all().insert(mark, known) {
            flying.close();
        }
    }

    /// Gives a booking up, unless it may have made a record.
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
