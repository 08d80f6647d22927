//! The tenant's picklists, by entity and field.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use autotask_schema::schema::Field;
use serde_json::{Value, json};

use crate::catalog::Entity;

/// One value of a picklist and its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PicklistValue {
    pub(crate) value: String,
    label: String,
    pub(crate) parent: String,
    /// `D`efault, `I`nactive, `S`ystem.
    marks: String,
}

/// The picklists by `Entity.field` or `*.field`; an entry may refer to the key of another.
static PICKLISTS: LazyLock<BTreeMap<String, Vec<PicklistValue>>> = LazyLock::new(|| {
    let lists: BTreeMap<String, Value> =
        serde_json::from_str(include_str!("../data/picklists.json")).unwrap_or_default();
    let rows = |list: &Value| list.as_str().and_then(|key| lists.get(key)).unwrap_or(list).clone();
    lists.iter().map(|(key, list)| (key.clone(), parse_values(&rows(list)))).collect()
});

/// Parses rows of value, label, parent value and marks.
pub(crate) fn parse_values(rows: &Value) -> Vec<PicklistValue> {
    let cell = |row: &Value, index: usize| match row.get(index) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    };
    let value = |row: &Value| PicklistValue {
        value: cell(row, 0),
        label: cell(row, 1),
        parent: cell(row, 2),
        marks: cell(row, 3),
    };
    rows.as_array().into_iter().flatten().map(value).collect()
}

/// The values of a field's picklist; empty if the tenant has configured none.
pub(crate) fn values(entity: &Entity, field: &Field) -> &'static [PicklistValue] {
    let own = PICKLISTS.get(&format!("{}.{}", entity.name, field.name));
    let values = own.or_else(|| PICKLISTS.get(&format!("*.{}", field.name)));
    values.map_or(&[], Vec::as_slice)
}

/// The values as the fields page lists them, with codes as strings.
pub(crate) fn to_json(values: &[PicklistValue]) -> Value {
    let rows = values.iter().zip(1..).map(|(value, order)| {
        json!({
            "value": value.value,
            "label": value.label,
            "isDefaultValue": value.marks.contains('D'),
            "sortOrder": order,
            "parentValue": value.parent,
            "isActive": !value.marks.contains('I'),
            "isSystem": value.marks.contains('S'),
        })
    });
    rows.collect()
}
