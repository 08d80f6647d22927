//! Resolves several names of one entity with one query, or with a few if a filter cannot contain all of them.

use super::{NameCandidate, NameRef, Resolver, match_name, name_search};
use crate::catalog::Entity;
use crate::error::Error;
use crate::filter::{Condition, MAX_OR_TERMS, count_comparisons};

/// Names that one query resolves.
struct NameBatch<'a> {
    entity: Entity,
    scope: Option<Condition>,
    /// Names with the conditions that find them.
    names: Vec<(&'a str, Vec<Condition>)>,
}

impl Resolver {
    /// Resolves names by queries for several of them; names that are not found have to be looked up one by one.
    pub(super) async fn resolve_batch(
        &self,
        names: &[NameRef],
    ) -> Result<Vec<Option<NameCandidate>>, Error> {
        let mut resolved = vec![None; names.len()];
        let mut waiting = batches(names);
        while let Some(batch) = waiting.pop() {
            let Some(candidates) = self.query_batch(&batch).await? else {
                waiting.extend(batch.split());
                continue;
            };
            for (name, resolved) in names.iter().zip(&mut resolved) {
                if batch.contains(name) {
                    *resolved = match_name(&name.name, &candidates).ok();
                }
            }
        }
        Ok(resolved)
    }

    /// None if the page is full, because a missing record may be on the next page.
    async fn query_batch(
        &self,
        batch: &NameBatch<'_>,
    ) -> Result<Option<Vec<NameCandidate>>, Error> {
        let any = batch.names.iter().flat_map(|(_, any)| any.clone());
        let any = Condition::Or(any.collect());
        let condition = match &batch.scope {
            Some(scope) => Condition::And(vec![scope.clone(), any]),
            None => any,
        };
        let reply = self.fetch_named(batch.entity, condition).await?;
        let is_complete = reply.next.is_none();
        Ok(is_complete.then(|| self.candidates(batch.entity, &reply.items)))
    }
}

impl NameBatch<'_> {
    /// Two batches with half of the names each; a batch with a single name is omitted.
    fn split(mut self) -> Vec<Self> {
        let rest = self.names.split_off(self.names.len() / 2);
        let rest = NameBatch { entity: self.entity, scope: self.scope.clone(), names: rest };
        let mut halves = vec![self, rest];
        halves.retain(|batch| batch.names.len() > 1);
        halves
    }

    fn size(&self) -> usize {
        self.names.iter().map(|(_, any)| count_comparisons(any)).sum()
    }

    fn contains(&self, name: &NameRef) -> bool {
        let is_same_scope = search_scope(name) == Some((self.entity, self.scope.clone()));
        is_same_scope && self.names.iter().any(|(known, _)| *known == name.name)
    }
}

/// The entity and scope in which a name is searched first; none if it may be a label, for `me`, or for records without
/// names.
fn search_scope(name: &NameRef) -> Option<(Entity, Option<Condition>)> {
    let entity = name.refers_to().filter(|_| !name.may_be_picklist() && !name.is_me());
    let entity = entity.filter(|entity| name_search::has_searchable_names(*entity))?;
    let first = name_search::search_scopes(entity, name).into_iter().next()?;
    Some((entity, first))
}

/// Groups names by scope into batches of at least two names, with no more conditions than a filter may join.
fn batches(names: &[NameRef]) -> Vec<NameBatch<'_>> {
    let mut batches: Vec<NameBatch> = Vec::new();
    for name in names {
        let Some((entity, scope)) = search_scope(name) else {
            continue;
        };
        let any = name_search::name_conditions(entity, &name.name);
        let size = count_comparisons(&any);
        let has_room = |batch: &&mut NameBatch| {
            let is_same_scope = batch.entity == entity && batch.scope == scope;
            is_same_scope && batch.size() + size <= MAX_OR_TERMS
        };
        match batches.iter_mut().find(has_room) {
            Some(batch) => batch.names.push((&name.name, any)),
            None => batches.push(NameBatch { entity, scope, names: vec![(&name.name, any)] }),
        }
    }
    batches.retain(|batch| batch.names.len() > 1);
    batches
}
