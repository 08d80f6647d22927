//! An object cut inside until it fits, visibly: texts first, then lists, then fields.

use serde_json::{Map, Value};

use super::text::{MARKER_CHARS, length, split_marker, strip_sentinel, to_json, with_marker};

/// Lists give up entries before texts are cut shorter than this.
const MIN_TEXT_CHARS: usize = 1_000;

/// An object as text that fits: long texts are cut alike, then lists lose their last entries, then texts become short, and
/// a record loses its last fields.
pub fn truncate_object(object: Map<String, Value>, room: usize) -> String {
    truncate_to(object, room).1
}

/// The same as a value.
pub fn truncate_value(value: &mut Value, room: usize) {
    if let Value::Object(fields) = value {
        *value = truncate_to(std::mem::take(fields), room).0;
    }
}

fn truncate_to(mut object: Map<String, Value>, room: usize) -> (Value, String) {
    let mut text = to_json(&object);
    let mut was_cut = false;
    while shrink_step(&mut object, length(&text).saturating_sub(room)) {
        text = to_json(&object);
        was_cut = true;
    }
    if was_cut {
        let finish = |value| for_each_string(value, &mut strip_sentinel);
        object.values_mut().for_each(finish);
        text = to_json(&object);
    }
    (object.into(), text)
}

/// Takes away what may be missed, the first thing that can be; false where nothing is too much, or nothing can go.
fn shrink_step(object: &mut Map<String, Value>, excess: usize) -> bool {
    excess > 0
        && (shorten_texts(object, excess, MIN_TEXT_CHARS)
            || shorten_lists(object, excess)
            || shorten_texts(object, excess, MARKER_CHARS)
            || drop_fields(object, excess))
}

/// Drops last entries, each time of the list that takes the most room.
fn shorten_lists(fields: &mut Map<String, Value>, excess: usize) -> bool {
    let size = |one: &Value| length(&to_json(one)) + 1;
    let sizes = |list: &Vec<Value>| list.iter().map(size).collect::<Vec<_>>();
    let lists = fields.iter().filter(|(name, _)| *name != "warnings");
    let lists = lists.filter_map(|(name, value)| Some((name.clone(), sizes(value.as_array()?))));
    let mut lists: Vec<_> = lists.filter(|(_, list)| list.len() > 1).collect();
    let mut dropped = 0;
    while dropped < excess {
        let long = lists.iter_mut().filter(|(_, list)| list.len() > 1);
        match long.max_by_key(|(_, list)| list.iter().sum::<usize>()) {
            Some((_, list)) => dropped += list.pop().unwrap_or_default(),
            None => break,
        }
    }
    for (name, list) in lists {
        shorten_list(fields, &name, list.len());
    }
    dropped > 0
}

fn shorten_list(fields: &mut Map<String, Value>, name: &str, kept: usize) {
    if let Some(Value::Array(list)) = fields.get_mut(name)
        && list.len() > kept
    {
        let before = list.len();
        list.truncate(kept);
        let mark = format!("{name}_cut");
        let told = fields.get(&mark).and_then(Value::as_str);
        let all = told.and_then(|told| told.split(' ').nth(2)?.parse().ok());
        let all: usize = all.unwrap_or(before);
        let told = format!("{kept} of {all} shown to fit the answer");
        fields.insert(mark, told.into());
    }
}

/// Drops the last fields of a record, or those inside the one that takes most of it.
fn drop_fields(fields: &mut Map<String, Value>, excess: usize) -> bool {
    const MIN_ITEMS: usize = 3;
    let of_item = fields.get("item").is_some_and(Value::is_object);
    let record = match fields.get_mut("item") {
        Some(Value::Object(item)) => item,
        _ => &mut *fields,
    };
    let dropped = drop_last(record, excess, MIN_ITEMS);
    if dropped {
        let told = Value::from("name the missing ones in fields");
        let name = if of_item { "item_cut" } else { "fields_cut" };
        fields.insert(name.to_owned(), told);
    }
    dropped
}

fn drop_last(record: &mut Map<String, Value>, excess: usize, few: usize) -> bool {
    let size = |value: &Value| length(&to_json(value));
    let within = record.values_mut().filter_map(Value::as_object_mut);
    let within = within.filter(|fields| fields.len() > 1);
    let sized = within.map(|fields| (size(&Value::Object(fields.clone())), fields));
    if let Some((_, fields)) =
        sized.filter(|(size, _)| *size > excess / 2).max_by_key(|(size, _)| *size)
    {
        return drop_last(fields, excess, 1);
    }
    let mut dropped = 0;
    while dropped < excess && record.len() > few {
        let Some(name) = record.keys().rfind(|name| !name.ends_with("_cut")).cloned() else {
            break;
        };
        let value = record.shift_remove(&name).unwrap_or_default();
        dropped += length(&name) + size(&value) + 4;
    }
    dropped > 0
}

