//! Answers that fit: cut between records; a text too long for any answer is cut visibly.

use serde_json::{Map, Value};

use crate::perform::Fields;

/// The length in characters.
pub fn length(text: &str) -> usize {
    text.chars().count()
}

/// The first records that fit, as text, and the ids of all. The first is always among them, cut if it must be.
pub fn records(records: Vec<Fields>, room: usize) -> (Vec<String>, Vec<Option<i64>>) {
    let ids = records
        .iter()
        .map(|record| record.get("id").and_then(Value::as_i64))
        .collect();
    let (mut kept, mut used) = (Vec::new(), 0);
    for record in records {
        let text = Value::Object(record.clone()).to_string();
        let text = match kept.is_empty() && length(&text) > room {
            true => object(record, room),
            false => text,
        };
        used += length(&text) + 1;
        if used > room && !kept.is_empty() {
            break;
        }
        kept.push(text);
    }
    (kept, ids)
}

/// An object as text, its longest texts cut until it fits; lists lose their last entries before that.
pub fn object(mut object: Map<String, Value>, room: usize) -> String {
    loop {
        let value = Value::Object(object);
        let text = value.to_string();
        let excess = length(&text).saturating_sub(room);
        let Value::Object(mut fields) = value else {
            return text;
        };
        if excess == 0 || !(shorten_list(&mut fields) || shorten_text(&mut fields, excess)) {
            return text;
        }
        object = fields;
    }
}

/// Drops the last half of the longest list beside the item.
fn shorten_list(fields: &mut Map<String, Value>) -> bool {
    let lists = fields
        .iter()
        .filter_map(|(name, value)| Some((name, value.as_array()?.len())));
    let longest = lists
        .filter(|(name, count)| *count > 1 && *name != "warnings")
        .max_by_key(|(_, count)| *count);
    let Some((name, count)) = longest.map(|(name, count)| (name.clone(), count)) else {
        return false;
    };
    let kept = count / 2;
    if let Some(Value::Array(list)) = fields.get_mut(&name) {
        list.truncate(kept);
    }
    fields.insert(
        format!("{name}_cut"),
        format!("{kept} shown to fit the answer").into(),
    );
    true
}

/// Cuts the longest text anywhere inside.
fn shorten_text(fields: &mut Map<String, Value>, excess: usize) -> bool {
    const MARK: usize = 60;
    let Some(longest) = fields
        .values_mut()
        .filter_map(longest)
        .max_by_key(|text| text.len())
    else {
        return false;
    };
    let before = length(longest);
    if before <= MARK * 2 {
        return false;
    }
    let kept = before.saturating_sub(excess + MARK).max(MARK);
    let cut: String = longest.chars().take(kept).collect();
    *longest = format!("{cut}… [cut: {kept} of {before} characters]");
    true
}

fn longest(value: &mut Value) -> Option<&mut String> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(items) => items
            .iter_mut()
            .filter_map(longest)
            .max_by_key(|text| text.len()),
        Value::Object(fields) => fields
            .values_mut()
            .filter_map(longest)
            .max_by_key(|text| text.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}
