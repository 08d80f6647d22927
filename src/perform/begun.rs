//! What may stand in a blank, by its beginning: one small read, remembered; a longer beginning narrows what is here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::ToSpan;
use serde_json::Value;
use tokio::time::Instant;

use super::kept::{KEPT, REFUSAL_KEPT, lock};
use super::metadata::is_ours;
use super::{Fields, Performer};
use crate::blank::Blank;
use crate::error::{Code, Error};
use crate::filter::{Clause, matches};
use crate::moment::Moment;

/// How many records one look reads.
const PAGE: usize = 50;
/// Help that comes later is none.
const PATIENCE: Duration = Duration::from_secs(10);
/// More beginnings than anybody types in a quarter of an hour; a bound for the memory.
const MOST: usize = 200;

/// The records that a beginning may mean.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Begun {
    pub records: Vec<Fields>,
    /// Whether more records fit.
    pub more: bool,
}

/// What was asked for a moment ago.
#[derive(Default)]
pub(super) struct Beginnings(Mutex<Inside>);

#[derive(Default)]
struct Inside {
    found: HashMap<(Blank, String), Kept>,
    /// When a look failed; for a minute nothing is asked again.
    failed: HashMap<Blank, (Instant, Error)>,
}

struct Kept {
    at: Instant,
    /// What had to hold besides.
    current: Option<Clause>,
    found: Arc<Begun>,
}

impl Performer {
    /// The records that may be meant by a beginning; none where the schema knows all.
    ///
    /// # Errors
    /// What Autotask, the way there or the credentials refused.
    pub async fn begun(
        &self,
        blank: Blank,
        beginning: &str,
        closed: &[i64],
    ) -> Result<Arc<Begun>, Error> {
        if blank.entity().is_none() {
            return Ok(Arc::default());
        }
        let current = blank.current(beginning, closed);
        let known = self.beginnings.known(blank, beginning, current.as_ref())?;
        if let Some(known) = known {
            return Ok(known);
        }
        let found = self.looked_up(blank, beginning, current.as_ref());
        let found = tokio::time::timeout(PATIENCE, found).await;
        let found = found.unwrap_or_else(|_| Err(late()));
        let found = found.inspect_err(|error| self.beginnings.pause(blank, error))?;
        let found = Arc::new(found);
        self.beginnings.keep((blank, beginning), current, &found);
        Ok(found)
    }

    async fn looked_up(
        &self,
        blank: Blank,
        beginning: &str,
        current: Option<&Clause>,
    ) -> Result<Begun, Error> {
        let meant = blank.meant(beginning);
        let clauses: Vec<_> = meant.iter().chain(current).cloned().collect();
        let mut found = self.glance(blank, clauses.clone()).await?;
        let mut more = found.more;
        for nearer in blank.nearer(beginning, |back| self.days_ago(back)) {
            if !more {
                break;
            }
            let clauses = clauses.iter().cloned().chain([nearer]).collect();
            let near = self.glance(blank, clauses).await?;
            more = near.more;
            found.add(near);
        }
        Ok(found)
    }

    fn days_ago(&self, days: i64) -> Option<String> {
        let since = self.client.tenant_time().checked_sub((days * 24).hours());
        Some(Moment::Instant(since.ok()?).day().stored())
    }

    async fn glance(&self, blank: Blank, mut clauses: Vec<Clause>) -> Result<Begun, Error> {
        let entity = blank.entity();
        let entity = entity.ok_or_else(|| Error::internal("A blank without records is asked."))?;
        if clauses.is_empty() {
            clauses.push(Clause::everything(entity)?);
        }
        let columns = blank.columns();
        let reply = self.found(entity, &clauses, (&columns, PAGE)).await?;
        Ok(Begun { records: reply.items, more: reply.next.is_some() })
    }
}

fn late() -> Error {
    Error::new(Code::Timeout, "The look-up took too long.")
}

impl Begun {
    /// Adds what is not there yet.
    fn add(&mut self, others: Self) {
        let id = |record: &Fields| record.get("id").and_then(Value::as_i64);
        let known: Vec<_> = self.records.iter().map(id).collect();
        let fresh = others.records.into_iter();
        self.records.extend(fresh.filter(|one| !known.contains(&id(one))));
        self.more |= others.more;
    }

    fn narrowed(&self, meant: Option<Clause>) -> Self {
        let meant: Vec<_> = meant.into_iter().collect();
        let records = self.records.iter().filter(|one| matches(one, &meant));
        Self { records: records.cloned().collect(), more: false }
    }
}

impl Beginnings {
    /// What is known: the same, or all of a shorter beginning with the same condition besides.
    fn known(
        &self,
        blank: Blank,
        beginning: &str,
        current: Option<&Clause>,
    ) -> Result<Option<Arc<Begun>>, Error> {
        let inside = self.inside();
        let fresh = |begun: &str| {
            let kept = inside.found.get(&(blank, begun.to_lowercase()))?;
            let is_same = kept.current.as_ref() == current;
            (is_same && kept.at.elapsed() < blank_kept(blank)).then(|| kept.found.clone())
        };
        if let Some(same) = fresh(beginning) {
            return Ok(Some(same));
        }
        let shorter = beginning.char_indices().rev();
        let shorter = shorter.filter_map(|(at, _)| fresh(beginning.get(..at)?));
        let mut whole = shorter.filter(|found| !found.more && !found.records.is_empty());
        let narrowed = whole.next().map(|all| all.narrowed(blank.meant(beginning)));
        // Autotask may take letters for equal that are not so here: it is asked before there is nothing.
        let narrowed = narrowed.filter(|found| !found.records.is_empty());
        match inside.failed.get(&blank) {
            Some((at, error)) if narrowed.is_none() && at.elapsed() < REFUSAL_KEPT => {
                Err(error.clone())
            }
            _ => Ok(narrowed.map(Arc::new)),
        }
    }

    fn keep(&self, (blank, beginning): (Blank, &str), current: Option<Clause>, found: &Arc<Begun>) {
        let mut inside = self.inside();
        if inside.found.len() >= MOST {
            inside.found.clear();
        }
        let kept = Kept { at: Instant::now(), current, found: found.clone() };
        inside.found.insert((blank, beginning.to_lowercase()), kept);
    }

    fn pause(&self, blank: Blank, error: &Error) {
        if !is_ours(error) {
            let failed = (Instant::now(), error.clone());
            self.inside().failed.insert(blank, failed);
        }
    }

    /// After a write there may be others.
    pub(super) fn forget(&self) {
        self.inside().found.clear();
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        lock(&self.0)
    }
}

/// Names last; which tickets are open changes by the minute.
fn blank_kept(blank: Blank) -> Duration {
    match blank {
        Blank::Ticket => REFUSAL_KEPT,
        Blank::Entity | Blank::Company | Blank::Contact | Blank::Resource => KEPT,
    }
}