/// Cuts every text above one length, which is as long as it can be and at least `least`.
fn shorten_texts(fields: &mut Map<String, Value>, excess: usize, least: usize) -> bool {
    let mut lengths = Vec::new();
    fields.values_mut().for_each(|value| {
        for_each_string(value, &mut |text| lengths.push(length(text)));
    });
    lengths.retain(|length| *length > least + MARKER_CHARS);
    if lengths.is_empty() {
        return false;
    }
    let level = cut_length(lengths, excess).max(least);
    fields.values_mut().for_each(|value| {
        for_each_string(value, &mut |text| {
            let (left, before) = split_marker(text);
            if length(text) > level + MARKER_CHARS {
                *text = with_marker(left, level, before);
            }
        });
    });
    true
}

/// The length above which texts of these lengths have so many characters too many, marks of the cuts included.
fn cut_length(mut lengths: Vec<usize>, excess: usize) -> usize {
    lengths.sort_unstable_by_key(|length| std::cmp::Reverse(*length));
    let (mut sum, mut level) = (0, 0);
    for (cut, length) in (1..).zip(&lengths) {
        sum += length;
        level = sum.saturating_sub(excess + cut * MARKER_CHARS) / cut;
        if lengths.get(cut).is_none_or(|next| *next <= level) {
            break;
        }
    }
    level
}

fn for_each_string(value: &mut Value, see: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(items) => items.iter_mut().for_each(|item| for_each_string(item, see)),
        Value::Object(fields) => fields.values_mut().for_each(|field| for_each_string(field, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cut_to(value: Value, room: usize) -> Value {
        let Value::Object(fields) = value else {
            panic!("an object");
        };
        let text = truncate_object(fields, room);
        assert!(length(&text) <= room, "{} of {room}: {text:.300}", length(&text));
        serde_json::from_str(&text).expect("JSON")
    }

    fn text_of(length: usize) -> String {
        "x".repeat(length)
    }

    #[test]
    fn long_texts_share_what_there_is() {
        let record =
            json!({ "item": { "a": text_of(100_000), "b": text_of(50_000), "c": text_of(900) } });
        let cut = cut_to(record, 40_000);
        let lengths = ["a", "b", "c"].map(|name| length(cut["item"][name].as_str().unwrap_or("")));
        assert!(
            lengths.iter().take(2).all(|length| (19_000..20_000).contains(length)),
            "{lengths:?}"
        );
        assert_eq!(lengths.get(2), Some(&900));
        assert!(cut["item"]["a"].as_str().is_some_and(|a| a.ends_with(" of 100000 characters]")));
    }

    #[test]
    fn lists_lose_no_more_than_they_must() {
        let notes: Vec<_> = (0..25).map(|id| json!({ "id": id, "text": text_of(3_000) })).collect();
        let entries: Vec<_> = (0..23).map(|id| json!({ "id": id, "text": text_of(100) })).collect();
        let cut =
            cut_to(json!({ "item": { "id": 1 }, "notes": notes, "entries": entries }), 40_000);
        let counts = ["notes", "entries"].map(|name| cut[name].as_array().map_or(0, Vec::len));
        assert_eq!(counts, [25, 23]);
        let many: Vec<_> = (0..200).map(|id| json!({ "id": id, "text": text_of(900) })).collect();
        let cut = cut_to(json!({ "item": { "id": 1 }, "notes": many, "few": [1, 2] }), 40_000);
        let counts = ["notes", "few"].map(|name| cut[name].as_array().map_or(0, Vec::len));
        assert!((40..45).contains(&counts[0]) && counts[1] == 2, "{counts:?}");
        assert_eq!(cut["notes_cut"], format!("{} of 200 shown to fit the answer", counts[0]));
    }

    #[test]
    fn fields_go_last_and_the_fullest_gives_way() {
        let udfs: Map<_, _> = (0..300).map(|n| (format!("udf {n}"), json!("value"))).collect();
        let record =
            json!({ "item": { "id": 1, "title": "a", "userDefinedFields": udfs, "last": 2 } });
        let cut = cut_to(record, 2_000);
        assert_eq!(cut["item"]["last"], 2);
        assert!(cut["item"]["userDefinedFields"].as_object().is_some_and(|left| left.len() > 50));
        assert_eq!(cut["item_cut"], "name the missing ones in fields");
    }

    #[test]
    fn escapes_count_as_they_are_written() {
        let cut = cut_to(json!({ "item": { "a": "\"\n".repeat(20_000) } }), 5_000);
        assert!(cut["item"]["a"].as_str().is_some_and(|a| a.ends_with(" of 40000 characters]")));
    }
}
