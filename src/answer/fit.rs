//! Answers that fit: cut between records; a text too long for any answer is cut visibly.

use serde_json::{Map, Value};

use crate::perform::Fields;

/// A value as compact JSON; `Display` writes the same, piece by piece.
fn written(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| value.to_string())
}

/// The length in characters.
pub fn length(text: &str) -> usize {
    text.chars().count()
}

/// A text that fits, its end cut visibly.
pub fn text(text: &str, room: usize) -> String {
    let before = length(text);
    if before <= room {
        return text.to_owned();
    }
    marked(text, room.saturating_sub(MARK), before)
}

/// Room for the mark of a cut.
const MARK: usize = 60;

fn marked(text: &str, kept: usize, before: usize) -> String {
    let cut: String = text.chars().take(kept).collect();
    format!("{cut}… [cut: {kept} of {before} characters]")
}

/// The records that fit.
pub struct Kept {
    pub texts: Vec<String>,
    /// The id of the last one.
    pub last: Option<i64>,
    /// Whether none was left out.
    pub all: bool,
}

/// The first records that fit, as text. The very first is always among them, cut if it must be.
///
/// Ids come beside the records, which need not show them.
pub fn records(records: impl Iterator<Item = (Option<i64>, Fields)>, room: usize) -> Kept {
    let mut kept = Kept {
        texts: Vec::new(),
        last: None,
        all: true,
    };
    let mut used = 0;
    for (id, record) in records {
        let mut text = written(&Value::Object(record));
        used += length(&text) + 1;
        if used > room && !kept.texts.is_empty() {
            kept.all = false;
            break;
        }
        if used > room {
            text = cut(&text, room);
        }
        kept.texts.push(text);
        kept.last = id;
    }
    kept
}

/// One record that alone is too long, cut inside.
fn cut(text: &str, room: usize) -> String {
    match serde_json::from_str(text) {
        Ok(Value::Object(record)) => object(record, room),
        _ => text.to_owned(),
    }
}

/// An object as text, its longest texts cut until it fits; lists lose their last entries before that, and a record its last
/// fields after it.
pub fn object(object: Map<String, Value>, room: usize) -> String {
    fitted(object, room).1
}

/// The same as a value.
pub fn value(value: &mut Value, room: usize) {
    if let Value::Object(fields) = value {
        *value = fitted(std::mem::take(fields), room).0;
    }
}

fn fitted(mut object: Map<String, Value>, room: usize) -> (Value, String) {
    loop {
        let value = Value::Object(object);
        let text = written(&value);
        let excess = length(&text).saturating_sub(room);
        let Value::Object(mut fields) = value else {
            return (value, text);
        };
        let is_cut = excess > 0
            && (shorten_list(&mut fields)
                || shorten_text(&mut fields, excess)
                || drop_fields(&mut fields));
        if !is_cut {
            return (fields.into(), text);
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

/// Drops the last quarter of a record's fields.
fn drop_fields(fields: &mut Map<String, Value>) -> bool {
    const FEW: usize = 4;
    const MARK: &str = "fields_cut";
    let record = match fields.get_mut("item") {
        Some(Value::Object(item)) => item,
        _ => fields,
    };
    record.shift_remove(MARK);
    let kept = record.len() * 3 / 4;
    if kept < FEW {
        return false;
    }
    let dropped: Vec<_> = record.keys().skip(kept).cloned().collect();
    for name in dropped {
        record.shift_remove(&name);
    }
    record.insert(MARK.into(), "name the missing ones in fields".into());
    true
}

/// Cuts the longest text anywhere inside.
fn shorten_text(fields: &mut Map<String, Value>, excess: usize) -> bool {
    let Some(longest) = fields
        .values_mut()
        .filter_map(longest)
        .max_by_key(|text| length(text))
    else {
        return false;
    };
    let before = length(longest);
    if before <= MARK * 2 {
        return false;
    }
    let kept = before.saturating_sub(excess + MARK).max(MARK);
    *longest = marked(longest, kept, before);
    true
}

fn longest(value: &mut Value) -> Option<&mut String> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(items) => items
            .iter_mut()
            .filter_map(longest)
            .max_by_key(|text| length(text)),
        Value::Object(fields) => fields
            .values_mut()
            .filter_map(longest)
            .max_by_key(|text| length(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}
