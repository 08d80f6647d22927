//! Permits that are granted in turns: each caller with waiting requests gets one before any gets a second.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::caller_key::CallerKey;

/// The permits of one endpoint; clones share them.
#[derive(Clone)]
pub struct FairQueue(Arc<Mutex<QueueState>>);

struct QueueState {
    free: usize,
    max_waiting: usize,
    next_id: u64,
    waiting: HashMap<u64, Waiting>,
    /// The callers with waiting requests; the first one is next.
    turns: VecDeque<Line>,
}

/// The requests of one caller, the first one next.
struct Line {
    caller: CallerKey,
    requests: VecDeque<u64>,
}

struct Waiting {
    /// Several callers may wait for one request.
    callers: Vec<CallerKey>,
    permits: usize,
    grant: oneshot::Sender<()>,
}

/// Some permits, released when dropped.
pub struct FairPermit {
    queue: FairQueue,
    permits: usize,
}

/// A place in the queue, left when dropped.
pub struct Place {
    queue: FairQueue,
    id: u64,
    permits: usize,
    granted: oneshot::Receiver<()>,
}

/// The queue has no place left.
#[derive(Debug)]
pub struct QueueFull;

impl FairQueue {
    /// A queue with this many permits and places.
    #[must_use]
    pub fn new(permits: usize, max_waiting: usize) -> Self {
        let (waiting, turns) = (HashMap::new(), VecDeque::new());
        Self(Arc::new(Mutex::new(QueueState {
            free: permits,
            max_waiting,
            next_id: 0,
            waiting,
            turns,
        })))
    }

    /// A place for a request that needs so many permits at once. In a full queue, the newest request of the caller with
    /// the most makes room for one of a caller with fewer.
    ///
    /// # Errors
    /// `QueueFull` if these callers have the most requests themselves.
    pub fn enter(&self, callers: &[CallerKey], permits: usize) -> Result<Place, QueueFull> {
        let mut state = self.0.lock();
        if state.waiting.len() >= state.max_waiting {
            state.make_room(callers)?;
        }
        let id = state.next_id;
        state.next_id += 1;
        let (grant, granted) = oneshot::channel();
        state.waiting.insert(id, Waiting { callers: Vec::new(), permits, grant });
        for caller in callers {
            state.add_caller(id, caller);
        }
        state.grant_free();
        Ok(Place { queue: self.clone(), id, permits, granted })
    }

    /// Lets a waiting request take a turn of this caller too.
    pub fn add_caller(&self, id: u64, caller: &CallerKey) {
        let mut state = self.0.lock();
        state.add_caller(id, caller);
        state.grant_free();
    }
}

impl QueueState {
    /// Grants free permits to those whose turn it is. A request that needs more than are free holds up the others.
    fn grant_free(&mut self) {
        while let Some((id, permits)) = self.next().filter(|(_, permits)| *permits <= self.free) {
            self.turns.rotate_left(1);
            let Some(granted) = self.remove(id) else { return };
            // It is received or returned by the place, which leaves the queue before it drops the receiver.
            if granted.grant.send(()).is_ok() {
                self.free -= permits;
            }
        }
    }

    fn next(&self) -> Option<(u64, usize)> {
        let id = *self.turns.front()?.requests.front()?;
        self.waiting.get(&id).map(|request| (id, request.permits))
    }

    fn add_caller(&mut self, id: u64, caller: &CallerKey) {
        let Some(request) = self.waiting.get_mut(&id) else { return };
        if request.callers.contains(caller) {
            return;
        }
        request.callers.push(caller.clone());
        match self.turns.iter_mut().find(|line| line.caller == *caller) {
            Some(line) => line.requests.push_back(id),
            None => self.turns.push_back(Line { caller: caller.clone(), requests: [id].into() }),
        }
    }

    /// Takes a request out of the lines of all its callers.
    fn remove(&mut self, id: u64) -> Option<Waiting> {
        let request = self.waiting.remove(&id)?;
        for line in &mut self.turns {
            if request.callers.contains(&line.caller) {
                line.requests.retain(|waiting| *waiting != id);
            }
        }
        self.turns.retain(|line| !line.requests.is_empty());
        Some(request)
    }

    fn make_room(&mut self, callers: &[CallerKey]) -> Result<(), QueueFull> {
        let own = self.turns.iter().filter(|line| callers.contains(&line.caller));
        let own = own.map(|line| line.requests.len()).min().unwrap_or_default();
        let longest = self.turns.iter().max_by_key(|line| line.requests.len());
        let longest = longest.filter(|line| line.requests.len() > own + 1);
        let newest = longest.and_then(|line| line.requests.back().copied()).ok_or(QueueFull)?;
        self.remove(newest);
        Ok(())
    }
}

impl Place {
    /// The number of the request in its queue.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Waits for the permits.
    ///
    /// # Errors
    /// `QueueFull` if the request had to make room.
    pub async fn granted(mut self) -> Result<FairPermit, QueueFull> {
        (&mut self.granted).await.map_err(|_| QueueFull)?;
        Ok(FairPermit { queue: self.queue.clone(), permits: self.permits })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.queue.0.lock();
        // It was granted permits that are not received any more.
        if state.remove(self.id).is_none() && self.granted.try_recv().is_ok() {
            state.free += self.permits;
        }
        state.grant_free();
    }
}

impl Drop for FairPermit {
    fn drop(&mut self) {
        let mut state = self.queue.0.lock();
        state.free += self.permits;
        state.grant_free();
    }
}
