//! The text of a confirmation dialog.

use serde_json::Value;

use super::text;
use crate::access::caller::ConfirmationRequest;
use crate::catalog::UDFS;
use crate::text::sanitize;
use crate::value::coerce::join_first;

/// Maximum length of a dialog; fields beyond it are listed by name.
const MAX_DIALOG_CHARS: usize = 4000;
/// Maximum length of one value.
const MAX_LINE_CHARS: usize = 600;
/// Reserved for fields, however long warnings are.
const RESERVED_CHARS: usize = 1000;
/// Names listed of fields that are not shown; more are counted.
const MAX_NAMED_FIELDS: usize = 20;

/// A field and its new value.
type FieldLine = (String, String);

/// The dialog, line by line: what would be done, the fields, and what else to know.
pub fn text(request: &ConfirmationRequest) -> String {
    let preview = &request.preview;
    let mut head = vec![format!("{}?", capitalized(&request.would))];
    head.push(format!("{} {}", unquoted(&preview["method"]), unquoted(&preview["path"])));
    let mut tail: Vec<_> = resolution_lines(&preview["resolved"]);
    tail.extend(skipped_line(&preview["skipped"]));
    for name in ["sideEffects", "warnings"] {
        tail.extend(preview[name].as_array().into_iter().flatten().map(unquoted));
    }
    let used: usize = tail.iter().map(|line| text::length(line) + 1).sum();
    let fields =
        fit_lines(fields(preview), MAX_DIALOG_CHARS.saturating_sub(used).max(RESERVED_CHARS));
    let lines = [head, fields, tail].concat();
    let lines: Vec<_> = lines.iter().map(|line| sanitize::single_line(line)).collect();
    text::truncate(&lines.join("\n"), MAX_DIALOG_CHARS + RESERVED_CHARS)
}

/// One line for each field that fits, and the names of the others.
fn fit_lines(fields: Vec<FieldLine>, limit: usize) -> Vec<String> {
    let (mut lines, mut omitted, mut used) = (Vec::new(), Vec::new(), 0);
    for (name, value) in fields {
        let line = format!("{name}: {value}");
        used += text::length(&line) + 1;
        match used <= limit {
            true => lines.push(line),
            false => omitted.push(name),
        }
    }
    if !omitted.is_empty() {
        let names = join_first(&omitted, ", ", MAX_NAMED_FIELDS);
        lines.push(format!("Not shown: {names}."));
    }
    lines
}

/// The records of a change of several that already have the values.
fn skipped_line(skipped: &Value) -> Option<String> {
    let ids: Vec<_> = skipped.as_array()?.iter().map(ToString::to_string).collect();
    Some(format!("Skipped, as they have these values already: {}", ids.join(", ")))
}

/// The fields that are written or deleted, UDFs included; of several records, what changes in each.
fn fields(preview: &Value) -> Vec<FieldLine> {
    let labels = &preview["labels"];
    let changes = preview["changes"].as_object();
    let values = ["current", "body"].into_iter().find_map(|name| preview[name].as_object());
    let lines = match (changes, values) {
        (Some(changes), _) => changes.iter().map(|change| changed_lines(change, labels)).collect(),
        (None, Some(fields)) => fields.iter().map(|field| field_lines(field, labels)).collect(),
        (None, None) => Vec::new(),
    };
    let records = preview["records"].as_array().into_iter().flatten();
    lines.into_iter().flatten().chain(records.map(|record| record_line(record, labels))).collect()
}

/// A record of several, with its changes.
fn record_line(record: &Value, labels: &Value) -> FieldLine {
    let changes = record["changes"].as_object().into_iter().flatten();
    let changes = changes.flat_map(|change| changed_lines(change, labels));
    let changes: Vec<_> = changes.map(|(name, change)| format!("{name} {change}")).collect();
    (unquoted(&record["record"]), changes.join(", "))
}

fn changed_lines((name, change): (&String, &Value), labels: &Value) -> Vec<FieldLine> {
    match change.as_object().filter(|_| name == UDFS) {
        Some(udfs) => {
            let line = |(udf, change): (&String, &Value)| {
                (udf_name(udf), change_text(change, &labels[UDFS][udf]))
            };
            udfs.iter().map(line).collect()
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

/// A UDF that a record has, or will have.
fn udf_line(udf: &Value, labels: &Value) -> Option<FieldLine> {
    let name = udf["name"].as_str()?;
    let label = [&udf["label"], &labels[UDFS][name]];
    let label = label.into_iter().find(|label| label.is_string());
    let value = value_with_label(&udf["value"], label.unwrap_or(&Value::Null));
    Some((udf_name(name), value))
}

/// A name that cannot be taken for a standard field.
fn udf_name(name: &str) -> String {
    format!("UDF {}", text::truncate(name, MAX_LINE_CHARS))
}

/// A value with its label, such as `1 (New)`.
fn value_with_label(value: &Value, label: &Value) -> String {
    match label.as_str() {
        Some(label) => format!("{} ({})", short(value), text::truncate(label, MAX_LINE_CHARS)),
        None => short(value),
    }
}

/// What names were resolved to; several for one field are a list.
fn resolution_lines(resolved: &Value) -> Vec<String> {
    let line = |name: &String, name_ref: &Value| {
        format!("{name}: {} matched {}", short(&name_ref["from"]), short(&name_ref["to"]))
    };
    let lines = |(name, entry): (&String, &Value)| match entry {
        Value::Array(entries) => entries.iter().map(|entry| line(name, entry)).collect(),
        entry => vec![line(name, entry)],
    };
    let resolved = resolved.as_object().into_iter().flatten();
    resolved.flat_map(lines).collect()
}

fn short(value: &Value) -> String {
    text::truncate(&value.to_string(), MAX_LINE_CHARS)
}

fn unquoted(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
