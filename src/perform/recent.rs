//! Creates of the last ten minutes and those in flight, so that an equal one is noticed.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::request::{Before, Request};
use crate::schema::Entity;
use crate::shared::Shared;

const KEPT: Duration = Duration::from_secs(600);
/// More than anyone confirms in ten minutes; a bound, so that no flood fills the memory.
const MOST: usize = 10_000;

/// What was created or is being created, by a mark of what was sent.
#[derive(Clone)]
pub struct Recent {
    all: Arc<Mutex<All>>,
    /// Replicas that create too.
    shared: Option<Shared>,
}

#[derive(Default)]
struct All {
    creates: HashMap<u64, Create>,
    /// Every record that was made, also beside an equal one.
    made: Vec<Made>,
}

struct Made {
    at: Instant,
    mark: u64,
    entity: Entity,
    id: i64,
}

enum Create {
    Known(Instant, Before),
    /// Closed when the outcome is known.
    Flying(Arc<Semaphore>),
}

impl Recent {
    /// Nothing yet.
    pub fn new(shared: Option<Shared>) -> Self {
        Self { all: Arc::default(), shared }
    }

    /// Books a create; an equal one in flight is waited for.
    ///
    /// # Errors
    /// What became of an equal create of the last ten minutes.
    pub async fn book(&self, entity: Entity, mark: u64) -> Result<Booked, Before> {
        while let Some(flying) = self.try_book(mark)? {
            // A semaphore without permits ends the wait only when it is closed.
            let _ = flying.acquire().await;
        }
        // From here on, who gives up waiting leaves nothing behind.
        let booked = self.beside(entity, mark);
        if let Some(shared) = &self.shared {
            let told = shared.book(mark).await;
            told.inspect_err(|before| self.note(entity, mark, *before))?;
        }
        Ok(booked)
    }

    /// A create that may be made although an equal one was.
    pub fn beside(&self, entity: Entity, mark: u64) -> Booked {
        Booked { recent: self.clone(), entity, mark }
    }

    fn try_book(&self, mark: u64) -> Result<Option<Arc<Semaphore>>, Before> {
        let creates = &mut self.all().creates;
        match creates.get(&mark) {
            Some(Create::Known(at, before)) if is_recent(at) => return Err(*before),
            Some(Create::Flying(flying)) => return Ok(Some(flying.clone())),
            _ => {}
        }
        if creates.len() >= MOST {
            creates.retain(|_, create| !matches!(create, Create::Known(at, _) if !is_recent(at)));
        }
        if creates.len() < MOST {
            creates.insert(mark, Create::Flying(Arc::new(Semaphore::new(0))));
        }
        Ok(None)
    }

    /// What became of an equal create of the last ten minutes.
    pub fn before(&self, mark: u64) -> Option<Before> {
        match self.all().creates.get(&mark) {
            Some(Create::Known(at, before)) if is_recent(at) => Some(*before),
            _ => None,
        }
    }

    /// The records of an entity that were made here in the last ten minutes.
    pub fn made(&self, entity: Entity) -> Vec<i64> {
        let all = self.all();
        let made = all.made.iter().filter(|made| is_recent(&made.at));
        let made = made.filter(|made| made.entity == entity);
        made.map(|made| made.id).collect()
    }

    /// Forgets a record that is gone: an equal one may be made again.
    pub fn deleted(&self, entity: Entity, id: i64) {
        let all = &mut *self.all();
        let mut twins = Vec::new();
        for gone in all.made.extract_if(.., |made| made.entity == entity && made.id == id) {
            let is_gone = |create: &Create| matches!(create, Create::Known(_, Before::Made(made)) if *made == id);
            if all.creates.get(&gone.mark).is_some_and(is_gone) {
                all.creates.remove(&gone.mark);
                twins.push(gone.mark);
            }
            self.elsewhere(async move |shared| shared.unmake(gone.mark, id).await);
        }
        // Another one, made beside it on purpose, may be left.
        for left in all.made.iter().filter(|made| twins.contains(&made.mark)) {
            let known = Create::Known(left.at, Before::Made(left.id));
            all.creates.insert(left.mark, known);
        }
    }

    fn note(&self, entity: Entity, mark: u64, is: Before) {
        let (at, mut all) = (Instant::now(), self.all());
        if let Before::Made(id) = is {
            all.made.retain(|made| is_recent(&made.at));
            let made = Made { at, mark, entity, id };
            all.made.push(made);
        }
        if let Some(Create::Flying(flying)) = all.creates.insert(mark, Create::Known(at, is)) {
            flying.close();
        }
    }

    /// Whether there was a booking to forget.
    fn forget(&self, mark: u64) -> bool {
        let creates = &mut self.all().creates;
        let Some(Create::Flying(flying)) = creates.get(&mark) else {
            return false;
        };
        flying.close();
        creates.remove(&mark);
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

    fn all(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_recent(at: &Instant) -> bool {
    at.elapsed() < KEPT
}

/// A create's place among the recent ones: given up when dropped, unless an outcome was noted.
pub struct Booked {
    recent: Recent,
    entity: Entity,
    mark: u64,
}

impl Booked {
    /// Notes what became of it.
    pub fn settle(&self, is: Before) {
        let mark = self.mark;
        self.recent.note(self.entity, mark, is);
        self.recent.elsewhere(async move |shared| shared.settle(mark, is, KEPT).await);
    }
}

impl Drop for Booked {
    fn drop(&mut self) {
        let mark = self.mark;
        if self.recent.forget(mark) {
            self.recent.elsewhere(async move |shared| shared.give_up(mark).await);
        }
    }
}

/// A mark of what a create sends.
pub fn mark(request: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.canonical().hash(&mut hasher);
    hasher.finish()
}
