//! Creates of the last ten minutes and those in flight, so that an identical one is noticed.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::catalog::Entity;
use crate::cluster::ReplicaCoordinator;
use crate::cluster::at_most_once::PriorCreate;
use crate::plan::request::Request;
use crate::value::lock::lock;

const RECENT_CREATE_TTL: Duration = Duration::from_secs(600);
/// More than anyone confirms in ten minutes; further creates are rejected until older ones expire.
const MAX_RECENT_CREATES: usize = 10_000;

/// What was created or is being created, by a fingerprint of the request.
#[derive(Clone)]
pub struct RecentCreates {
    state: Arc<Mutex<State>>,
    /// Replicas that create too.
    coordinator: Option<ReplicaCoordinator>,
}

#[derive(Default)]
struct State {
    creates: HashMap<u64, CreateState>,
    /// Every created record, including deliberate duplicates.
    records: Vec<CreatedRecord>,
}

struct CreatedRecord {
    at: Instant,
    fingerprint: u64,
    entity: Entity,
    id: i64,
}

enum CreateState {
    Finished(Instant, PriorCreate),
    /// Closed once the outcome is known.
    InFlight(Arc<Semaphore>),
}

impl RecentCreates {
    /// No creates yet.
    pub fn new(coordinator: Option<ReplicaCoordinator>) -> Self {
        Self { state: Arc::default(), coordinator }
    }

    /// Reserves a create; waits for an identical one in flight.
    ///
    /// # Errors
    /// The result of an identical create in the last ten minutes.
    pub async fn reserve(
        &self,
        entity: Entity,
        fingerprint: u64,
    ) -> Result<CreateReservation, PriorCreate> {
        while let Some(in_flight) = self.try_reserve(fingerprint)? {
            // A semaphore without permits ends the wait only when it is closed.
            let _ = in_flight.acquire().await;
        }
        // From here on, a cancelled call releases its reservation.
        let reservation = self.reserve_duplicate(entity, fingerprint);
        if let Some(coordinator) = &self.coordinator {
            let reserved = coordinator.reserve(fingerprint).await;
            reserved.inspect_err(|prior| self.record(entity, fingerprint, *prior))?;
        }
        Ok(reservation)
    }

    /// Reserves a deliberate duplicate.
    pub fn reserve_duplicate(&self, entity: Entity, fingerprint: u64) -> CreateReservation {
        CreateReservation { recent: self.clone(), entity, fingerprint }
    }

    fn try_reserve(&self, fingerprint: u64) -> Result<Option<Arc<Semaphore>>, PriorCreate> {
        let creates = &mut self.state().creates;
        match creates.get(&fingerprint) {
            Some(CreateState::Finished(at, prior)) if is_recent(at) => return Err(*prior),
            Some(CreateState::InFlight(in_flight)) => return Ok(Some(in_flight.clone())),
            _ => {}
        }
        if creates.len() >= MAX_RECENT_CREATES {
            creates.retain(
                |_, create| !matches!(create, CreateState::Finished(at, _) if !is_recent(at)),
            );
        }
        if creates.len() >= MAX_RECENT_CREATES && !creates.contains_key(&fingerprint) {
            return Err(PriorCreate::Untracked);
        }
        creates.insert(fingerprint, CreateState::InFlight(Arc::new(Semaphore::new(0))));
        Ok(None)
    }

    /// The result of an identical create in the last ten minutes.
    pub fn find_prior(&self, fingerprint: u64) -> Option<PriorCreate> {
        match self.state().creates.get(&fingerprint) {
            Some(CreateState::Finished(at, prior)) if is_recent(at) => Some(*prior),
            _ => None,
        }
    }

    /// The records of an entity that were created here in the last ten minutes.
    pub fn created_ids(&self, entity: Entity) -> Vec<i64> {
        let state = self.state();
        let records = state.records.iter().filter(|record| is_recent(&record.at));
        let records = records.filter(|record| record.entity == entity);
        records.map(|record| record.id).collect()
    }

    /// Forgets a deleted record, so that an identical one may be created again.
    pub fn deleted(&self, entity: Entity, id: i64) {
        let state = &mut *self.state();
        let mut freed = Vec::new();
        let is_deleted = |record: &mut CreatedRecord| record.entity == entity && record.id == id;
        for deleted in state.records.extract_if(.., is_deleted) {
            let fingerprint = deleted.fingerprint;
            let is_same = |create: &CreateState| matches!(create, CreateState::Finished(_, PriorCreate::Created(created)) if *created == id);
            if state.creates.get(&fingerprint).is_some_and(is_same) {
                state.creates.remove(&fingerprint);
                freed.push(fingerprint);
            }
            self.notify_replicas(async move |shared| shared.forget_record(fingerprint, id).await);
        }
        // A deliberate duplicate of it may still exist.
        for left in state.records.iter().filter(|record| freed.contains(&record.fingerprint)) {
            let known = CreateState::Finished(left.at, PriorCreate::Created(left.id));
            state.creates.insert(left.fingerprint, known);
        }
    }

    fn record(&self, entity: Entity, fingerprint: u64, result: PriorCreate) {
        let (at, mut state) = (Instant::now(), self.state());
        if let PriorCreate::Created(id) = result {
            state.records.retain(|record| is_recent(&record.at));
            if state.records.len() < MAX_RECENT_CREATES {
                state.records.push(CreatedRecord { at, fingerprint, entity, id });
            }
        }
        // A create beyond the bound was allowed as a duplicate; another without that permission is rejected.
        if state.creates.len() >= MAX_RECENT_CREATES && !state.creates.contains_key(&fingerprint) {
            return;
        }
        let finished = CreateState::Finished(at, result);
        if let Some(CreateState::InFlight(in_flight)) = state.creates.insert(fingerprint, finished)
        {
            in_flight.close();
        }
    }

    /// Releases a reservation; whether there was one.
    fn release(&self, fingerprint: u64) -> bool {
        let creates = &mut self.state().creates;
        let Some(CreateState::InFlight(in_flight)) = creates.get(&fingerprint) else {
            return false;
        };
        in_flight.close();
        creates.remove(&fingerprint);
        true
    }

    /// Notifies the other replicas in the background.
    fn notify_replicas<F>(&self, notify: impl FnOnce(ReplicaCoordinator) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if let (Some(coordinator), Ok(runtime)) = (&self.coordinator, Handle::try_current()) {
            runtime.spawn(notify(coordinator.clone()));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn is_recent(at: &Instant) -> bool {
    at.elapsed() < RECENT_CREATE_TTL
}

/// A reserved create; released when dropped, unless its result was recorded.
pub struct CreateReservation {
    recent: RecentCreates,
    entity: Entity,
    fingerprint: u64,
}

impl CreateReservation {
    /// Records the result.
    pub fn finish(&self, result: PriorCreate) {
        let fingerprint = self.fingerprint;
        self.recent.record(self.entity, fingerprint, result);
        self.recent.notify_replicas(async move |shared| {
            shared.finish(fingerprint, result, RECENT_CREATE_TTL).await;
        });
    }
}

impl Drop for CreateReservation {
    fn drop(&mut self) {
        let fingerprint = self.fingerprint;
        if self.recent.release(fingerprint) {
            self.recent.notify_replicas(async move |shared| shared.release(fingerprint).await);
        }
    }
}

/// A fingerprint of a create's request.
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
        assert_eq!(recent.state().creates.len(), MAX_RECENT_CREATES);
        assert_eq!(recent.state().records.len(), MAX_RECENT_CREATES);
        tokio::time::advance(RECENT_CREATE_TTL).await;
        assert_eq!(create(7).await, Ok(()));
    }
}
