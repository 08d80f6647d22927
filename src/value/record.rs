//! The fields of a record to write, by name.

use serde_json::{Map, Value};

/// A record as Autotask sends it.
pub type RecordFields = Map<String, Value>;

/// Field values by name, in the order they were given.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record(Map<String, Value>);

impl Record {
    /// No fields yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value unless it was left out: null, or nothing in it.
    pub fn put(&mut self, field: &str, value: &impl serde::Serialize) {
        if let Some(value) = to_json_if_set(value) {
            self.0.insert(field.to_owned(), value);
        }
    }

    /// Sets a value, null included.
    pub fn set(&mut self, field: &str, value: Value) {
        self.0.insert(field.to_owned(), value);
    }

    /// Takes a value out.
    pub fn take(&mut self, field: &str) -> Option<Value> {
        self.0.shift_remove(field)
    }

    /// A value, if it was given.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field)
    }

    /// Whether a value is left out, or a text in which nothing can be read.
    #[must_use]
    pub fn is_blank(&self, field: &str) -> bool {
        self.get(field).is_none_or(is_blank_text)
    }

    /// Whether no field is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every field and value.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }

    /// The JSON object.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

impl From<Map<String, Value>> for Record {
    fn from(fields: Map<String, Value>) -> Self {
        Self(fields)
    }
}

/// A text in which nothing can be read.
#[must_use]
pub fn is_blank_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// An argument's value, unless it was left out.
pub fn to_json_if_set(value: &impl serde::Serialize) -> Option<Value> {
    let value = serde_json::to_value(value).ok()?;
    match &value {
        Value::Null => None,
        Value::Object(fields) if fields.is_empty() => None,
        Value::Array(items) if items.is_empty() => None,
        _ => Some(value),
    }
}
