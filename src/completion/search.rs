//! Finds the records for a prefix with one small, cached read; a longer prefix filters cached matches.

use std::sync::Arc;
use std::time::Duration;

use jiff::ToSpan;
use serde_json::Value;

use super::CompletionTarget;
use crate::client::Client;
use crate::error::{Code, Error};
use crate::filter::{Condition, matches};
use crate::resolver::is_local_failure;
use crate::value::cache::{Cache, ERROR_TTL, VALUE_TTL};
use crate::value::datetime::DateOrInstant;
use crate::value::record::RecordFields;

/// The number of records that one request reads.
const MATCHES_PER_REQUEST: usize = 50;
/// The longest wait for a completion.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(10);
/// More prefixes than anyone types within 15 minutes, the longest time to live.
const MAX_CACHED_SEARCHES: usize = 200;

/// The records that match a prefix.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrefixMatches {
    pub records: Vec<RecordFields>,
    /// Whether more records match.
    pub has_more: bool,
}

/// Finds records for a prefix and caches them.
pub struct CompletionSearch {
    client: Client,
    matches: Cache<(CompletionTarget, String), CachedMatches>,
    /// Failed searches, which are not repeated immediately.
    failed: Cache<CompletionTarget, Error>,
}

#[derive(Clone)]
struct CachedMatches {
    active: Option<Condition>,
    matches: Arc<PrefixMatches>,
}

impl CompletionSearch {
    /// A search in the tenant of this client.
    #[must_use]
    pub fn new(client: &Client) -> Self {
        let found = Cache::new(MAX_CACHED_SEARCHES);
        Self { client: client.clone(), matches: found, failed: Cache::new(MAX_CACHED_SEARCHES) }
    }

    /// The records that match a prefix; none if the schema lists the values.
    ///
    /// # Errors
    /// The error of the search, which may be a recent cached one.
    pub async fn find_by_prefix(
        &self,
        target: CompletionTarget,
        prefix: &str,
        closed: &[i64],
    ) -> Result<Arc<PrefixMatches>, Error> {
        if target.entity().is_none() {
            return Ok(Arc::default());
        }
        let active = target.active_filter(prefix, closed);
        if let Some(cached) = self.cached(target, prefix, active.as_ref()) {
            return Ok(cached);
        }
        if let Some(error) = self.failed.get(&target) {
            return Err(error);
        }
        let found = self.search(target, prefix, active.as_ref());
        let found = tokio::time::timeout(SEARCH_TIMEOUT, found).await;
        let found = found.unwrap_or_else(|_| Err(timeout_error()));
        let found = found.inspect_err(|error| {
            if !is_local_failure(error) {
                self.failed.insert(target, error.clone(), ERROR_TTL);
            }
        })?;
        let found = Arc::new(found);
        let cached = CachedMatches { active, matches: found.clone() };
        self.matches.insert((target, prefix.to_lowercase()), cached, ttl(target));
        Ok(found)
    }

    /// Drops all matches: a write may have changed them.
    pub fn clear(&self) {
        self.matches.clear();
    }

    async fn search(
        &self,
        target: CompletionTarget,
        prefix: &str,
        active: Option<&Condition>,
    ) -> Result<PrefixMatches, Error> {
        let filter = target.prefix_filter(prefix);
        let conditions: Vec<_> = filter.iter().chain(active).cloned().collect();
        let mut found = self.fetch_matches(target, conditions.clone()).await?;
        let mut more = found.has_more;
        for narrower in target.narrowing_filters(prefix, |days| self.tenant_date_days_ago(days)) {
            if !more {
                break;
            }
            let conditions = conditions.iter().cloned().chain([narrower]).collect();
            let narrowed = self.fetch_matches(target, conditions).await?;
            more = narrowed.has_more;
            found.merge(narrowed);
        }
        Ok(found)
    }

    fn tenant_date_days_ago(&self, days: i64) -> Option<String> {
        let since = self.client.tenant_time().checked_sub((days * 24).hours());
        Some(DateOrInstant::Instant(since.ok()?).date().to_wire())
    }

    async fn fetch_matches(
        &self,
        target: CompletionTarget,
        mut conditions: Vec<Condition>,
    ) -> Result<PrefixMatches, Error> {
        let entity = target.entity();
        let entity = entity.ok_or_else(|| Error::internal("The target has no records."))?;
        if conditions.is_empty() {
            conditions.push(Condition::match_all(entity)?);
        }
        let fields = target.columns();
        let reply = self.client.query(entity, &conditions, (&fields, MATCHES_PER_REQUEST)).await?;
        Ok(PrefixMatches { records: reply.items, has_more: reply.next.is_some() })
    }

    /// The cached matches of this prefix, or those of a shorter one with the same condition if they are complete.
    fn cached(
        &self,
        target: CompletionTarget,
        prefix: &str,
        active: Option<&Condition>,
    ) -> Option<Arc<PrefixMatches>> {
        let cached = |prefix: &str| {
            let cached = self.matches.get(&(target, prefix.to_lowercase()))?;
            (cached.active.as_ref() == active).then_some(cached.matches)
        };
        if let Some(same) = cached(prefix) {
            return Some(same);
        }
        let shorter = prefix.char_indices().rev();
        let shorter = shorter.filter_map(|(end, _)| cached(prefix.get(..end)?));
        let mut complete = shorter.filter(|found| !found.has_more && !found.records.is_empty());
        let narrowed = complete.next()?.narrowed(target.prefix_filter(prefix));
        // Autotask may consider letters equal that differ here, so only Autotask can report that nothing matches.
        (!narrowed.records.is_empty()).then(|| Arc::new(narrowed))
    }
}

fn timeout_error() -> Error {
    Error::new(Code::Timeout, "The search took too long.")
}

impl PrefixMatches {
    /// Adds the records that are new.
    fn merge(&mut self, other: Self) {
        let id = |record: &RecordFields| record.get("id").and_then(Value::as_i64);
        let known_ids: Vec<_> = self.records.iter().map(id).collect();
        let is_new = |record: &RecordFields| !known_ids.contains(&id(record));
        self.records.extend(other.records.into_iter().filter(is_new));
        self.has_more |= other.has_more;
    }

    fn narrowed(&self, filter: Option<Condition>) -> Self {
        let filter: Vec<_> = filter.into_iter().collect();
        let records = self.records.iter().filter(|record| matches(record, &filter));
        Self { records: records.cloned().collect(), has_more: false }
    }
}

/// The time to live of cached matches: names rarely change, but open tickets change every minute.
fn ttl(target: CompletionTarget) -> Duration {
    match target {
        CompletionTarget::Ticket => ERROR_TTL,
        CompletionTarget::Entity
        | CompletionTarget::Company
        | CompletionTarget::Contact
        | CompletionTarget::Resource => VALUE_TTL,
    }
}
