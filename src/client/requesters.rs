//! Who a request is made for: the caller of the current call, and others who wait for the same read.

use std::future::Future;
use std::sync::Arc;

use parking_lot::Mutex;

use super::fair_queue::{FairPermit, FairQueue, QueueFull};

/// A caller among those of this process: a name, and a role for metrics. The default is the server itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerKey {
    name: Arc<str>,
    /// Never a person.
    pub role: &'static str,
}

tokio::task_local! {
    /// Set for the whole call, as its trace is: no plan or name has a use for it.
    static CALLER: CallerKey;
}

/// The callers that wait for one request; clones share them.
#[derive(Clone)]
pub struct Requesters(Arc<Mutex<Inner>>);

struct Inner {
    callers: Vec<CallerKey>,
    /// The queue in which the request waited last, and its number there.
    place: Option<(FairQueue, u64)>,
}

impl CallerKey {
    /// The caller of this name; the operator has none.
    #[must_use]
    pub fn new(name: Option<&str>, role: &'static str) -> Self {
        Self { name: name.unwrap_or_default().into(), role }
    }

    /// The caller for whom this task works.
    #[must_use]
    pub fn current() -> Self {
        CALLER.try_with(Clone::clone).unwrap_or_else(|_| Self::new(None, "server"))
    }

    /// Runs a future whose requests are this caller's.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CALLER.scope(self, future).await
    }
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
