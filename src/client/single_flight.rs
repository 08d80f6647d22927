//! Identical reads in flight are sent once.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{Shared, WeakShared};
use serde_json::Value;

use crate::error::Error;

type FlightResult = Result<Arc<Value>, Error>;
type InFlight = Pin<Box<dyn Future<Output = FlightResult> + Send>>;

/// The reads in flight, by what they ask.
#[derive(Clone, Default)]
pub struct SingleFlight(Arc<Mutex<HashMap<String, WeakShared<InFlight>>>>);

/// A caller's part in a flight; the last one to leave takes the entry along.
struct Waiter<'a> {
    flights: &'a SingleFlight,
    asked: &'a str,
    flight: Option<Shared<InFlight>>,
}

impl SingleFlight {
    /// Joins the flight that asks the same, or begins it. Who gives up leaves the others their answer.
    ///
    /// # Errors
    /// The error of the flight.
    pub async fn run<F>(&self, asked: &str, begin: impl FnOnce() -> F) -> Result<Value, Error>
    where
        F: Future<Output = Result<Value, Error>> + Send + 'static,
    {
        let flight = self.join_or_start(asked, begin);
        let seat = Waiter { flights: self, asked, flight: Some(flight.clone()) };
        let outcome = flight.await;
        drop(seat);
        outcome.map(Arc::unwrap_or_clone)
    }

    /// Whoever asks from now on begins anew: what is in flight may have been read before a write.
    pub fn clear(&self) {
        self.all().clear();
    }

    fn join_or_start<F>(&self, asked: &str, begin: impl FnOnce() -> F) -> Shared<InFlight>
    where
        F: Future<Output = Result<Value, Error>> + Send + 'static,
    {
        let mut flights = self.all();
        if let Some(flight) =
            flights.get(asked).and_then(WeakShared::upgrade).filter(|f| f.peek().is_none())
        {
            return flight;
        }
        let begun = begin();
        let flight: InFlight = Box::pin(async move { begun.await.map(Arc::new) });
        let flight = flight.shared();
        flights.extend(flight.downgrade().map(|weak| (asked.to_owned(), weak)));
        flight
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, WeakShared<InFlight>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut flights = self.flights.all();
        self.flight = None;
        let over = flights
            .get(self.asked)
            .is_some_and(|weak| weak.upgrade().is_none_or(|flight| flight.peek().is_some()));
        if over {
            flights.remove(self.asked);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_same_question_is_asked_once_at_a_time() {
        let (flights, sent) = (SingleFlight::default(), Arc::new(AtomicUsize::new(0)));
        let ask = |asked: &'static str| {
            let (flights, sent) = (flights.clone(), sent.clone());
            async move {
                let begin = || async move {
                    sent.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    Ok(Value::from(asked))
                };
                flights.run(asked, begin).await
            }
        };
        let impatient = tokio::time::timeout(Duration::from_millis(100), ask("a"));
        let (gone, first, second, other) = tokio::join!(impatient, ask("a"), ask("a"), ask("b"));
        assert!(gone.is_err(), "who gives up gets nothing");
        assert_eq!((first, second), (Ok("a".into()), Ok("a".into())));
        assert_eq!(other, Ok("b".into()));
        assert_eq!(sent.load(Ordering::SeqCst), 2);
        assert_eq!(ask("a").await, Ok("a".into()), "a later one is asked anew");
        assert_eq!(sent.load(Ordering::SeqCst), 3);
        assert!(flights.all().is_empty(), "nothing is left behind");
        let (before, after) = tokio::join!(ask("a"), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            flights.clear();
            ask("a").await
        });
        assert!(before.is_ok() && after.is_ok());
        assert_eq!(sent.load(Ordering::SeqCst), 5, "nobody joins an older flight");
    }
}
