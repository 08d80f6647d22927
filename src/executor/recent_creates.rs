//! Creates of the last ten minutes and those in flight, so that an equal one is noticed.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::catalog::Entity;
use crate::client::request::{PriorCreate, Request};
use crate::cluster::ReplicaCoordinator;

const RECENT_CREATE_TTL: Duration = Duration::from_secs(600);
/// More than anyone confirms in ten minutes; further creates are rejected until older ones expire.
const MAX_RECENT_CREATES: usize = 10_000;

/// What was created or is being created, by a mark of what was sent.
#[derive(Clone)]
pub struct RecentCreates {
    all: Arc<Mutex<State>>,
    /// Replicas that create too.
    shared: Option<ReplicaCoordinator>,
}

#[derive(Default)]
struct State {
    creates: HashMap<u64, CreateState>,
    /// Every record that was made, also beside an equal one.
    made: Vec<CreatedRecord>,
}

struct CreatedRecord {
    at: Instant,
    mark: u64,
    entity: Entity,
    id: i64,
}

enum CreateState {
    Finished(Instant, PriorCreate),
    /// Closed when the outcome is known.
    InFlight(Arc<Semaphore>),
}

impl RecentCreates {
    /// Nothing yet.
    pub fn new(shared: Option<ReplicaCoordinator>) -> Self {
        Self { all: Arc::default(), shared }
    }

    /// Books a create; an equal one in flight is waited for.
    ///
    /// # Errors
    /// What became of an equal create of the last ten minutes.
    pub async fn reserve(
        &self,
        entity: Entity,
        mark: u64,
    ) -> Result<CreateReservation, PriorCreate> {
        while let Some(flying) = self.try_book(mark)? {
            // A semaphore without permits ends the wait only when it is closed.
            let _ = flying.acquire().await;
        }
        // From here on, who gives up waiting leaves nothing behind.
        let booked = self.reserve_duplicate(entity, mark);
        if let Some(shared) = &self.shared {
            let told = shared.reserve(mark).await;
            told.inspect_err(|before| self.record(entity, mark, *before))?;
        }
        Ok(booked)
    }

    /// A create that may be made although an equal one was.
    pub fn reserve_duplicate(&self, entity: Entity, mark: u64) -> CreateReservation {
        CreateReservation { recent: self.clone(), entity, mark }
    }

    fn try_book(&self, mark: u64) -> Result<Option<Arc<Semaphore>>, PriorCreate> {
        let creates = &mut self.all().creates;
        match creates.get(&mark) {
            Some(CreateState::Finished(at, before)) if is_recent(at) => return Err(*before),
            Some(CreateState::InFlight(flying)) => return Ok(Some(flying.clone())),
            _ => {}
        }
        if creates.len() >= MAX_RECENT_CREATES {
            creates.retain(
                |_, create| !matches!(create, CreateState::Finished(at, _) if !is_recent(at)),
            );
        }
        if creates.len() >= MAX_RECENT_CREATES && !creates.contains_key(&mark) {
            return Err(PriorCreate::Untracked);
        }
        creates.insert(mark, CreateState::InFlight(Arc::new(Semaphore::new(0))));
        Ok(None)
    }

    /// What became of an equal create of the last ten minutes.
    pub fn find_prior(&self, mark: u64) -> Option<PriorCreate> {
        match self.all().creates.get(&mark) {
            Some(CreateState::Finished(at, before)) if is_recent(at) => Some(*before),
            _ => None,
        }
    }

