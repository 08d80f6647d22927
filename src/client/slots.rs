//! At most three requests in flight per object endpoint, as Autotask allows; the rest wait in a fair queue.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::budget::THRESHOLD;
use crate::error::Error;
use crate::schema::{Child, Entity};
use crate::shared::{Lease, Shared, Tally};

/// Integrations made since 2023 get three threads per object endpoint.
const AT_ONCE: usize = 3;
const ONE: u32 = 1;
const ALL: u32 = 3;

/// The queues, by object.
#[derive(Default)]
pub struct Slots {
    queues: Mutex<HashMap<&'static str, Arc<Semaphore>>>,
    /// Whom the places are shared with.
    shared: Option<Shared>,
}

/// A place on an endpoint, free again when dropped.
pub struct Slot {
    _permit: OwnedSemaphorePermit,
    lease: Option<Lease>,
}

impl Slot {
    fn of(permit: OwnedSemaphorePermit, lease: Option<Lease>) -> Self {
        Self { _permit: permit, lease }
    }

    /// What all replicas counted, this request included, where they share their places.
    pub fn tally(&self) -> Option<Tally> {
        self.lease.as_ref().map(|lease| lease.tally)
    }
}

impl Slots {
    /// No queues yet; places are shared with these replicas, if any.
    #[must_use]
    pub fn new(shared: Option<Shared>) -> Self {
        Self { queues: Mutex::default(), shared }
    }

    /// Waits for a place; who gives up waiting leaves the queue.
    ///
    /// # Errors
    /// Internal, if a queue was closed; none ever is.
    pub async fn take(&self, path: &str) -> Result<Slot, Error> {
        let queue = self.queue(object(path));
        let permit = places(&queue, ONE).await?;
        let Some(shared) = &self.shared else {
            return Ok(Slot::of(permit, None));
        };
        if let Some(lease) = shared.take(object(path), AT_ONCE).await {
            return Ok(Slot::of(permit, Some(lease)));
        }
        // Nobody knows what the other replicas send: one request at a time, which is all places of this process.
        drop(permit);
        places(&queue, ALL).await.map(|permit| Slot::of(permit, None))
    }

    fn queue(&self, object: &'static str) -> Arc<Semaphore> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(object);
        queue.or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE))).clone()
    }
}

async fn places(queue: &Arc<Semaphore>, many: u32) -> Result<OwnedSemaphorePermit, Error> {
    let places = queue.clone().acquire_many_owned(many).await;
    places.map_err(|_| Error::internal("A queue of requests was closed."))
}

/// The addresses besides those of entities.
const SERVICES: [&str; 3] = [THRESHOLD, "Version", "swagger"];
/// All objects that the schema does not know are one: their names are a caller's words, and there is no end of them.
const OTHER: &str = "other";

/// The object a path counts for: a child's own, not its parent's.
pub(super) fn object(path: &str) -> &'static str {
    let mut segments = path.split(['/', '?']);
    let first = segments.next().unwrap_or_default();
    let child = segments.nth(1);
    let known = child.and_then(|name| {
        Child::all().iter().find(|child| child.segment == first && child.name == name)
    });
    known.map_or_else(|| root(first), |child| child.entity.name())
}

fn root(name: &str) -> &'static str {
    let service = || SERVICES.into_iter().find(|known| *known == name);
    match Entity::named(name) {
        Some(entity) => entity.name(),
        None => service().unwrap_or(OTHER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_counts_for_itself() {
        let rows = [
            ("Tickets/query", "Tickets"),
            ("Tickets/7", "Tickets"),
            ("Tickets/entityInformation/fields", "Tickets"),
            ("Tickets/7/Notes", "TicketNotes"),
            ("Tickets/7/Notes/9", "TicketNotes"),
            ("TicketNotes/query/count", "TicketNotes"),
            ("Expenses/7/Items", "ExpenseItems"),
            ("TicketNotes/query/next?paging=1", "TicketNotes"),
            ("ThresholdInformation", "ThresholdInformation"),
            ("swagger/docs/v1", "swagger"),
            ("EntityInformation", "other"),
            ("AcmeSecretCustomer/entityInformation/fields", "other"),
            ("Gadgets/7/Notes", "other"),
        ];
        for (path, expected) in rows {
            assert_eq!(object(path), expected, "{path}");
        }
        for name in Entity::ALL.map(Entity::name) {
            assert_eq!(object(name), name);
        }
    }

    #[tokio::test]
    async fn the_fourth_waits_and_others_do_not() {
        let slots = Slots::default();
        let mut taken = Vec::new();
        for path in ["Tickets/1", "Tickets/2", "Tickets/query"] {
            taken.push(slots.take(path).await.expect("a slot"));
        }
        let wait = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(wait, slots.take("Tickets/3")).await.is_err());
        assert!(tokio::time::timeout(wait, slots.take("Tickets/3/Notes")).await.is_ok());
        taken.pop();
        assert!(tokio::time::timeout(wait, slots.take("Tickets/3")).await.is_ok());
    }
}
