//! The tenant's picklists, by entity and field.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::catalog::{Entity, Field};

/// One code of a picklist and its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) value: String,
    label: String,
    pub(super) parent: String,
    /// `D`efault, `I`nactive, `S`ystem.
    marks: String,
}

/// Either the choices, or the key of the list that has them.
enum List {
    Choices(Vec<Choice>),
    SameAs(String),
}

static LISTS: LazyLock<BTreeMap<String, List>> = LazyLock::new(|| {
    let lists: BTreeMap<String, Value> =
        serde_json::from_str(include_str!("picklists.json")).unwrap_or_default();
    lists.into_iter().map(|(key, value)| (key, list(&value))).collect()
});

fn list(value: &Value) -> List {
    match value {
        Value::String(key) => List::SameAs(key.clone()),
        rows => List::Choices(choices(rows)),
    }
}

/// Choices from rows of value, label, parent's value and marks.
pub(super) fn choices(rows: &Value) -> Vec<Choice> {
    let cell = |row: &Value, at: usize| match row.get(at) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    };
    let choice = |row: &Value| Choice {
        value: cell(row, 0),
        label: cell(row, 1),
        parent: cell(row, 2),
        marks: cell(row, 3),
    };
    rows.as_array().into_iter().flatten().map(choice).collect()
}

/// The choices of a field; empty where the tenant has set none up.
pub(super) fn of(entity: Entity, field: &Field) -> &'static [Choice] {
    let own = format!("{}.{}", entity.name(), field.name);
    let shared = format!("*.{}", field.name);
    match LISTS.get(&own).or_else(|| LISTS.get(&shared)) {
        Some(List::Choices(choices)) => choices,
        Some(List::SameAs(key)) => match LISTS.get(key) {
            Some(List::Choices(choices)) => choices,
            _ => &[],
        },
        None => &[],
    }
}

/// The choices as the fields endpoint lists them: codes are strings there.
pub(super) fn described(choices: &[Choice]) -> Value {
    let rows = choices.iter().zip(1..).map(|(choice, order)| {
        json!({
            "value": choice.value,
            "label": choice.label,
            "isDefaultValue": choice.marks.contains('D'),
            "sortOrder": order,
            "parentValue": choice.parent,
            "isActive": !choice.marks.contains('I'),
            "isSystem": choice.marks.contains('S'),
        })
    });
    rows.collect()
}
