//! JSON that fits a limit: first the longest texts are shortened, then the last records and fields are dropped.

use serde_json::{Map, Value};

use super::text::{MARKER_CHARS, length, to_json, truncate};
use crate::value::strings::for_each_string;

/// Texts are shortened to this before records are dropped, and to the second length before fields are.
const MIN_TEXT_CHARS: [usize; 2] = [1_000, 2 * MARKER_CHARS];
/// The space that the note about dropped records needs.
const NOTE_CHARS: usize = 80;

/// An object that fits, as JSON text.
pub fn truncate_object(object: Map<String, Value>, limit: usize) -> String {
    to_json(&fitted(object.into(), limit))
}

/// Makes a value fit.
pub fn truncate_value(value: &mut Value, limit: usize) {
    *value = fitted(value.take(), limit);
}

fn fitted(mut value: Value, limit: usize) -> Value {
    if size(&value) <= limit {
        return value;
    }
    for min_chars in MIN_TEXT_CHARS {
        let short = with_short_texts(&value, min_chars);
        if size(&short) <= limit {
            return with_longest_texts(&value, min_chars, limit);
        }
        drop_records(&mut value, &short, size(&short) - limit);
    }
    value = with_short_texts(&value, MIN_TEXT_CHARS[1]);
    let name = if value.get("item").is_some_and(Value::is_object) { "item_cut" } else { "cut" };
    let limit = limit.saturating_sub(NOTE_CHARS);
    loop {
        let excess = size(&value).saturating_sub(limit);
        if excess == 0 || !drop_fields(&mut value, excess) {
            break;
        }
    }
    if let Some(members) = value.as_object_mut() {
        members
            .insert(name.to_owned(), "fields were dropped; name those you need in fields".into());
    }
    value
}

fn size(value: &Value) -> usize {
    length(&to_json(value))
}

/// A copy in which every text has at most so many characters.
fn with_short_texts(value: &Value, max_chars: usize) -> Value {
    let mut copy = value.clone();
    for_each_string(&mut copy, &mut |text| {
        if length(text) > max_chars {
            *text = truncate(text, max_chars);
        }
    });
    copy
}

/// A copy that fits, with texts as long as possible; with `min_chars` they are known to fit.
fn with_longest_texts(value: &Value, min_chars: usize, limit: usize) -> Value {
    let (mut fits, mut exceeds) = (min_chars, limit);
    let mut best = with_short_texts(value, min_chars);
    // Each step halves the interval; closer than a line of text makes no difference.
    while exceeds - fits > MARKER_CHARS {
        let middle = fits.midpoint(exceeds);
        let copy = with_short_texts(value, middle);
        if size(&copy) <= limit {
            (fits, best) = (middle, copy);
        } else {
            exceeds = middle;
        }
    }
    best
}

/// Drops the last records of the longest lists; `short` is the same value with short texts, by which they are measured.
fn drop_records(value: &mut Value, short: &Value, excess: usize) {
    let Some(members) = value.as_object_mut() else { return };
    let lists = members.iter().filter(|(name, _)| *name != "warnings");
    let sizes = |name: &String| {
        let records = short[name.as_str()].as_array()?;
        Some((name.clone(), records.iter().map(|record| size(record) + 1).collect::<Vec<_>>()))
    };
    let mut lists: Vec<_> = lists.filter_map(|(name, _)| sizes(name)).collect();
    let mut missing = excess.saturating_add(NOTE_CHARS * lists.len());
    while missing > 0 {
        let long = lists.iter_mut().filter(|(_, sizes)| sizes.len() > 1);
        let Some((_, sizes)) = long.max_by_key(|(_, sizes)| sizes.iter().sum::<usize>()) else {
            break;
        };
        missing = missing.saturating_sub(sizes.pop().unwrap_or_default());
    }
    for (name, sizes) in lists {
        shorten_list(members, &name, sizes.len());
    }
}

fn shorten_list(members: &mut Map<String, Value>, name: &str, shown: usize) {
    let Some(Value::Array(records)) = members.get_mut(name) else { return };
    let total = records.len();
    if shown < total {
        records.truncate(shown);
        let note = format!("{shown} of {total} shown to fit the response");
        members.entry(format!("{name}_cut")).or_insert_with(|| note.into());
    }
}

/// Drops the last members of the largest object or list inside; false if nothing is left to drop.
fn drop_fields(value: &mut Value, excess: usize) -> bool {
    let children: Vec<&mut Value> = match value {
        Value::Object(members) => members.values_mut().collect(),
        Value::Array(items) => items.iter_mut().collect(),
        _ => Vec::new(),
    };
    let nested = children.into_iter().filter(|child| has_members(child));
    let largest = nested.map(|child| (size(child), child)).max_by_key(|(size, _)| *size);
    if let Some((_, child)) = largest.filter(|(size, _)| *size > excess / 2) {
        return drop_fields(child, excess);
    }
    let mut dropped = 0;
    while dropped < excess {
        let last = match value {
            Value::Object(members) => members.keys().next_back().cloned().map(|name| {
                let member = members.shift_remove(&name).unwrap_or_default();
                length(&name) + size(&member)
            }),
            Value::Array(items) => items.pop().map(|item| size(&item)),
            _ => None,
        };
        match last {
            Some(size) => dropped += size + ",\"\":".len(),
            None => break,
        }
    }
    dropped > 0
}

fn has_members(value: &Value) -> bool {
    match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
