//! A write: a change of one record, or the same change of several.

use serde_json::{Value, json};

use super::RecordKey;
use super::address::{ParentRef, supports};
use crate::catalog::{DataType, Entity, Verb};
use crate::config::write_policy::WritePermit;
use crate::error::Error;
use crate::value::record::Record;

/// A write; each request is sent once, and only with a `Confirmed`.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    pub admitted: WritePermit,
    pub change: Change,
    pub entity: Entity,
    pub parent: ParentRef,
    /// The resource that the API user impersonates, once it is known; none for the API user itself.
    pub author: Option<i64>,
    /// The required fields of the schema that a new record lacks; reported together with those of the tenant.
    pub missing: Vec<&'static str>,
    pub duplicates: Duplicates,
    pub warnings: Vec<String>,
    /// The problem of the call, returned together with those of its names once they are looked up.
    pub problem: Option<Error>,
}

impl Write {
    /// The id of the record to change or delete if there is only one, once it is known.
    #[must_use]
    pub fn id(&self) -> Option<i64> {
        match &self.change {
            Change::Create(_) | Change::UpdateMany(..) => None,
            Change::Update(key, _) | Change::Delete(key) => key.id(),
        }
    }

    /// The field of a new child that its address sets.
    #[must_use]
    pub fn parent_field(&self) -> Option<&'static str> {
        let child = self.entity.as_child();
        child.filter(|_| self.parent != ParentRef::None)?.parent_field
    }
}

/// The change that a write makes.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Create(Record),
    Update(RecordKey, Record),
    /// The same fields for 1 to 50 records with different keys.
    UpdateMany(Vec<RecordKey>, Record),
    Delete(RecordKey),
}

impl Change {
    /// The fields to send; a delete has none.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Create(record) | Self::Update(_, record) | Self::UpdateMany(_, record) => {
                Some(record)
            }
            Self::Delete(_) => None,
        }
    }

    /// The fields to send, as a mutable reference; a delete has none.
    #[must_use]
    pub fn record_mut(&mut self) -> Option<&mut Record> {
        match self {
            Self::Create(record) | Self::Update(_, record) | Self::UpdateMany(_, record) => {
                Some(record)
            }
            Self::Delete(_) => None,
        }
    }
}

/// Whether a recent identical create prevents this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    Reject,
    Allow,
}

/// The call that completes a record, or makes it inactive, because it cannot be deleted.
#[must_use]
pub fn deactivation_call(entity: Entity, key: &RecordKey) -> Option<String> {
    let key = key.id().map_or_else(|| key.to_string().into(), Value::from);
    let active = ["isActive", "active"].iter().find_map(|name| entity.field(name));
    let (field, value) = match (entity, active.filter(|field| !field.read_only.is_yes())) {
        // Autotask's own codes: 5 is Complete everywhere, 0 an inactive contract.
        (Entity::Tickets | Entity::Tasks | Entity::Projects, _) => ("status", json!(5)),
        (Entity::Contracts, _) => ("status", json!(0)),
        (_, Some(field)) if field.kind == DataType::Boolean => (field.name, json!(false)),
        (_, field) => (field?.name, json!(0)),
    };
    let call = if entity == Entity::Tickets {
        format!("update-ticket {}", json!({ "id": key, field: value }))
    } else {
        let call = json!({ "entity": entity.name(), "id": key, "fields": { field: value } });
        format!("update-entity {call}")
    };
    supports(entity, Verb::Update).then_some(call)
}
