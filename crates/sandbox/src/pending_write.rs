//! A write that is being checked: the request, and the record to be stored.

use serde_json::Value;

use crate::auth::Caller;
use crate::catalog::Entity;
use crate::record::{Record, has};

/// A request to create or change a record.
pub(crate) struct WriteRequest<'a> {
    pub(crate) entity: &'static Entity,
    /// The parent's id, if the path is below a parent.
    pub(crate) parent: Option<i64>,
    pub(crate) body: &'a Value,
    pub(crate) caller: Caller,
}

impl WriteRequest<'_> {
    /// The field of the parent's id, if the path is below a parent.
    pub(crate) fn parent_field(&self) -> Option<&'static str> {
        self.parent.and_then(|_| self.entity.parent_field())
    }
}

/// A record to be stored.
pub(crate) struct PendingRecord {
    pub(crate) entity: &'static Entity,
    pub(crate) before: Option<Record>,
    pub(crate) after: Record,
    /// The fields that the request set.
    pub(crate) sent: Vec<&'static str>,
    pub(crate) caller: Caller,
}

impl PendingRecord {
    /// The record before the request, with nothing changed yet.
    pub(crate) fn new(request: &WriteRequest, before: Option<Record>) -> Self {
        Self {
            entity: request.entity,
            after: before.clone().unwrap_or_default(),
            before,
            sent: Vec::new(),
            caller: request.caller,
        }
    }

    /// Whether the record is new.
    pub(crate) fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// Whether the request changes the value of a field.
    pub(crate) fn changes(&self, field: &str) -> bool {
        let before = self.before.as_ref().and_then(|record| record.get(field));
        let null = &Value::Null;
        before.unwrap_or(null) != self.after.get(field).unwrap_or(null)
    }

    /// Whether a field will have a value.
    pub(crate) fn has(&self, field: &str) -> bool {
        has(&self.after, field)
    }

    /// Sets a field.
    pub(crate) fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.after.insert(field.into(), value.into());
    }

    /// Sets a field that has no value.
    pub(crate) fn set_default(&mut self, field: &str, value: impl Into<Value>) {
        if !self.has(field) {
            self.set(field, value);
        }
    }
}
