//! The records, by entity and id, and the ids still to give.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde_json::{Map, Value};

use crate::catalog::Entity;

/// A record: what it holds by field; a field it lacks is null.
pub(super) type Record = Map<String, Value>;

/// Where a record keeps its UDFs, as a map from name to value.
pub(super) const UDFS: &str = "userDefinedFields";

/// All records of the tenant.
#[derive(Default)]
pub(super) struct Store {
    tables: BTreeMap<Entity, BTreeMap<i64, Record>>,
    last: BTreeMap<Entity, i64>,
}

impl Store {
    /// One record.
    pub(super) fn get(&self, entity: Entity, id: i64) -> Option<&Record> {
        self.tables.get(&entity)?.get(&id)
    }

    /// One record, to change.
    pub(super) fn get_mut(&mut self, entity: Entity, id: i64) -> Option<&mut Record> {
        self.tables.get_mut(&entity)?.get_mut(&id)
    }

    /// The records of an entity whose ids come after one, ascending.
    pub(super) fn after(&self, entity: Entity, id: i64) -> impl Iterator<Item = (i64, &Record)> {
        let range = (Bound::Excluded(id), Bound::Unbounded);
        let table = self.tables.get(&entity).into_iter();
        table.flat_map(move |table| table.range(range)).map(|(id, record)| (*id, record))
    }

    /// All records of an entity, by ascending id.
    pub(super) fn all(&self, entity: Entity) -> impl Iterator<Item = (i64, &Record)> {
        self.after(entity, i64::MIN)
    }

    /// Whether the tenant has any record of an entity.
    pub(super) fn knows(&self, entity: Entity) -> bool {
        self.tables.get(&entity).is_some_and(|table| !table.is_empty())
    }

    /// Keeps a record under an id.
    pub(super) fn put(&mut self, entity: Entity, id: i64, mut record: Record) {
        record.insert("id".into(), id.into());
        let last = self.last.entry(entity).or_insert(id);
        *last = id.max(*last);
        self.tables.entry(entity).or_default().insert(id, record);
    }

    /// An id never given before.
    pub(super) fn next_id(&mut self, entity: Entity) -> i64 {
        let last = self.last.entry(shelf(entity)).or_insert(0);
        *last += 1;
        *last
    }

    /// Takes a record away.
    pub(super) fn remove(&mut self, entity: Entity, id: i64) -> Option<Record> {
        self.tables.get_mut(&entity)?.remove(&id)
    }
}

/// Attachments of all kinds share one run of ids, which `AttachmentInfo` lists.
fn shelf(entity: Entity) -> Entity {
    if is_attachment(entity) { Entity::AttachmentInfo } else { entity }
}

/// Whether an entity's records carry file data.
pub(super) fn is_attachment(entity: Entity) -> bool {
    entity.name().ends_with("Attachments")
}

/// A record of these fields, with room for as many again as a rule may add.
pub(super) fn record<const N: usize>(fields: [(&str, Value); N]) -> Record {
    let mut record = Record::with_capacity(N + 12);
    record.extend(fields.map(|(name, value)| (name.to_owned(), value)));
    record
}

/// A field's whole number.
pub(super) fn whole(record: &Record, field: &str) -> Option<i64> {
    record.get(field)?.as_i64()
}

/// A field's number.
pub(super) fn number(record: &Record, field: &str) -> Option<f64> {
    record.get(field)?.as_f64()
}

/// A field's text.
pub(super) fn text<'a>(record: &'a Record, field: &str) -> Option<&'a str> {
    record.get(field)?.as_str()
}

/// Whether a field holds something.
pub(super) fn has(record: &Record, field: &str) -> bool {
    record.get(field).is_some_and(|value| !value.is_null())
}
