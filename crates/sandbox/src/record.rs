//! A record as the tenant stores it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A record: its values by field; a field without a value is null.
pub(crate) type Record = Map<String, Value>;

/// The key of a record's UDFs, a map from name to value.
pub(crate) const UDFS: &str = "userDefinedFields";

/// The records of one entity by id.
pub(crate) type Table = BTreeMap<i64, Record>;

/// A field's integer.
pub(crate) fn integer(record: &Record, field: &str) -> Option<i64> {
    record.get(field)?.as_i64()
}

/// A field's text.
pub(crate) fn text<'a>(record: &'a Record, field: &str) -> Option<&'a str> {
    record.get(field)?.as_str()
}

/// Whether a field has a value.
pub(crate) fn has(record: &Record, field: &str) -> bool {
    record.get(field).is_some_and(|value| !value.is_null())
}

/// Whether a field is true.
pub(crate) fn is_true(record: &Record, field: &str) -> bool {
    record.get(field) == Some(&Value::Bool(true))
}
