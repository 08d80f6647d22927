//! Names of one entity that are asked for at once: one query for all, as far as one can hold them.

use super::Executor;
use crate::catalog::Entity;
use crate::error::Error;
use crate::filter::{Condition, MAX_OR_TERMS, count_comparisons};
use crate::resolver::{NameCandidate, NameRef, match_name, name_search};

/// Names that one query answers.
struct Batch<'a> {
    entity: Entity,
    within: Option<Condition>,
    /// Each name with the conditions that find it.
    names: Vec<(&'a str, Vec<Condition>)>,
}

impl Executor {
    /// What each name means, where one query for several tells it; every other name is asked for by itself.
    pub(super) async fn resolve_batch(
        &self,
        asked: &[NameRef],
    ) -> Result<Vec<Option<NameCandidate>>, Error> {
        let mut known = vec![None; asked.len()];
        let mut waiting = batches(asked);
        while let Some(batch) = waiting.pop() {
            let Some(candidates) = self.query_batch(&batch).await? else {
                waiting.extend(batch.split());
                continue;
            };
            for (one, known) in asked.iter().zip(&mut known) {
                if batch.has(one) {
                    *known = match_name(&one.name, &candidates).ok();
                }
            }
        }
        Ok(known)
    }

    /// Nothing, where the page is full: who is missing could be on the next.
    async fn query_batch(&self, batch: &Batch<'_>) -> Result<Option<Vec<NameCandidate>>, Error> {
        let any = batch.names.iter().flat_map(|(_, any)| any.clone());
        let any = Condition::Or(any.collect());
        let clause = match &batch.within {
            Some(within) => Condition::And(vec![within.clone(), any]),
            None => any,
        };
        let reply = self.fetch_named(batch.entity, clause).await?;
        let is_whole = reply.next.is_none();
        Ok(is_whole.then(|| self.candidates(batch.entity, &reply.items)))
    }
}

impl Batch<'_> {
    /// Two batches of half the names; what would hold a single name is left out.
    fn split(mut self) -> Vec<Self> {
        let rest = self.names.split_off(self.names.len() / 2);
        let rest = Batch { entity: self.entity, within: self.within.clone(), names: rest };
        let mut halves = vec![self, rest];
        halves.retain(|batch| batch.names.len() > 1);
        halves
    }

    fn size(&self) -> usize {
        self.names.iter().map(|(_, any)| count_comparisons(any)).sum()
    }

    fn has(&self, asked: &NameRef) -> bool {
        let is_alike = search_scope(asked) == Some((self.entity, self.within.clone()));
        is_alike && self.names.iter().any(|(name, _)| *name == asked.name)
    }
}

/// Where a name is looked for first; none for a label, or for what has no names.
fn search_scope(asked: &NameRef) -> Option<(Entity, Option<Condition>)> {
    let entity = asked.field.refers_to.filter(|_| asked.field.picklist.is_no());
    let entity = entity.filter(|entity| name_search::has_searchable_names(*entity))?;
    let first = name_search::search_scopes(entity, asked).into_iter().next()?;
    Some((entity, first))
}

/// Two names or more of one place, and no more conditions than a filter may join.
fn batches(asked: &[NameRef]) -> Vec<Batch<'_>> {
    let mut batches: Vec<Batch> = Vec::new();
    for one in asked {
        let Some((entity, within)) = search_scope(one) else {
            continue;
        };
        let any = name_search::name_conditions(entity, &one.name);
        let size = count_comparisons(&any);
        let has_room = |batch: &&mut Batch| {
            let is_alike = batch.entity == entity && batch.within == within;
            is_alike && batch.size() + size <= MAX_OR_TERMS
        };
        match batches.iter_mut().find(has_room) {
            Some(batch) => batch.names.push((&one.name, any)),
            None => batches.push(Batch { entity, within, names: vec![(&one.name, any)] }),
        }
    }
    batches.retain(|batch| batch.names.len() > 1);
    batches
}
