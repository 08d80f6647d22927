//! The tenant's records: the seed and the changes of requests.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::clock::{Clock, Shift};
use crate::record::{Record, Table};
use crate::seed::Seed;

/// All records of the tenant.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) clock: Clock,
    seed: Seed,
    /// The tables that a request changed.
    changed: BTreeMap<&'static str, Table>,
    last_ids: BTreeMap<&'static str, i64>,
}

impl Store {
    /// The records of a new tenant, with dates relative to the clock.
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, seed: Seed::new(Shift::to(clock.now())), ..Self::default() }
    }

    /// The current time in the format of records.
    pub(crate) fn now(&self) -> String {
        self.clock.text()
    }

    fn table(&self, entity: &str) -> &Table {
        self.changed.get(entity).unwrap_or_else(|| self.seed.table(entity))
    }

    fn table_mut(&mut self, entity: &'static str) -> &mut Table {
        self.changed.entry(entity).or_insert_with(|| self.seed.table(entity).clone())
    }

    /// One record.
    pub(crate) fn get(&self, entity: &str, id: i64) -> Option<&Record> {
        self.table(entity).get(&id)
    }

    /// One record, mutable.
    pub(crate) fn get_mut(&mut self, entity: &'static str, id: i64) -> Option<&mut Record> {
        self.get(entity, id)?;
        self.table_mut(entity).get_mut(&id)
    }

    /// The records of an entity with greater ids, ascending.
    pub(crate) fn after(&self, entity: &str, id: i64) -> impl Iterator<Item = (i64, &Record)> {
        let range = (Bound::Excluded(id), Bound::Unbounded);
        self.table(entity).range(range).map(|(id, record)| (*id, record))
    }

    /// All records of an entity, by ascending id.
    pub(crate) fn all(&self, entity: &str) -> impl Iterator<Item = (i64, &Record)> {
        self.table(entity).iter().map(|(id, record)| (*id, record))
    }

    /// Whether the tenant has any record of an entity.
    pub(crate) fn has_records(&self, entity: &str) -> bool {
        !self.table(entity).is_empty()
    }

    /// Stores a record under an id.
    pub(crate) fn put(&mut self, entity: &'static str, id: i64, mut record: Record) {
        record.insert("id".into(), id.into());
        let last = self.last_id(entity);
        *last = id.max(*last);
        self.table_mut(entity).insert(id, record);
    }

    /// An id that was never used; attachments of all kinds share one sequence.
    pub(crate) fn next_id(&mut self, entity: &'static str) -> i64 {
        let sequence = if entity.ends_with("Attachments") { "AttachmentInfo" } else { entity };
        let last = self.last_id(sequence);
        *last += 1;
        *last
    }

    fn last_id(&mut self, entity: &'static str) -> &mut i64 {
        let last_of_seed = || self.seed.table(entity).last_key_value().map_or(0, |(id, _)| *id);
        self.last_ids.entry(entity).or_insert_with(last_of_seed)
    }

    /// Removes a record.
    pub(crate) fn remove(&mut self, entity: &'static str, id: i64) {
        if self.get(entity, id).is_some() {
            self.table_mut(entity).remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Store;
    use crate::record::{UDFS, has};
    use crate::{catalog, picklist, udf};

    #[test]
    fn seeded_records_match_the_schema_and_have_valid_references() {
        let store = Store::default();
        for entity in catalog::entities() {
            for (id, record) in store.all(entity.name) {
                for field in entity.fields().iter().filter(|field| field.is_required == Some(true))
                {
                    assert!(has(record, &field.name), "{}/{id} has no {}", entity.name, field.name);
                }
                for (name, value) in record {
                    let place = format!("{}/{id} {name} {value}", entity.name);
                    if name == UDFS {
                        let mut names = value.as_object().unwrap().keys();
                        assert!(names.all(|name| udf::find(entity, name).is_some()), "{place}");
                        continue;
                    }
                    let field = entity.field(name).unwrap_or_else(|| panic!("{place}"));
                    let code = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    let mut values = picklist::values(entity, field).iter();
                    let is_listed = values.len() == 0
                        || value.is_null()
                        || values.any(|listed| listed.value == code);
                    assert!(is_listed || field.is_pick_list != Some(true), "{place}");
                    if let Some((to, id)) = catalog::referenced(field).zip(value.as_i64()) {
                        let exists = store.get(to.name, id).is_some();
                        let is_root = id == 0 && to.name == entity.name;
                        assert!(exists || is_root || !store.has_records(to.name), "{place}");
                    }
                }
            }
        }
    }
}
