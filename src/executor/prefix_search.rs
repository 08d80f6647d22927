//! What may stand in a blank, by its beginning: one small read, remembered; a longer beginning narrows what is here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::ToSpan;
use serde_json::Value;
use tokio::time::Instant;

use super::kept::{ERROR_TTL, VALUE_TTL, lock};
use super::metadata::is_local_failure;
use super::{Executor, RecordFields};
use crate::completion::CompletionTarget;
use crate::error::{Code, Error};
use crate::filter::{Condition, matches};
use crate::value::datetime::DateOrInstant;

/// How many records one look reads.
const MATCHES_PER_REQUEST: usize = 50;
/// Help that comes later is none.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(10);
/// More beginnings than anybody types in a quarter of an hour; a bound for the memory.
const MAX_CACHED_SEARCHES: usize = 200;

/// The records that a beginning may mean.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrefixMatches {
    pub records: Vec<RecordFields>,
    /// Whether more records fit.
    pub more: bool,
}

/// What was asked for a moment ago.
#[derive(Default)]
pub(super) struct CompletionCache(Mutex<CacheState>);

#[derive(Default)]
struct CacheState {
    found: HashMap<(CompletionTarget, String), CachedMatches>,
    /// When a look failed; for a minute nothing is asked again.
    failed: HashMap<CompletionTarget, (Instant, Error)>,
}

struct CachedMatches {
    at: Instant,
    /// What had to hold besides.
    current: Option<Condition>,
    found: Arc<PrefixMatches>,
}

impl Executor {
    /// The records that may be meant by a beginning; none where the schema knows all.
    ///
    /// # Errors
    /// What Autotask, the way there or the credentials refused.
    pub async fn find_by_prefix(
        &self,
        blank: CompletionTarget,
        beginning: &str,
        closed: &[i64],
    ) -> Result<Arc<PrefixMatches>, Error> {
        if blank.entity().is_none() {
            return Ok(Arc::default());
        }
        let current = blank.active_filter(beginning, closed);
        let known = self.beginnings.cached(blank, beginning, current.as_ref())?;
        if let Some(known) = known {
            return Ok(known);
        }
        let found = self.search_prefix(blank, beginning, current.as_ref());
        let found = tokio::time::timeout(SEARCH_TIMEOUT, found).await;
        let found = found.unwrap_or_else(|_| Err(timeout_error()));
        let found = found.inspect_err(|error| self.beginnings.cache_failure(blank, error))?;
        let found = Arc::new(found);
        self.beginnings.keep((blank, beginning), current, &found);
        Ok(found)
    }

    async fn search_prefix(
        &self,
        blank: CompletionTarget,
        beginning: &str,
        current: Option<&Condition>,
    ) -> Result<PrefixMatches, Error> {
        let meant = blank.prefix_filter(beginning);
        let clauses: Vec<_> = meant.iter().chain(current).cloned().collect();
        let mut found = self.fetch_matches(blank, clauses.clone()).await?;
        let mut more = found.more;
        for nearer in blank.narrowing_filters(beginning, |back| self.tenant_date_days_ago(back)) {
            if !more {
                break;
            }
            let clauses = clauses.iter().cloned().chain([nearer]).collect();
            let near = self.fetch_matches(blank, clauses).await?;
            more = near.more;
            found.merge(near);
        }
        Ok(found)
    }

    fn tenant_date_days_ago(&self, days: i64) -> Option<String> {
        let since = self.client.tenant_time().checked_sub((days * 24).hours());
        Some(DateOrInstant::Instant(since.ok()?).date().to_wire())
    }

    async fn fetch_matches(
        &self,
        blank: CompletionTarget,
        mut clauses: Vec<Condition>,
    ) -> Result<PrefixMatches, Error> {
        let entity = blank.entity();
        let entity = entity.ok_or_else(|| Error::internal("A blank without records is asked."))?;
        if clauses.is_empty() {
            clauses.push(Condition::match_all(entity)?);
        }
        let columns = blank.columns();
        let reply = self.query_columns(entity, &clauses, (&columns, MATCHES_PER_REQUEST)).await?;
        Ok(PrefixMatches { records: reply.items, more: reply.next.is_some() })
    }
}

fn timeout_error() -> Error {
    Error::new(Code::Timeout, "The look-up took too long.")
}

impl PrefixMatches {
    /// Adds what is not there yet.
    fn merge(&mut self, others: Self) {
        let id = |record: &RecordFields| record.get("id").and_then(Value::as_i64);
        let known: Vec<_> = self.records.iter().map(id).collect();
        let fresh = others.records.into_iter();
        self.records.extend(fresh.filter(|one| !known.contains(&id(one))));
        self.more |= others.more;
    }

    fn narrowed(&self, meant: Option<Condition>) -> Self {
        let meant: Vec<_> = meant.into_iter().collect();
        let records = self.records.iter().filter(|one| matches(one, &meant));
        Self { records: records.cloned().collect(), more: false }
    }
}

impl CompletionCache {
    /// What is known: the same, or all of a shorter beginning with the same condition besides.
    fn cached(
        &self,
        blank: CompletionTarget,
        beginning: &str,
        current: Option<&Condition>,
    ) -> Result<Option<Arc<PrefixMatches>>, Error> {
        let inside = self.inside();
        let fresh = |begun: &str| {
            let kept = inside.found.get(&(blank, begun.to_lowercase()))?;
            let is_same = kept.current.as_ref() == current;
            (is_same && kept.at.elapsed() < ttl(blank)).then(|| kept.found.clone())
        };
        if let Some(same) = fresh(beginning) {
            return Ok(Some(same));
        }
        let shorter = beginning.char_indices().rev();
        let shorter = shorter.filter_map(|(at, _)| fresh(beginning.get(..at)?));
        let mut whole = shorter.filter(|found| !found.more && !found.records.is_empty());
        let narrowed = whole.next().map(|all| all.narrowed(blank.prefix_filter(beginning)));
        // Autotask may take letters for equal that are not so here: it is asked before there is nothing.
        let narrowed = narrowed.filter(|found| !found.records.is_empty());
        match inside.failed.get(&blank) {
            Some((at, error)) if narrowed.is_none() && at.elapsed() < ERROR_TTL => {
                Err(error.clone())
            }
            _ => Ok(narrowed.map(Arc::new)),
        }
    }

    fn keep(
        &self,
        (blank, beginning): (CompletionTarget, &str),
        current: Option<Condition>,
        found: &Arc<PrefixMatches>,
    ) {
        let mut inside = self.inside();
        if inside.found.len() >= MAX_CACHED_SEARCHES {
            inside.found.clear();
        }
        let kept = CachedMatches { at: Instant::now(), current, found: found.clone() };
        inside.found.insert((blank, beginning.to_lowercase()), kept);
    }

    fn cache_failure(&self, blank: CompletionTarget, error: &Error) {
        if !is_local_failure(error) {
            let failed = (Instant::now(), error.clone());
            self.inside().failed.insert(blank, failed);
        }
    }

    /// After a write there may be others.
    pub(super) fn forget(&self) {
        self.inside().found.clear();
    }

    fn inside(&self) -> MutexGuard<'_, CacheState> {
        lock(&self.0)
    }
}

/// Names last; which tickets are open changes by the minute.
fn ttl(blank: CompletionTarget) -> Duration {
    match blank {
        CompletionTarget::Ticket => ERROR_TTL,
        CompletionTarget::Entity
        | CompletionTarget::Company
        | CompletionTarget::Contact
        | CompletionTarget::Resource => VALUE_TTL,
    }
}
