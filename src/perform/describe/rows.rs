//! A field as a description shows it.

use serde_json::{Map, Value, json};

use crate::live::{Choice, Live, LiveField};
use crate::schema::{Field, Known};

/// A picklist longer than this is cut, and says so.
const MOST_VALUES: usize = 200;

/// A field that the schema knows; the tenant's word on its flags outranks the schema's.
pub(super) fn known(field: &Field, live: &Live) -> Value {
    let live = live.of(field);
    let mut row = json!({ "name": field.name, "type": field.kind.name() });
    if live.map_or(field.required == Known::Yes, |live| live.required) {
        row["required"] = true.into();
    }
    if live.map_or(field.read_only == Known::Yes, |live| live.read_only) {
        row["readOnly"] = true.into();
    }
    if !live.map_or(field.queryable != Known::No, |live| live.queryable) {
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
    if let Some(parent) = field.picklist_under {
        row["picklistUnder"] = parent.into();
    }
    row
}

/// A field that only the tenant knows.
pub(super) fn new(live: &LiveField) -> Value {
    let mut row = udf(live);
    if let Some(entity) = live.refers_to {
        row["references"] = entity.name().into();
    }
    row
}

/// A UDF.
pub(super) fn udf(live: &LiveField) -> Value {
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
fn values(listed: &[Choice]) -> Value {
    let mut values: Vec<_> = listed.iter().take(MOST_VALUES).map(picked).collect();
    if listed.len() > MOST_VALUES {
        values.push(format!("… cut: {MOST_VALUES} of {} values", listed.len()).into());
    }
    values.into()
}

fn picked(choice: &Choice) -> Value {
    let mut picked = Map::new();
    picked.insert("value".into(), choice.code.clone());
    picked.insert("label".into(), choice.label.as_str().into());
    if !choice.is_active {
        picked.insert("active".into(), false.into());
    }
    picked.extend(choice.under.clone().map(|under| ("under".into(), under)));
    picked.into()
}