    /// The records of an entity that were made here in the last ten minutes.
    pub fn created_ids(&self, entity: Entity) -> Vec<i64> {
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
            let is_gone = |create: &CreateState| matches!(create, CreateState::Finished(_, PriorCreate::Created(made)) if *made == id);
            if all.creates.get(&gone.mark).is_some_and(is_gone) {
                all.creates.remove(&gone.mark);
                twins.push(gone.mark);
            }
            self.notify_replicas(async move |shared| shared.forget_record(gone.mark, id).await);
        }
        // Another one, made beside it on purpose, may be left.
        for left in all.made.iter().filter(|made| twins.contains(&made.mark)) {
            let known = CreateState::Finished(left.at, PriorCreate::Created(left.id));
            all.creates.insert(left.mark, known);
        }
    }

    fn record(&self, entity: Entity, mark: u64, is: PriorCreate) {
        let (at, mut all) = (Instant::now(), self.all());
        if let PriorCreate::Created(id) = is {
            all.made.retain(|made| is_recent(&made.at));
            if all.made.len() < MAX_RECENT_CREATES {
                all.made.push(CreatedRecord { at, mark, entity, id });
            }
        }
        // A create beyond the bound was allowed as a duplicate; another without that permission is rejected.
        if all.creates.len() >= MAX_RECENT_CREATES && !all.creates.contains_key(&mark) {
            return;
        }
        if let Some(CreateState::InFlight(flying)) =
            all.creates.insert(mark, CreateState::Finished(at, is))
        {
            flying.close();
        }
    }

    /// Whether there was a booking to forget.
    fn forget(&self, mark: u64) -> bool {
        let creates = &mut self.all().creates;
        let Some(CreateState::InFlight(flying)) = creates.get(&mark) else {
            return false;
        };
        flying.close();
        creates.remove(&mark);
        true
    }

    /// Tells the other replicas, beside whatever goes on.
    fn notify_replicas<F>(&self, tell: impl FnOnce(ReplicaCoordinator) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if let (Some(shared), Ok(runtime)) = (&self.shared, Handle::try_current()) {
            runtime.spawn(tell(shared.clone()));
        }
    }

    fn all(&self) -> MutexGuard<'_, State> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_recent(at: &Instant) -> bool {
    at.elapsed() < RECENT_CREATE_TTL
}

/// A create's place among the recent ones: given up when dropped, unless an outcome was noted.
pub struct CreateReservation {
    recent: RecentCreates,
    entity: Entity,
    mark: u64,
}

impl CreateReservation {
    /// Notes what became of it.
    pub fn finish(&self, is: PriorCreate) {
        let mark = self.mark;
        self.recent.record(self.entity, mark, is);
        self.recent
            .notify_replicas(async move |shared| shared.finish(mark, is, RECENT_CREATE_TTL).await);
    }
}

impl Drop for CreateReservation {
    fn drop(&mut self) {
        let mark = self.mark;
        if self.recent.forget(mark) {
            self.recent.notify_replicas(async move |shared| shared.release(mark).await);
        }
    }
}

/// A mark of what a create sends.
pub fn fingerprint(request: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.canonical().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn identical_creates_are_rejected_also_beyond_the_bound() {
        let recent = RecentCreates::new(None);
        let create = async |mark| match recent.reserve(Entity::Tickets, mark).await {
            Ok(reservation) => {
                reservation.finish(PriorCreate::Created(1));
                Ok(())
            }
            Err(prior) => Err(prior),
        };
        for mark in 0..MAX_RECENT_CREATES as u64 {
            assert_eq!(create(mark).await, Ok(()));
        }
        assert_eq!(create(7).await, Err(PriorCreate::Created(1)));
        assert_eq!(create(u64::MAX).await, Err(PriorCreate::Untracked));
        let duplicate = recent.reserve_duplicate(Entity::Tickets, u64::MAX);
        duplicate.finish(PriorCreate::Created(2));
        assert_eq!(create(u64::MAX).await, Err(PriorCreate::Untracked));
        assert_eq!(recent.all().creates.len(), MAX_RECENT_CREATES);
        assert_eq!(recent.all().made.len(), MAX_RECENT_CREATES);
        tokio::time::advance(RECENT_CREATE_TTL).await;
        assert_eq!(create(7).await, Ok(()));
    }
}
