//! A write while it is checked: where it goes, what was asked, the record about to be kept.

use serde_json::Value;

use crate::catalog::{Child, Entity};

use super::door::{self, Caller};
use super::page;
use super::reply::Refusal;
use super::store::{Record, has};

/// Where a write goes: an entity, perhaps below a parent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) entity: Entity,
    pub(super) under: Option<(&'static Child, i64)>,
}

impl Target {
    pub(super) fn below(child: &'static Child, parent: i64) -> Self {
        Self { entity: child.entity, under: Some((child, parent)) }
    }

    /// Whether a record lies below the parent.
    pub(super) fn holds(&self, record: &Record) -> bool {
        self.under.is_none_or(|(child, parent)| page::belongs(child, parent, record))
    }
}

/// A write as asked for.
pub(super) struct Order<'a> {
    pub(super) target: Target,
    pub(super) body: &'a Value,
    pub(super) caller: Caller,
}

/// A record about to be kept.
pub(super) struct Draft {
    pub(super) entity: Entity,
    pub(super) before: Option<Record>,
    pub(super) after: Record,
    /// The fields that the request set.
    pub(super) sent: Vec<&'static str>,
    pub(super) caller: Caller,
}

impl Draft {
    /// Whether the record is new.
    pub(super) fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// Whether the request set a field to something other than it was.
    pub(super) fn changes(&self, field: &str) -> bool {
        let before = self.before.as_ref().and_then(|record| record.get(field));
        let null = &Value::Null;
        before.unwrap_or(null) != self.after.get(field).unwrap_or(null)
    }

    /// Sets a field.
    pub(super) fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.after.insert(field.into(), value.into());
    }

    /// Sets a field that holds nothing yet.
    pub(super) fn default(&mut self, field: &str, value: impl Into<Value>) {
        if !has(&self.after, field) {
            self.set(field, value);
        }
    }
}

/// The words for a row that is not there or not to be touched.
pub(super) fn no_match() -> Refusal {
    Refusal::of_record("No matching records found or the user does not have permission.")
}

/// The words for a missing right, for the rules.
pub(super) fn no_permission(act: &str) -> Refusal {
    door::no_permission(act)
}
