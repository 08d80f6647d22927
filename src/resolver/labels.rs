//! Labels and names to show next to codes and ids.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::catalog::tenant_fields::TenantFields;

/// Labels of codes and names of ids, by field; and the UDFs, whose lists label their values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labels {
    fields: BTreeMap<&'static str, BTreeMap<i64, Arc<str>>>,
    /// The same for picklists whose codes are texts.
    texts: BTreeMap<&'static str, BTreeMap<String, Arc<str>>>,
    udfs: Arc<TenantFields>,
}

impl Labels {
    /// Adds the label of a field's code or id.
    pub fn put(&mut self, field: &'static str, number: i64, label: Arc<str>) {
        self.fields.entry(field).or_default().insert(number, label);
    }

    /// Adds the label of a field's text code.
    pub fn put_text(&mut self, field: &'static str, text: String, label: Arc<str>) {
        self.texts.entry(field).or_default().insert(text, label);
    }

    /// Adds the tenant's UDFs.
    pub fn put_udfs(&mut self, udfs: Arc<TenantFields>) {
        self.udfs = udfs;
    }

    /// Adds the labels of other fields.
    pub fn merge(&mut self, other: Self) {
        self.fields.extend(other.fields);
        self.texts.extend(other.texts);
    }

    /// The label of a field's value.
    #[must_use]
    pub fn of(&self, field: &str, value: &Value) -> Option<&str> {
        let label = match value {
            Value::String(text) => self.texts.get(field)?.get(text),
            number => self.fields.get(field)?.get(&number.as_i64()?),
        };
        label.map(AsRef::as_ref)
    }

    /// The labels of a field's numbers.
    #[must_use]
    pub fn of_numbers(&self, field: &str) -> Option<&BTreeMap<i64, Arc<str>>> {
        self.fields.get(field)
    }

    /// The labels of a field's text codes.
    #[must_use]
    pub fn of_texts(&self, field: &str) -> Option<&BTreeMap<String, Arc<str>>> {
        self.texts.get(field)
    }

    /// The label of a UDF's value.
    #[must_use]
    pub fn of_udf(&self, name: &str, value: &Value) -> Option<&str> {
        let udf = self.udfs.find(name)?;
        udf.choice(value).map(|choice| choice.label.as_str())
    }
}
