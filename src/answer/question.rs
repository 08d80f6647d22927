//! A write in the words that a person is asked with.

use serde_json::{Map, Value};

use super::fit;
use crate::caller::Question;

/// What fits a dialog; more is cut, visibly.
const MOST: usize = 4000;
/// The longest single value.
const LONGEST: usize = 600;

/// The question as text, line by line.
pub fn text(question: &Question) -> String {
    let preview = &question.preview;
    let labels = &preview["labels"];
    let mut lines = vec![format!("Shall Autotask {}?", question.would)];
    lines.push(format!(
        "{} {}",
        bare(&preview["method"]),
        bare(&preview["path"])
    ));
    match (
        preview["changes"].as_object(),
        preview["present"].as_object(),
    ) {
        (Some(changes), _) => lines.extend(changes.iter().map(|one| changed(one, labels))),
        (None, Some(present)) => lines.extend(values(present, labels)),
        (None, None) => {
            let body = preview["body"].as_object().into_iter();
            lines.extend(body.flat_map(|body| values(body, labels)));
        }
    }
    lines.extend(preview["resolved"].as_object().into_iter().flat_map(names));
    for beside in ["besides", "warnings"] {
        lines.extend(preview[beside].as_array().into_iter().flatten().map(bare));
    }
    fit::text(&lines.join("\n"), MOST)
}

fn changed((name, change): (&String, &Value), labels: &Value) -> String {
    match (change.get("from"), change.get("to")) {
        (Some(from), Some(to)) => {
            let (from, to) = (
                called(from, &change["from_label"]),
                called(to, &labels[name]),
            );
            format!("{name}: {from} → {to}")
        }
        _ => format!("{name}: {}", short(change)),
    }
}

fn values(fields: &Map<String, Value>, labels: &Value) -> Vec<String> {
    let line =
        |(name, value): (&String, &Value)| format!("{name}: {}", called(value, &labels[name]));
    fields.iter().map(line).collect()
}

/// A value with what it is called, such as `1 (New)`.
fn called(value: &Value, label: &Value) -> String {
    match label.as_str() {
        Some(label) => format!("{} ({})", short(value), fit::text(label, LONGEST)),
        None => short(value),
    }
}

/// What names were taken for; several of one field are a list.
fn names(resolved: &Map<String, Value>) -> Vec<String> {
    let line = |name: &String, one: &Value| {
        format!(
            "{name}: {} was taken for {}",
            short(&one["from"]),
            short(&one["to"])
        )
    };
    let several = |(name, noted): (&String, &Value)| match noted {
        Value::Array(several) => several.iter().map(|one| line(name, one)).collect(),
        one => vec![line(name, one)],
    };
    resolved.iter().flat_map(several).collect()
}

fn short(value: &Value) -> String {
    fit::text(&value.to_string(), LONGEST)
}

fn bare(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
