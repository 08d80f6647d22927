//! A write in the words that a person is asked with.

use serde_json::Value;

use super::text;
use crate::caller::Question;
use crate::clean;
use crate::scalar::few;
use crate::schema::UDFS;

/// What fits a dialog; more is left out, by name.
const MOST: usize = 4000;
/// The longest single value.
const LONGEST: usize = 600;
/// Kept free for what must be read whatever is left out.
const ROOM: usize = 1000;
/// Names of what is left out; more are counted.
const NAMED: usize = 20;

/// A field and what becomes of it.
type Told = (String, String);

/// The question as text, line by line.
pub fn text(question: &Question) -> String {
    let preview = &question.preview;
    let mut head = vec![format!("Shall Autotask {}?", question.would)];
    head.push(format!("{} {}", bare(&preview["method"]), bare(&preview["path"])));
    let mut tail: Vec<_> = names(&preview["resolved"]);
    for beside in ["besides", "warnings"] {
        tail.extend(preview[beside].as_array().into_iter().flatten().map(bare));
    }
    let used: usize = tail.iter().map(|line| text::length(line) + 1).sum();
    let fields = fitting(fields(preview), MOST.saturating_sub(used).max(ROOM));
    let lines = [head, fields, tail].concat();
    let lines: Vec<_> = lines.iter().map(|told| clean::single_line(told)).collect();
    text::cut(&lines.join("\n"), MOST + ROOM)
}

/// A line a field, and the names of those for which there is no room.
fn fitting(fields: Vec<Told>, room: usize) -> Vec<String> {
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
        let names = few(&left, ", ", NAMED);
        lines.push(format!("No room to show: {names}."));
    }
    lines
}

/// What is written or lost, field by field, UDFs among them.
fn fields(preview: &Value) -> Vec<Told> {
    let labels = &preview["labels"];
    let changes = preview["changes"].as_object();
    let values = preview["present"].as_object().or(preview["body"].as_object());
    let told = match (changes, values) {
        (Some(changes), _) => changes.iter().map(|one| changed(one, labels)).collect(),
        (None, Some(fields)) => fields.iter().map(|one| given(one, labels)).collect(),
        (None, None) => Vec::new(),
    };
    told.concat()
}

fn changed((name, change): (&String, &Value), labels: &Value) -> Vec<Told> {
    match change.as_object().filter(|_| name == UDFS) {
        Some(udfs) => {
            let told = |(udf, change): (&String, &Value)| {
                (udf_name(udf), from_to(change, &labels[UDFS][udf]))
            };
            udfs.iter().map(told).collect()
        }
        None => vec![(name.clone(), from_to(change, &labels[name]))],
    }
}

fn from_to(change: &Value, label: &Value) -> String {
    let from = called(&change["from"], &change["from_label"]);
    format!("{from} → {}", called(&change["to"], label))
}

fn given((name, value): (&String, &Value), labels: &Value) -> Vec<Told> {
    match value.as_array().filter(|_| name == UDFS) {
        Some(udfs) => udfs.iter().filter_map(|udf| held(udf, labels)).collect(),
        None => vec![(name.clone(), called(value, &labels[name]))],
    }
}

/// A UDF that a record has, or shall have.
fn held(udf: &Value, labels: &Value) -> Option<Told> {
    let name = udf["name"].as_str()?;
    let label = [&udf["label"], &labels[UDFS][name]];
    let label = label.into_iter().find(|label| label.is_string());
    let told = called(&udf["value"], label.unwrap_or(&Value::Null));
    Some((udf_name(name), told))
}

/// No name of a field, whatever the tenant calls it.
fn udf_name(name: &str) -> String {
    format!("UDF {}", text::cut(name, LONGEST))
}

/// A value with what it is called, such as `1 (New)`.
fn called(value: &Value, label: &Value) -> String {
    match label.as_str() {
        Some(label) => format!("{} ({})", short(value), text::cut(label, LONGEST)),
        None => short(value),
    }
}

/// What names were taken for; several of one field are a list.
fn names(resolved: &Value) -> Vec<String> {
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
    text::cut(&value.to_string(), LONGEST)
}

fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
