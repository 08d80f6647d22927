//! A write in the words that a person is asked with.

use serde_json::Value;

use super::text;
use crate::access::caller::ConfirmationRequest;
use crate::catalog::UDFS;
use crate::text::sanitize;
use crate::value::coerce::join_first;

/// What fits a dialog; more is left out, by name.
const MAX_DIALOG_CHARS: usize = 4000;
/// The longest single value.
const MAX_LINE_CHARS: usize = 600;
/// Kept free for what must be read whatever is left out.
const RESERVED_CHARS: usize = 1000;
/// Names of what is left out; more are counted.
const MAX_NAMED_FIELDS: usize = 20;

/// A field and what becomes of it.
type FieldLine = (String, String);

/// The question as text, line by line.
pub fn text(question: &ConfirmationRequest) -> String {
    let preview = &question.preview;
    let mut head = vec![format!("Shall Autotask {}?", question.would)];
    head.push(format!("{} {}", unquoted(&preview["method"]), unquoted(&preview["path"])));
    let mut tail: Vec<_> = resolution_lines(&preview["resolved"]);
    for beside in ["besides", "warnings"] {
        tail.extend(preview[beside].as_array().into_iter().flatten().map(unquoted));
    }
    let used: usize = tail.iter().map(|line| text::length(line) + 1).sum();
    let fields =
        fit_lines(fields(preview), MAX_DIALOG_CHARS.saturating_sub(used).max(RESERVED_CHARS));
    let lines = [head, fields, tail].concat();
    let lines: Vec<_> = lines.iter().map(|told| sanitize::single_line(told)).collect();
    text::truncate(&lines.join("\n"), MAX_DIALOG_CHARS + RESERVED_CHARS)
}

/// A line a field, and the names of those for which there is no room.
fn fit_lines(fields: Vec<FieldLine>, room: usize) -> Vec<String> {
    let (mut lines, mut left, mut used) = (Vec::new(), Vec::new(), 0);
    for (name, told) in fields {
        let line = format!("{name}: {told}");
        used += text::length(&line) + 1;
        match used <= room {
            true => lines.push(line),
            false => left.push(name),
        }
    }
    if !left.is_empty() {
        let names = join_first(&left, ", ", MAX_NAMED_FIELDS);
        lines.push(format!("No room to show: {names}."));
    }
    lines
}

/// What is written or lost, field by field, UDFs among them.
fn fields(preview: &Value) -> Vec<FieldLine> {
    let labels = &preview["labels"];
    let changes = preview["changes"].as_object();
    let values = preview["present"].as_object().or(preview["body"].as_object());
    let told = match (changes, values) {
        (Some(changes), _) => changes.iter().map(|one| changed(one, labels)).collect(),
        (None, Some(fields)) => fields.iter().map(|one| field_lines(one, labels)).collect(),
        (None, None) => Vec::new(),
    };
    told.concat()
}

fn changed((name, change): (&String, &Value), labels: &Value) -> Vec<FieldLine> {
    match change.as_object().filter(|_| name == UDFS) {
        Some(udfs) => {
            let told = |(udf, change): (&String, &Value)| {
                (udf_name(udf), change_text(change, &labels[UDFS][udf]))
            };
            udfs.iter().map(told).collect()
        }
        None => vec![(name.clone(), change_text(change, &labels[name]))],
    }
}

fn change_text(change: &Value, label: &Value) -> String {
    let from = value_with_label(&change["from"], &change["from_label"]);
    format!("{from} → {}", value_with_label(&change["to"], label))
}

fn field_lines((name, value): (&String, &Value), labels: &Value) -> Vec<FieldLine> {
    match value.as_array().filter(|_| name == UDFS) {
        Some(udfs) => udfs.iter().filter_map(|udf| udf_line(udf, labels)).collect(),
        None => vec![(name.clone(), value_with_label(value, &labels[name]))],
    }
}

/// A UDF that a record has, or shall have.
fn udf_line(udf: &Value, labels: &Value) -> Option<FieldLine> {
    let name = udf["name"].as_str()?;
    let label = [&udf["label"], &labels[UDFS][name]];
    let label = label.into_iter().find(|label| label.is_string());
    let told = value_with_label(&udf["value"], label.unwrap_or(&Value::Null));
    Some((udf_name(name), told))
}

/// No name of a field, whatever the tenant calls it.
fn udf_name(name: &str) -> String {
    format!("UDF {}", text::truncate(name, MAX_LINE_CHARS))
}

/// A value with what it is called, such as `1 (New)`.
fn value_with_label(value: &Value, label: &Value) -> String {
    match label.as_str() {
        Some(label) => format!("{} ({})", short(value), text::truncate(label, MAX_LINE_CHARS)),
        None => short(value),
    }
}

/// What names were taken for; several of one field are a list.
fn resolution_lines(resolved: &Value) -> Vec<String> {
    let told = |name: &String, one: &Value| {
        format!("{name}: {} was taken for {}", short(&one["from"]), short(&one["to"]))
    };
    let several = |(name, noted): (&String, &Value)| match noted {
        Value::Array(several) => several.iter().map(|one| told(name, one)).collect(),
        one => vec![told(name, one)],
    };
    let resolved = resolved.as_object().into_iter().flatten();
    resolved.flat_map(several).collect()
}

fn short(value: &Value) -> String {
    text::truncate(&value.to_string(), MAX_LINE_CHARS)
}

fn unquoted(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
