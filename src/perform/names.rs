//! Records by name, and the names of records by id: one query an entity and page, kept for a quarter of an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use tokio::time::Instant;

use super::kept::{KEPT, REFUSAL_KEPT, lock};
use super::search::Reply;
use super::{Fields, Performer};
use crate::error::{Code, Error};
use crate::filter::{Clause, Op, json_of};
use crate::names::candidate::{Missed, ambiguous, unknown};
use crate::names::{Asked, Candidate, look_up, pick};
use crate::request::Request;
use crate::schema::Entity;

/// More names than any desk sees in a quarter of an hour; a bound for the memory.
const MOST: usize = 50_000;
/// The largest page, and so the largest `in`.
const PAGE: usize = 500;

/// What records are called; nothing for those that are not there or may not be seen.
#[derive(Default)]
pub struct Names {
    all: Mutex<HashMap<(Entity, i64), Kept>>,
    /// Entities whose records the API user may not read, which is not asked again and again.
    refused: Mutex<HashMap<Entity, (Instant, Error)>>,
}

type Kept = (Instant, Option<Arc<str>>);

impl Performer {
    /// What these records are called; only unknown ones are asked for, each page with one query.
    pub(super) async fn names_of(
        &self,
        entity: Entity,
        ids: &[i64],
    ) -> Result<HashMap<i64, Option<Arc<str>>>, Error> {
        if let Some(error) = self.names.refusal(entity) {
            return Err(error);
        }
        let mut names = self.names.fresh(entity, ids);
        let mut unknown: Vec<_> =
            ids.iter().copied().filter(|id| !names.contains_key(id)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        for page in unknown.chunks(PAGE) {
            let found = self.asked_for(entity, page).await;
            let found = found.inspect_err(|error| self.names.refuse(entity, error))?;
            let of = |id: &i64| (*id, found.get(id).cloned());
            let page: Vec<_> = page.iter().map(of).collect();
            self.names.keep(entity, &page);
            names.extend(page);
        }
        Ok(names)
    }

    async fn asked_for(
        &self,
        entity: Entity,
        ids: &[i64],
    ) -> Result<HashMap<i64, Arc<str>>, Error> {
        let id = entity.field("id");
        let id = id.ok_or_else(|| Error::internal(format!("{} has no id.", entity.name())))?;
        let clause = Clause::test(id, Op::In, ids.into());
        let columns = look_up::name_columns(entity);
        let found = self.found(entity, &[clause], (&columns, PAGE)).await?.items;
        Ok(found.iter().filter_map(|record| named(entity, record)).collect())
    }

    /// The candidate that a record's name means, among the company's own first; its name is then known.
    pub(super) async fn record_called(
        &self,
        entity: Entity,
        asked: &Asked,
    ) -> Result<Candidate, Error> {
        if !look_up::is_named(entity) {
            return Err(nameless(entity, asked));
        }
        let among = look_up::among(entity, asked);
        for (round, within) in among.iter().enumerate() {
            let candidates = self.called(entity, &asked.name, within.as_ref()).await;
            let candidates = candidates.map_err(|error| unread(entity, asked, error))?;
            match pick(&asked.name, &candidates) {
                Ok(one) if round == 0 => return Ok(one),
                Ok(one) => return Ok(one.but("of another company")),
                Err(Missed::Several(several)) => return Err(ambiguous(asked, &several)),
                Err(Missed::Nothing) => {}
            }
        }
        Err(self.no_record(entity, asked).await)
    }

    /// What a name may mean among the records `within`, or among all.
    async fn called(
        &self,
        entity: Entity,
        name: &str,
        within: Option<&Clause>,
    ) -> Result<Vec<Candidate>, Error> {
        let also = |clause| match within {
            Some(within) => Clause::All(vec![within.clone(), clause]),
            None => clause,
        };
        let begun = also(look_up::clauses(entity, name));
        let begun = self.named_so(entity, begun).await?;
        let mut records = begun.items;
        if begun.next.is_some() {
            let exact = also(look_up::exactly(entity, name));
            let exact = self.named_so(entity, exact).await?;
            records.extend(exact.items);
        }
        Ok(self.candidates(entity, &records))
    }

    /// A page of records with all that tells names apart.
    pub(super) async fn named_so(&self, entity: Entity, clause: Clause) -> Result<Reply, Error> {
        let columns = look_up::columns(entity);
        self.found(entity, &[clause], (&columns, PAGE)).await
    }

    /// What records may be called; their names are then known.
    pub(super) fn candidates(&self, entity: Entity, records: &[Fields]) -> Vec<Candidate> {
        let known: Vec<_> = records.iter().filter_map(|r| named(entity, r)).collect();
        let known: Vec<_> = known.into_iter().map(|(id, name)| (id, Some(name))).collect();
        self.names.keep(entity, &known);
        let mut candidates: Vec<Candidate> = Vec::new();
        for found in records.iter().filter_map(|r| look_up::candidate(entity, r)) {
            if !candidates.iter().any(|one| one.number == found.number) {
                candidates.push(found);
            }
        }
        candidates
    }

    /// The error, with the names that are most like the wanted one.
    async fn no_record(&self, entity: Entity, asked: &Asked) -> Error {
        const SOME: usize = 100;
        let columns = look_up::columns(entity);
        // A list that is narrow by itself is told whole.
        let within = look_up::among(entity, asked).pop().flatten();
        let clause = within.unwrap_or_else(|| look_up::nearby(entity, &asked.name));
        let near = self.found(entity, &[clause], (&columns, SOME)).await;
        let near = near.map_or_else(|_| Vec::new(), |reply| self.candidates(entity, &reply.items));
        let error = unknown(asked, entity.singular(), &near);
        match look_up::partly(entity, &asked.name, &near) {
            Some(clause) => {
                let call = json!({ "entity": entity.name(), "query": json_of(&[clause]) });
                error.next(format!("query-entity {call} finds those called so in part."))
            }
            None => error,
        }
    }

    /// A page of records with these columns.
    pub(super) async fn found(
        &self,
        entity: Entity,
        clauses: &[Clause],
        (columns, most): (&[&str], usize),
    ) -> Result<Reply, Error> {
        let filter = json_of(clauses);
        let body = json!({ "filter": filter, "MaxRecords": most, "IncludeFields": columns });
        let path = format!("{}/query", entity.name());
        self.page(&Request::post(path, body)).await
    }
}

fn named(entity: Entity, record: &Fields) -> Option<(i64, Arc<str>)> {
    let id = record.get("id").and_then(Value::as_i64)?;
    Some((id, look_up::called(entity, record)?.into()))
}

/// A name cannot be looked up where its entity may not be read; a number can be given there too.
fn unread(entity: Entity, asked: &Asked, error: Error) -> Error {
    match error.code() {
        Code::Forbidden | Code::NotAllowed => error.next(format!(
            "The name could not be looked up in {}: give {} as a number.",
            entity.name(),
            asked.argument
        )),
        _ => error,
    }
}

fn nameless(entity: Entity, asked: &Asked) -> Error {
    let message = format!("{}: records of {} have no names.", asked.argument, entity.name());
    Error::new(Code::BadArgument, message).accepts(format!("{}: an id, such as 5", asked.argument))
}

impl Names {
    fn fresh(&self, entity: Entity, ids: &[i64]) -> HashMap<i64, Option<Arc<str>>> {
        let all = self.all();
        let known = |id: &i64| {
            let (at, name) = all.get(&(entity, *id))?;
            (at.elapsed() < KEPT).then(|| (*id, name.clone()))
        };
        ids.iter().filter_map(known).collect()
    }

    /// What a record is called may be another since it was written.
    pub(super) fn forget(&self, entity: Entity, id: i64) {
        self.all().remove(&(entity, id));
    }

    fn keep(&self, entity: Entity, names: &[(i64, Option<Arc<str>>)]) {
        let (now, mut all) = (Instant::now(), self.all());
        if all.len() + names.len() > MOST {
            all.retain(|_, (at, _)| at.elapsed() < KEPT);
        }
        if all.len() + names.len() > MOST {
            all.clear();
        }
        let rows = names.iter().map(|(id, name)| ((entity, *id), (now, name.clone())));
        all.extend(rows);
    }

    fn refusal(&self, entity: Entity) -> Option<Error> {
        let refused = lock(&self.refused);
        let (at, error) = refused.get(&entity)?;
        (at.elapsed() < REFUSAL_KEPT).then(|| error.clone())
    }

    fn refuse(&self, entity: Entity, error: &Error) {
        if error.code() == Code::Forbidden {
            lock(&self.refused).insert(entity, (Instant::now(), error.clone()));
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<(Entity, i64), Kept>> {
        lock(&self.all)
    }
}
