//! A field as a description shows it.

use serde_json::{Map, Value, json};

use crate::catalog::tenant_fields::{PicklistValue, TenantField, TenantFields};
use crate::catalog::{Field, Tristate};

/// A picklist longer than this is cut, and says so.
const MAX_LISTED_VALUES: usize = 200;

/// A field that the schema knows; the tenant's word on its flags outranks the schema's.
pub(super) fn schema_field(field: &Field, live: &TenantFields) -> Value {
    let live = live.for_field(field);
    let mut row = json!({ "name": field.name, "type": field.kind.name() });
    if live.map_or(field.required == Tristate::Yes, |live| live.required) {
        row["required"] = true.into();
    }
    if live.map_or(field.read_only == Tristate::Yes, |live| live.read_only) {
        row["readOnly"] = true.into();
    }
    if !live.map_or(field.queryable != Tristate::No, |live| live.queryable) {
        row["queryable"] = false.into();
    }
    if let Some(length) = field.length.filter(|length| *length > 0) {
        row["length"] = length.into();
    }
    if let Some(entity) = field.refers_to {
        row["references"] = entity.name().into();
    }
    let listed = live.and_then(|live| live.picklist.as_deref());
    if field.picklist.is_yes() || listed.is_some() {
        row["picklist"] = match (live, listed) {
            (None, _) => "unknown offline".into(),
            (Some(_), listed) => values(listed.unwrap_or_default()),
        };
    }
    if let Some(parent) = field.picklist_parent {
        row["parentField"] = parent.into();
    }
    row
}

/// A field that only the tenant knows.
pub(super) fn tenant_only_field(live: &TenantField) -> Value {
    let mut row = udf(live);
    if let Some(entity) = live.refers_to {
        row["references"] = entity.name().into();
    }
    row
}

/// A UDF.
pub(super) fn udf(live: &TenantField) -> Value {
    let mut row = json!({ "name": live.name, "type": live.kind });
    if let Some(label) = live.label.as_ref().filter(|label| **label != live.name) {
        row["label"] = label.as_str().into();
    }
    if live.length > 0 {
        row["length"] = live.length.into();
    }
    for (key, is) in [("required", live.required), ("readOnly", live.read_only)] {
        if is {
            row[key] = true.into();
        }
    }
    if let Some(choices) = &live.picklist {
        row["picklist"] = values(choices);
    }
    row
}

/// Codes as numbers, as records hold them.
fn values(listed: &[PicklistValue]) -> Value {
    let mut values: Vec<_> = listed.iter().take(MAX_LISTED_VALUES).map(picklist_value).collect();
    if listed.len() > MAX_LISTED_VALUES {
        values.push(format!("… cut: {MAX_LISTED_VALUES} of {} values", listed.len()).into());
    }
    values.into()
}

fn picklist_value(choice: &PicklistValue) -> Value {
    let mut picked = Map::new();
    picked.insert("value".into(), choice.code.clone());
    picked.insert("label".into(), choice.label.as_str().into());
    if !choice.is_active {
        picked.insert("active".into(), false.into());
    }
    picked.extend(choice.parent_value.clone().map(|value| ("parentValue".into(), value)));
    picked.into()
}
