//! Names of one entity that are asked for at once: one query for all, as far as one can hold them.

use super::Performer;
use crate::error::Error;
use crate::filter::{Clause, MOST_OR, tests};
use crate::names::{Asked, Candidate, look_up, pick};
use crate::schema::Entity;

/// Names that one query answers.
struct Batch<'a> {
    entity: Entity,
    within: Option<Clause>,
    /// Each name with the conditions that find it.
    names: Vec<(&'a str, Vec<Clause>)>,
}

impl Performer {
    /// What each name means, where one query for several tells it; every other name is asked for by itself.
    pub(super) async fn together(&self, asked: &[Asked]) -> Result<Vec<Option<Candidate>>, Error> {
        let mut known = vec![None; asked.len()];
        let mut waiting = batches(asked);
        while let Some(batch) = waiting.pop() {
            let Some(candidates) = self.of_batch(&batch).await? else {
                waiting.extend(batch.halves());
                continue;
            };
            for (one, known) in asked.iter().zip(&mut known) {
                if batch.has(one) {
                    *known = pick(&one.name, &candidates).ok();
                }
            }
        }
        Ok(known)
    }

    /// Nothing, where the page is full: who is missing could be on the next.
    async fn of_batch(&self, batch: &Batch<'_>) -> Result<Option<Vec<Candidate>>, Error> {
        let any = batch.names.iter().flat_map(|(_, any)| any.clone());
        let any = Clause::Any(any.collect());
        let clause = match &batch.within {
            Some(within) => Clause::All(vec![within.clone(), any]),
            None => any,
        };
        let reply = self.named_so(batch.entity, clause).await?;
        let is_whole = reply.next.is_none();
        Ok(is_whole.then(|| self.candidates(batch.entity, &reply.items)))
    }
}

impl Batch<'_> {
    /// Two batches of half the names; what would hold a single name is left out.
    fn halves(mut self) -> Vec<Self> {
        let rest = self.names.split_off(self.names.len() / 2);
        let rest = Batch { entity: self.entity, within: self.within.clone(), names: rest };
        let mut halves = vec![self, rest];
        halves.retain(|batch| batch.names.len() > 1);
        halves
    }

    fn size(&self) -> usize {
        self.names.iter().map(|(_, any)| tests(any)).sum()
    }

    fn has(&self, asked: &Asked) -> bool {
        let is_alike = place(asked) == Some((self.entity, self.within.clone()));
        is_alike && self.names.iter().any(|(name, _)| *name == asked.name)
    }
}

/// Where a name is looked for first; none for a label, or for what has no names.
fn place(asked: &Asked) -> Option<(Entity, Option<Clause>)> {
    let entity = asked.field.refers_to.filter(|_| asked.field.picklist.is_no());
    let entity = entity.filter(|entity| look_up::is_named(*entity))?;
    let first = look_up::among(entity, asked).into_iter().next()?;
    Some((entity, first))
}

/// Two names or more of one place, and no more conditions than a filter may join.
fn batches(asked: &[Asked]) -> Vec<Batch<'_>> {
    let mut batches: Vec<Batch> = Vec::new();
    for one in asked {
        let Some((entity, within)) = place(one) else {
            continue;
        };
        let any = look_up::any(entity, &one.name);
        let size = tests(&any);
        let has_room = |batch: &&mut Batch| {
            let is_alike = batch.entity == entity && batch.within == within;
            is_alike && batch.size() + size <= MOST_OR
        };
        match batches.iter_mut().find(has_room) {
            Some(batch) => batch.names.push((&one.name, any)),
            None => batches.push(Batch { entity, within, names: vec![(&one.name, any)] }),
        }
    }
    batches.retain(|batch| batch.names.len() > 1);
    batches
}
