//! The body of a successful response.

use serde_json::Value;

use crate::value::record::RecordFields;
use crate::value::row::{Row, rows};

/// A body, the items of a page apart from the rest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Body {
    /// The whole body; with a null instead of the items of a page.
    pub json: Value,
    /// The items of the response to a query.
    pub items: Option<PageItems>,
}

/// The items of a page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PageItems {
    pub rows: Vec<Row>,
    /// Items that are no records.
    pub others: Vec<Value>,
}

impl Body {
    /// The whole body as JSON.
    #[must_use]
    pub fn into_value(mut self) -> Value {
        if let (Some(items), Some(place)) = (self.items, self.json.get_mut("items")) {
            let records = items.rows.iter().map(|row| row.to_fields().into());
            *place = records.chain(items.others).collect();
        }
        self.json
    }

    /// The records of a page; none if it has no list of items.
    #[must_use]
    pub fn into_rows(mut self) -> Option<Vec<Row>> {
        match self.items.take() {
            Some(items) => Some(items.rows),
            None => Some(rows(&self.into_records()?)),
        }
    }

    /// The same, each record on its own.
    #[must_use]
    pub fn into_records(mut self) -> Option<Vec<RecordFields>> {
        if let Some(items) = self.items {
            return Some(items.rows.iter().map(Row::to_fields).collect());
        }
        let Some(Value::Array(items)) = self.json.get_mut("items").map(Value::take) else {
            return None;
        };
        let records = items.into_iter().filter_map(|item| match item {
            Value::Object(fields) => Some(fields),
            _ => None,
        });
        Some(records.collect())
    }
}

impl From<Value> for Body {
    fn from(json: Value) -> Self {
        Self { json, items: None }
    }
}
