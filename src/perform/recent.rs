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
    pub async fn book(&self, mark: u64) -> Result<Booked, Before> {
        while let Some(flying) = self.try_book(mark)? {
            // A semaphore without permits ends the wait only when it is closed.
            let _ = flying.acquire().await;
        }
        // From here on, who gives up waiting leaves nothing behind.
        let booked = self.beside(mark);
        if let Some(shared) = &self.shared {
            shared
                .book(mark)
                .await
                .inspect_err(|before| self.note(mark, *before))?;
        }
        Ok(booked)
    }

    /// A create that may be made although an equal one was.
    pub fn beside(&self, mark: u64) -> Booked {
        Booked {
            recent: self.clone(),
            mark,
        }
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

    fn note(&self, mark: u64, is: Before) {
        let known = Create::Known(Instant::now(), is);
        if let Some(Create::Flying(flying)) = self.all().insert(mark, known) {
            flying.close();
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

/// A create's place among the recent ones: given up when dropped, unless an outcome was noted.
pub struct Booked {
    recent: Recent,
    mark: u64,
}

impl Booked {
    /// Notes what became of it.
    pub fn settle(&self, is: Before) {
        let mark = self.mark;
        self.recent.note(mark, is);
        self.recent
            .elsewhere(async move |shared| shared.settle(mark, is, KEPT).await);
    }
}

impl Drop for Booked {
    fn drop(&mut self) {
        let mark = self.mark;
        if self.recent.forget(mark) {
            self.recent
                .elsewhere(async move |shared| shared.give_up(mark).await);
        }
    }
}

/// A mark of what a create sends.
pub fn mark(request: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.canonical().hash(&mut hasher);
    hasher.finish()
}
