//! Labels and names to show beside codes and ids.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

/// What the numbers of records are called, by field; and the values of list UDFs, by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labels {
    fields: HashMap<&'static str, HashMap<i64, Arc<str>>>,
    udfs: HashMap<String, HashMap<String, Arc<str>>>,
}

impl Labels {
    /// Adds what a number of a field is called.
    pub fn put(&mut self, field: &'static str, number: i64, label: Arc<str>) {
        self.fields.entry(field).or_default().insert(number, label);
    }

    /// Adds what a value of a list UDF is called.
    pub fn put_udf(&mut self, name: &str, value: &str, label: &str) {
        let values = self.udfs.entry(name.to_owned()).or_default();
        values.insert(value.to_owned(), label.into());
    }

    /// What a field's value is called.
    #[must_use]
    pub fn of(&self, field: &str, value: &Value) -> Option<&str> {
        let labels = self.fields.get(field)?;
        labels.get(&value.as_i64()?).map(AsRef::as_ref)
    }

    /// What a UDF's value is called.
    #[must_use]
    pub fn of_udf(&self, name: &str, value: &Value) -> Option<&str> {
        let values = self.udfs.get(name)?;
        values.get(value.as_str()?).map(AsRef::as_ref)
    }
}
