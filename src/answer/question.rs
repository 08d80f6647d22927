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
        (Some(changes), _) => lines.extend(changes.iter().map(changed)),
        (None, Some(present)) => lines.extend(values(present)),
        (None, None) => lines.extend(preview["body"].as_object().into_iter().flat_map(values)),
    }
    for beside in ["besides", "warnings"] {
        lines.extend(preview[beside].as_array().into_iter().flatten().map(bare));
    }
    fit::text(&lines.join("\n"), MOST)
}

fn changed((name, change): (&String, &Value)) -> String {
    match (change.get("from"), change.get("to")) {
        (Some(from), Some(to)) => format!("{name}: {} → {}", short(from), short(to)),
        _ => format!("{name}: {}", short(change)),
    }
}

fn values(fields: &Map<String, Value>) -> Vec<String> {
    let line = |(name, value): (&String, &Value)| format!("{name}: {}", short(value));
    fields.iter().map(line).collect()
}

fn short(value: &Value) -> String {
    fit::text(&value.to_string(), LONGEST)
}

fn bare(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
