//! Who a request is made for: the caller of the current call, and others who wait for the same read.

use std::sync::Arc;

use parking_lot::Mutex;

use super::caller_key::CallerKey;
use super::fair_queue::{FairPermit, FairQueue, QueueFull};

/// The callers that wait for one request; clones share them.
#[derive(Clone)]
pub struct Requesters(Arc<Mutex<Inner>>);

struct Inner {
    callers: Vec<CallerKey>,
    /// The queue in which the request waited last, and its number there.
    place: Option<(FairQueue, u64)>,
}

impl Requesters {
    /// The caller for whom this task works.
    #[must_use]
    pub fn current() -> Self {
        Self(Arc::new(Mutex::new(Inner { callers: vec![CallerKey::current()], place: None })))
    }

    /// The role of the caller that made the request first.
    #[must_use]
    pub fn role(&self) -> &'static str {
        self.0.lock().callers.first().map_or("", |caller| caller.role)
    }

    /// Lets another caller wait for the request, also in its turns.
    pub fn join(&self, caller: CallerKey) {
        let mut inner = self.0.lock();
        if inner.callers.contains(&caller) {
            return;
        }
        if let Some((queue, id)) = &inner.place {
            queue.add_caller(*id, &caller);
        }
        inner.callers.push(caller);
    }

    /// Waits in a queue for so many permits at once.
    ///
    /// # Errors
    /// `QueueFull`.
    pub async fn wait_in(
        &self,
        queue: &FairQueue,
        permits: usize,
    ) -> Result<FairPermit, QueueFull> {
        let place = {
            let mut inner = self.0.lock();
            let place = queue.enter(&inner.callers, permits)?;
            inner.place = Some((queue.clone(), place.id()));
            place
        };
        place.granted().await
    }
}
