//! Objects that are too long, cut in each way.

use serde_json::json;

use super::*;

fn truncated_to(value: Value, limit: usize) -> Value {
    let Value::Object(fields) = value else {
        panic!("an object");
    };
    let text = truncate_object(fields, limit);
    assert!(length(&text) <= limit, "{} of {limit}: {text:.300}", length(&text));
    serde_json::from_str(&text).expect("JSON")
}

fn text_of(length: usize) -> String {
    "x".repeat(length)
}

#[test]
fn long_texts_are_shortened_alike() {
    let record =
        json!({ "item": { "a": text_of(100_000), "b": text_of(50_000), "c": text_of(900) } });
    let cut = truncated_to(record, 40_000);
    let lengths = ["a", "b", "c"].map(|name| length(cut["item"][name].as_str().unwrap_or("")));
    assert!(lengths.iter().take(2).all(|length| (19_000..20_000).contains(length)), "{lengths:?}");
    assert_eq!(lengths.get(2), Some(&900));
    assert!(cut["item"]["a"].as_str().is_some_and(|a| a.ends_with(" of 100000 characters]")));
}

#[test]
fn texts_are_shortened_before_records_are_dropped() {
    let notes: Vec<_> = (0..25).map(|id| json!({ "id": id, "text": text_of(3_000) })).collect();
    let entries: Vec<_> = (0..23).map(|id| json!({ "id": id, "text": text_of(100) })).collect();
    let cut =
        truncated_to(json!({ "item": { "id": 1 }, "notes": notes, "entries": entries }), 40_000);
    let counts = ["notes", "entries"].map(|name| cut[name].as_array().map_or(0, Vec::len));
    assert_eq!(counts, [25, 23]);
    let many: Vec<_> = (0..200).map(|id| json!({ "id": id, "text": text_of(900) })).collect();
    let cut = truncated_to(json!({ "item": { "id": 1 }, "notes": many, "few": [1, 2] }), 40_000);
    let counts = ["notes", "few"].map(|name| cut[name].as_array().map_or(0, Vec::len));
    assert!((40..45).contains(&counts[0]) && counts[1] == 2, "{counts:?}");
    assert_eq!(cut["notes_cut"], format!("{} of 200 shown to fit the response", counts[0]));
}

#[test]
fn the_largest_object_loses_fields_last() {
    let udfs: Map<_, _> = (0..300).map(|n| (format!("udf {n}"), json!("value"))).collect();
    let record = json!({ "item": { "id": 1, "title": "a", "userDefinedFields": udfs, "last": 2 } });
    let cut = truncated_to(record, 2_000);
    assert_eq!(cut["item"]["last"], 2);
    assert!(cut["item"]["userDefinedFields"].as_object().is_some_and(|left| left.len() > 50));
    assert_eq!(cut["item_cut"], "fields were dropped; name those you need in fields");
}

#[test]
fn escaped_characters_count_as_written() {
    let cut = truncated_to(json!({ "item": { "a": "\"\n".repeat(20_000) } }), 5_000);
    assert!(cut["item"]["a"].as_str().is_some_and(|a| a.ends_with(" of 40000 characters]")));
}

#[test]
fn hostile_objects_fit_small_limits() {
    let many: Map<_, _> = (0..20_000).map(|n| (format!("field {n}"), json!("value"))).collect();
    let deep = (0..100).fold(json!("x".repeat(5_000)), |inner, _| json!([inner]));
    let rows = [
        json!({ "item": many }),
        json!({ "item": { "a": deep } }),
        json!({ "x".repeat(50_000): 1 }),
        json!({ "item": { "list": vec![json!({}); 9_000] } }),
        json!({ "item": { "id": 1 }, "notes": vec![json!({ "text": text_of(2_000) }); 500] }),
    ];
    for value in rows {
        for limit in [200, 1_000, 40_000] {
            truncated_to(value.clone(), limit);
        }
    }
}
