//! Identical reads in flight are sent once.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

use super::caller_key::CallerKey;
use super::requesters::Requesters;
use super::response::body::Body;
use crate::error::Error;
use futures_util::FutureExt;
use futures_util::future::{Shared, WeakShared};
use parking_lot::Mutex;

type SharedResult = Result<Arc<Body>, Error>;
type SharedRead = (WeakShared<InFlight>, Requesters);
type InFlight = Pin<Box<dyn Future<Output = SharedResult> + Send>>;

/// The reads in flight, by key, and who waits for each.
#[derive(Clone, Default)]
pub struct SingleFlight(Arc<Mutex<HashMap<String, SharedRead>>>);

/// A caller that waits for a read; the last one to go removes the entry.
struct Waiter<'a> {
    reads: &'a SingleFlight,
    key: &'a str,
    read: Option<Shared<InFlight>>,
}

impl SingleFlight {
    /// Joins the read in flight with this key, or starts it. A caller that gives up does not stop the others.
    ///
    /// # Errors
    /// The error of the read.
    pub async fn run<F>(
        &self,
        key: &str,
        start: impl FnOnce(Requesters) -> F,
    ) -> Result<Body, Error>
    where
        F: Future<Output = Result<Body, Error>> + Send + 'static,
    {
        let read = self.join_or_start(key, start);
        let waiter = Waiter { reads: self, key, read: Some(read.clone()) };
        let result = read.await;
        drop(waiter);
        result.map(Arc::unwrap_or_clone)
    }

    /// Later callers start new reads; those in flight may predate a write.
    pub fn clear(&self) {
        self.0.lock().clear();
    }

    fn join_or_start<F>(&self, key: &str, start: impl FnOnce(Requesters) -> F) -> Shared<InFlight>
    where
        F: Future<Output = Result<Body, Error>> + Send + 'static,
    {
        let mut reads = self.0.lock();
        let known = reads.get(key).and_then(|(read, callers)| Some((read.upgrade()?, callers)));
        if let Some((read, callers)) = known.filter(|(read, _)| read.peek().is_none()) {
            callers.join(CallerKey::current());
            return read;
        }
        let callers = Requesters::current();
        let started = start(callers.clone());
        let read: InFlight = Box::pin(async move { started.await.map(Arc::new) });
        let read = read.shared();
        reads.extend(read.downgrade().map(|weak| (key.to_owned(), (weak, callers))));
        read
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut reads = self.reads.0.lock();
        self.read = None;
        let is_over = reads
            .get(self.key)
            .is_some_and(|(weak, _)| weak.upgrade().is_none_or(|read| read.peek().is_some()));
        if is_over {
            reads.remove(self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use serde_json::Value;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn identical_reads_in_flight_run_once() {
        let (reads, sent) = (SingleFlight::default(), Arc::new(AtomicUsize::new(0)));
        let read = |key: &'static str| {
            let (reads, sent) = (reads.clone(), sent.clone());
            async move {
                let start = |_| async move {
                    sent.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    Ok(Body::from(Value::from(key)))
                };
                reads.run(key, start).await
            }
        };
        let cancelled = tokio::time::timeout(Duration::from_millis(100), read("a"));
        let (cancelled, first, second, other) =
            tokio::join!(cancelled, read("a"), read("a"), read("b"));
        assert!(cancelled.is_err(), "the others go on");
        let body = |key: &str| Ok(Body::from(Value::from(key)));
        assert_eq!((first, second), (body("a"), body("a")));
        assert_eq!(other, body("b"));
        assert_eq!(sent.load(Ordering::SeqCst), 2);
        assert_eq!(read("a").await, body("a"), "a later one is sent again");
        assert_eq!(sent.load(Ordering::SeqCst), 3);
        assert!(reads.0.lock().is_empty(), "no entry remains");
        let (before, after) = tokio::join!(read("a"), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            reads.clear();
            read("a").await
        });
        assert!(before.is_ok() && after.is_ok());
        assert_eq!(sent.load(Ordering::SeqCst), 5, "no caller joins an older read");
    }
}
