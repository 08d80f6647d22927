//! Finds records by name, and the names of records by id, with one query per entity and page.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::matching::{MatchError, ambiguous, unknown};
use super::name_search::CONTRACT;
use super::{NameCandidate, NameRef, Resolver, match_name, name_search};
use crate::catalog::Entity;
use crate::client::page::{MAX_PAGE_SIZE, PageReply};
use crate::error::{Code, Error};
use crate::filter::{Condition, Op, json_of};
use crate::value::cache::{ERROR_TTL, VALUE_TTL};
use crate::value::record::RecordFields;

/// The name of a record, and everything that checks of a write need to know about a referenced record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordName {
    /// Empty for a record without a name.
    pub name: Arc<str>,
    /// A caveat such as `inactive`.
    pub caveat: Option<&'static str>,
    /// Its owner: the project of a task, the company of other records.
    pub owner: Option<(Entity, i64)>,
    /// The contract of a ticket.
    pub contract: Option<i64>,
}

impl RecordName {
    /// The company that it belongs to.
    #[must_use]
    pub fn company(&self) -> Option<i64> {
        self.owner.filter(|(entity, _)| *entity == Entity::Companies).map(|(_, id)| id)
    }
}

/// Records by id; none for those that do not exist or are not visible.
pub type RecordNames = HashMap<i64, Option<RecordName>>;

