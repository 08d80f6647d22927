//! Records by name, and the names of records by id: one query an entity and page, kept for a quarter of an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use tokio::time::Instant;

use super::kept::{ERROR_TTL, VALUE_TTL, lock};
use super::search::PageReply;
use super::{Executor, RecordFields};
use crate::catalog::Entity;
use crate::client::request::Request;
use crate::error::{Code, Error};
use crate::filter::{Condition, Op, json_of};
use crate::resolver::matching::{MatchError, ambiguous, unknown};
use crate::resolver::{NameCandidate, NameRef, match_name, name_search};

/// More names than any desk sees in a quarter of an hour; a bound for the memory.
const MAX_CACHED_RECORD_NAMES: usize = 50_000;
/// The largest page, and so the largest `in`.
const MAX_PAGE_SIZE: usize = 500;

/// What records are called; nothing for those that are not there or may not be seen.
#[derive(Default)]
pub struct RecordNameCache {
    all: Mutex<HashMap<(Entity, i64), CachedNames>>,
    /// Entities whose records the API user may not read, which is not asked again and again.
    refused: Mutex<HashMap<Entity, (Instant, Error)>>,
}

type CachedNames = (Instant, Option<Arc<str>>);

impl Executor {
    /// What these records are called; only unknown ones are asked for, each page with one query.
    pub(super) async fn names_by_id(
        &self,
        entity: Entity,
        ids: &[i64],
    ) -> Result<HashMap<i64, Option<Arc<str>>>, Error> {
        if let Some(error) = self.names.cached_denial(entity) {
            return Err(error);
        }
        let mut names = self.names.cached(entity, ids);
        let mut unknown: Vec<_> =
            ids.iter().copied().filter(|id| !names.contains_key(id)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        for page in unknown.chunks(MAX_PAGE_SIZE) {
            let found = self.fetch_names(entity, page).await;
            let found = found.inspect_err(|error| self.names.cache_denial(entity, error))?;
            let of = |id: &i64| (*id, found.get(id).cloned());
            let page: Vec<_> = page.iter().map(of).collect();
            self.names.keep(entity, &page);
            names.extend(page);
        }
        Ok(names)
    }

    async fn fetch_names(
        &self,
        entity: Entity,
        ids: &[i64],
    ) -> Result<HashMap<i64, Arc<str>>, Error> {
        let id = entity.field("id");
        let id = id.ok_or_else(|| Error::internal(format!("{} has no id.", entity.name())))?;
        let clause = Condition::test(id, Op::In, ids.into());
        let columns = name_search::name_columns(entity);
        let found = self.query_columns(entity, &[clause], (&columns, MAX_PAGE_SIZE)).await?.items;
        Ok(found.iter().filter_map(|record| id_and_name(entity, record)).collect())
    }

    /// The candidate that a record's name means, among the company's own first; its name is then known.
    pub(super) async fn find_by_name(
        &self,
        entity: Entity,
        asked: &NameRef,
    ) -> Result<NameCandidate, Error> {
        if !name_search::has_searchable_names(entity) {
            return Err(entity_has_no_names_error(entity, asked));
        }
        let among = name_search::search_scopes(entity, asked);
        for (round, within) in among.iter().enumerate() {
            let candidates = self.candidates_for(entity, &asked.name, within.as_ref()).await;
            let candidates =
                candidates.map_err(|error| lookup_denied_error(entity, asked, error))?;
            match match_name(&asked.name, &candidates) {
                Ok(one) if round == 0 => return Ok(one),
                Ok(one) => return Ok(one.with_caveat("of another company")),
                Err(MatchError::Ambiguous(several)) => return Err(ambiguous(asked, &several)),
                Err(MatchError::NotFound) => {}
            }
        }
        Err(self.not_found_error(entity, asked).await)
    }

    /// What a name may mean among the records `within`, or among all.
    async fn candidates_for(
        &self,
        entity: Entity,
        name: &str,
        within: Option<&Condition>,
    ) -> Result<Vec<NameCandidate>, Error> {
        let also = |clause| match within {
            Some(within) => Condition::And(vec![within.clone(), clause]),
            None => clause,
        };
        let begun = also(name_search::name_filter(entity, name));
        let begun = self.fetch_named(entity, begun).await?;
        let mut records = begun.items;
        if begun.next.is_some() {
            let exact = also(name_search::exact_name_filter(entity, name));
            let exact = self.fetch_named(entity, exact).await?;
            records.extend(exact.items);
        }
        Ok(self.candidates(entity, &records))
    }

    /// A page of records with all that tells names apart.
    pub(super) async fn fetch_named(
        &self,
        entity: Entity,
        clause: Condition,
    ) -> Result<PageReply, Error> {
        let columns = name_search::columns(entity);
        self.query_columns(entity, &[clause], (&columns, MAX_PAGE_SIZE)).await
    }

    /// What records may be called; their names are then known.
    pub(super) fn candidates(
        &self,
        entity: Entity,
        records: &[RecordFields],
    ) -> Vec<NameCandidate> {
        let known: Vec<_> = records.iter().filter_map(|r| id_and_name(entity, r)).collect();
        let known: Vec<_> = known.into_iter().map(|(id, name)| (id, Some(name))).collect();
        self.names.keep(entity, &known);
        let mut candidates: Vec<NameCandidate> = Vec::new();
        for found in records.iter().filter_map(|r| name_search::candidate(entity, r)) {
            if !candidates.iter().any(|one| one.number == found.number) {
                candidates.push(found);
            }
        }
        candidates
    }

    /// The error, with the names that are most like the wanted one.
    async fn not_found_error(&self, entity: Entity, asked: &NameRef) -> Error {
        const MAX_SIMILAR_NAMES: usize = 100;
        let columns = name_search::columns(entity);
        // A list that is narrow by itself is told whole.
        let within = name_search::search_scopes(entity, asked).pop().flatten();
        let clause =
            within.unwrap_or_else(|| name_search::similar_name_filter(entity, &asked.name));
        let near = self.query_columns(entity, &[clause], (&columns, MAX_SIMILAR_NAMES)).await;
        let near = near.map_or_else(|_| Vec::new(), |reply| self.candidates(entity, &reply.items));
        let error = unknown(asked, entity.singular(), &near);
        match name_search::partial_name_filter(entity, &asked.name, &near) {
            Some(clause) => {
                let call = json!({ "entity": entity.name(), "query": json_of(&[clause]) });
                error.next(format!("query-entity {call} finds those called so in part."))
            }
            None => error,
        }
    }

    /// A page of records with these columns.
    pub(super) async fn query_columns(
        &self,
        entity: Entity,
        clauses: &[Condition],
        (columns, most): (&[&str], usize),
    ) -> Result<PageReply, Error> {
        let filter = json_of(clauses);
        let body = json!({ "filter": filter, "MaxRecords": most, "IncludeFields": columns });
        let path = format!("{}/query", entity.name());
        self.fetch_page(&Request::post(path, body)).await
    }
}

fn id_and_name(entity: Entity, record: &RecordFields) -> Option<(i64, Arc<str>)> {
    let id = record.get("id").and_then(Value::as_i64)?;
    Some((id, name_search::display_name(entity, record)?.into()))
}

/// A name cannot be looked up where its entity may not be read; a number can be given there too.
fn lookup_denied_error(entity: Entity, asked: &NameRef, error: Error) -> Error {
    match error.code() {
        Code::Forbidden | Code::NotAllowed => error.next(format!(
            "The name could not be looked up in {}: give {} as a number.",
            entity.name(),
            asked.argument
        )),
        _ => error,
    }
}

fn entity_has_no_names_error(entity: Entity, asked: &NameRef) -> Error {
    let message = format!("{}: records of {} have no names.", asked.argument, entity.name());
    Error::new(Code::BadArgument, message).accepts(format!("{}: an id, such as 5", asked.argument))
}

impl RecordNameCache {
    fn cached(&self, entity: Entity, ids: &[i64]) -> HashMap<i64, Option<Arc<str>>> {
        let all = self.all();
        let known = |id: &i64| {
            let (at, name) = all.get(&(entity, *id))?;
            (at.elapsed() < VALUE_TTL).then(|| (*id, name.clone()))
        };
        ids.iter().filter_map(known).collect()
    }

    /// What a record is called may be another since it was written.
    pub(super) fn forget(&self, entity: Entity, id: i64) {
        self.all().remove(&(entity, id));
    }

    fn keep(&self, entity: Entity, names: &[(i64, Option<Arc<str>>)]) {
        let (now, mut all) = (Instant::now(), self.all());
        if all.len() + names.len() > MAX_CACHED_RECORD_NAMES {
            all.retain(|_, (at, _)| at.elapsed() < VALUE_TTL);
        }
        if all.len() + names.len() > MAX_CACHED_RECORD_NAMES {
            all.clear();
        }
        let rows = names.iter().map(|(id, name)| ((entity, *id), (now, name.clone())));
        all.extend(rows);
    }

    fn cached_denial(&self, entity: Entity) -> Option<Error> {
        let refused = lock(&self.refused);
        let (at, error) = refused.get(&entity)?;
        (at.elapsed() < ERROR_TTL).then(|| error.clone())
    }

    fn cache_denial(&self, entity: Entity, error: &Error) {
        if error.code() == Code::Forbidden {
            lock(&self.refused).insert(entity, (Instant::now(), error.clone()));
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<(Entity, i64), CachedNames>> {
        lock(&self.all)
    }
}