impl Resolver {
    /// The names of these records; uncached ones are read with one query per page.
    ///
    /// # Errors
    /// The error of reading them.
    pub async fn names_by_id(&self, entity: Entity, ids: &[i64]) -> Result<RecordNames, Error> {
        if let Some(error) = self.denials.get(&entity) {
            return Err(error);
        }
        let cached = |id: &i64| Some((*id, self.record_names.get(&(entity, *id))?));
        let mut names: RecordNames = ids.iter().filter_map(cached).collect();
        let mut unknown: Vec<_> =
            ids.iter().copied().filter(|id| !names.contains_key(id)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        for page in unknown.chunks(MAX_PAGE_SIZE) {
            let found = self.fetch_names(entity, page).await;
            let found = found.inspect_err(|error| self.cache_denial(entity, error))?;
            let named = page.iter().map(|id| (*id, found.get(id).cloned()));
            let named: Vec<_> = named.collect();
            self.cache_names(entity, &named);
            names.extend(named);
        }
        Ok(names)
    }

    /// An id with the name if it can be read, such as `501 (Service Desk Engineer)`.
    pub async fn id_with_name(&self, entity: Entity, id: i64) -> String {
        let names = self.names_by_id(entity, &[id]).await.unwrap_or_default();
        match names.get(&id).and_then(Option::as_ref) {
            Some(record) => format!("{id} ({})", record.name),
            None => id.to_string(),
        }
    }

    async fn fetch_names(
        &self,
        entity: Entity,
        ids: &[i64],
    ) -> Result<HashMap<i64, RecordName>, Error> {
        let id = entity.field("id");
        let id = id.ok_or_else(|| Error::internal(format!("{} has no id.", entity.name())))?;
        let condition = Condition::test(id, Op::In, ids.into());
        let fields = name_search::name_columns(entity);
        let found = self.client.query(entity, &[condition], (&fields, MAX_PAGE_SIZE)).await?.items;
        Ok(found.iter().filter_map(|record| named_record(entity, record)).collect())
    }

    /// The record that a name means; searches the scopes of the name one after another.
    pub(super) async fn find_by_name(
        &self,
        entity: Entity,
        name: &NameRef,
    ) -> Result<NameCandidate, Error> {
        if !name_search::has_searchable_names(entity) {
            return Err(entity_has_no_names_error(entity, name));
        }
        let scopes = name_search::search_scopes(entity, name);
        for (round, scope) in scopes.iter().enumerate() {
            let candidates = self.candidates_for(entity, &name.name, scope.as_ref()).await;
            let candidates =
                candidates.map_err(|error| lookup_denied_error(entity, name, error))?;
            match match_name(&name.name, &candidates) {
                Ok(found) if round == 0 => return Ok(found),
                Ok(found) => return Ok(found.with_caveat("of another company")),
                Err(MatchError::Ambiguous(several)) => {
                    let several = several.into_iter().cloned().collect();
                    let several = self.with_owners(entity, several).await;
                    return Err(ambiguous(name, &several.iter().collect::<Vec<_>>()));
                }
                Err(MatchError::NotFound) => {}
            }
        }
        Err(self.not_found_error(entity, name).await)
    }

    /// The candidates for a name in a scope, or among all records.
    async fn candidates_for(
        &self,
        entity: Entity,
        name: &str,
        scope: Option<&Condition>,
    ) -> Result<Vec<NameCandidate>, Error> {
        let in_scope = |condition| match scope {
            Some(scope) => Condition::And(vec![scope.clone(), condition]),
            None => condition,
        };
        let prefix = in_scope(name_search::name_filter(entity, name));
        let matches = self.fetch_named(entity, prefix).await?;
        let mut records = matches.items;
        if matches.next.is_some() {
            let exact = in_scope(name_search::exact_name_filter(entity, name));
            records.extend(self.fetch_named(entity, exact).await?.items);
        }
        Ok(self.candidates(entity, &records))
    }

    /// A page of records with the fields that distinguish equal names.
    pub(super) async fn fetch_named(
        &self,
        entity: Entity,
        condition: Condition,
    ) -> Result<PageReply, Error> {
        let fields = name_search::columns(entity);
        self.client.query(entity, &[condition], (&fields, MAX_PAGE_SIZE)).await
    }

    /// The candidates for records; caches their names.
    pub fn candidates(&self, entity: Entity, records: &[RecordFields]) -> Vec<NameCandidate> {
        let names = records.iter().filter_map(|record| named_record(entity, record));
        let names: Vec<_> = names.map(|(id, name)| (id, Some(name))).collect();
        self.cache_names(entity, &names);
        let mut candidates: Vec<NameCandidate> = Vec::new();
        for found in records.iter().filter_map(|record| name_search::candidate(entity, record)) {
            if !candidates.iter().any(|one| one.number == found.number) {
                candidates.push(found);
            }
        }
        candidates
    }

    /// Replaces the id of the owner in each candidate's details by the owner's name.
    async fn with_owners(
        &self,
        entity: Entity,
        mut candidates: Vec<NameCandidate>,
    ) -> Vec<NameCandidate> {
        let Some((field, owner)) = name_search::owner_field(entity) else {
            return candidates;
        };
        let id = |detail: &String| detail.strip_prefix(field)?.trim().parse::<i64>().ok();
        let ids: Vec<_> = candidates.iter().flat_map(|one| &one.details).filter_map(id).collect();
        let names = self.names_by_id(owner, &ids).await.unwrap_or_default();
        for detail in candidates.iter_mut().flat_map(|one| &mut one.details) {
            if let Some(Some(owner)) = id(detail).and_then(|id| names.get(&id)) {
                *detail = owner.name.to_string();
            }
        }
        candidates
    }

    /// The error for a name that was not found, with the closest names.
    async fn not_found_error(&self, entity: Entity, name: &NameRef) -> Error {
        const MAX_SIMILAR_NAMES: usize = 100;
        let fields = name_search::columns(entity);
        // A scope is narrow enough to be listed completely.
        let scope = name_search::search_scopes(entity, name).pop().flatten();
        let condition =
            scope.unwrap_or_else(|| name_search::similar_name_filter(entity, &name.name));
        let similar = self.client.query(entity, &[condition], (&fields, MAX_SIMILAR_NAMES)).await;
        let similar =
            similar.map_or_else(|_| Vec::new(), |reply| self.candidates(entity, &reply.items));
        let similar = self.with_owners(entity, similar).await;
        let error = unknown(name, entity.singular(), &similar);
        match name_search::partial_name_filter(entity, &name.name, &similar) {
            Some(condition) => {
                let call = json!({ "entity": entity.name(), "query": json_of(&[condition]) });
                error.next(format!("query-entity {call} finds names that contain part of it."))
            }
            None => match search_call(entity, &name.name) {
                Some(call) => error.next(call),
                None => error,
            },
        }
    }

    fn cache_names(&self, entity: Entity, names: &[(i64, Option<RecordName>)]) {
        let names = names.iter().map(|(id, name)| ((entity, *id), name.clone()));
        self.record_names.extend(names, VALUE_TTL);
    }

    fn cache_denial(&self, entity: Entity, error: &Error) {
        if error.code() == Code::Forbidden {
            self.denials.insert(entity, error.clone(), ERROR_TTL);
        }
    }
}

fn named_record(entity: Entity, record: &RecordFields) -> Option<(i64, RecordName)> {
    let id = record.get("id").and_then(Value::as_i64)?;
    let name = name_search::describe(entity, record, None).unwrap_or_default().into();
    let caveat = name_search::inactive_reason(entity, record);
    let number = |field: &str| record.get(field).and_then(Value::as_i64);
    let owner = name_search::owner_field(entity);
    let owner = owner.and_then(|(field, owner)| Some((owner, number(field)?)));
    Some((id, RecordName { name, caveat, owner, contract: number(CONTRACT) }))
}

/// The call that searches for names that contain the beginning of this name.
fn search_call(entity: Entity, name: &str) -> Option<String> {
    const PART_CHARS: usize = 4;
    let (tool, argument) = match entity {
        Entity::Companies => ("search-companies", "nameContains"),
        Entity::Contacts => ("search-contacts", "nameContains"),
        Entity::Projects => ("search-projects", "nameContains"),
        Entity::Tickets => ("search-tickets", "titleContains"),
        _ => return None,
    };
    let part: String = name.split_whitespace().next()?.chars().take(PART_CHARS).collect();
    Some(format!("{tool} {}", json!({ argument: part })))
}

/// The error for a name whose entity may not be read; suggests an id.
fn lookup_denied_error(entity: Entity, name: &NameRef, error: Error) -> Error {
    match error.code() {
        Code::Forbidden | Code::NotAllowed => error.next(format!(
            "The name could not be looked up in {}: give {} as an id.",
            entity.name(),
            name.argument()
        )),
        _ => error,
    }
}

fn entity_has_no_names_error(entity: Entity, name: &NameRef) -> Error {
    let argument = name.argument();
    let message = format!("{argument}: records of {} have no names.", entity.name());
    Error::new(Code::BadArgument, message).accepts(format!("{argument}: an id, such as 5"))
}
