//! A tool's response for people: records as tables or lines, then warnings.

mod table;

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};
use autotask_mcp::access::caller::ConfirmationRequest;
use autotask_mcp::app::App;
use serde_json::{Map, Value};

/// The style of headings and names.
pub const NAME: Style = Style::new().bold();
const WARNING: Style = AnsiColor::Yellow.on_default();
const ERROR: Style = AnsiColor::Red.on_default().bold();

/// The longest name that others are aligned with.
const MAX_NAME_CHARS: usize = 28;
/// Members of a response that a table makes obvious, or that only programs use.
const HIDDEN: [&str; 7] = ["count", "hasMore", "cursor", "filter", "resolved", "warnings", "undo"];

/// The response as lines of at most this width, with colors.
pub fn response(response: &Map<String, Value>, width: usize) -> String {
    let is_list = response.contains_key("items");
    let mut text = String::new();
    for (name, value) in response {
        let is_hidden = HIDDEN.contains(&name.as_str()) || is_list && name == "link";
        match (name.as_str(), value) {
            _ if is_hidden || is_empty(value) => {}
            ("items" | "groups" | "results", Value::Array(records)) => {
                text += &table::table(records, width);
            }
            ("item", Value::Object(record)) => text += &fields(record, "", width),
            _ => text += &field((name, value), name.chars().count(), "", width),
        }
    }
    text + &footer(response)
}

/// The lines below the records: their count and how to read more, how to revert a write, and the warnings.
fn footer(response: &Map<String, Value>) -> String {
    let mut text = String::new();
    if let (Some(count), Some(_)) = (response.get("count"), response.get("items")) {
        let unit = if *count == 1 { "record" } else { "records" };
        text += &format!("{count} {unit}\n");
    }
    if let Some(cursor) = response.get("cursor").and_then(Value::as_str) {
        text += &format!("There are more: repeat the call with cursor={cursor}\n");
    }
    if let Some(undo) = response.get("undo") {
        text += &format!("{NAME}undo{NAME:#}  {undo}\n");
    }
    for warning in response.get("warnings").and_then(Value::as_array).into_iter().flatten() {
        text += &format!("{WARNING}warning:{WARNING:#} {}\n", cell(warning));
    }
    text
}

/// The fields of a record, one per line; a label replaces its code, which follows in parentheses.
fn fields(record: &Map<String, Value>, indent: &str, width: usize) -> String {
    let is_shown = |(name, value): &(&String, &Value)| !is_label(name, record) && !is_empty(value);
    let members = || record.iter().filter(is_shown);
    let longest = members().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let lines = members().map(|(name, value)| match record.get(&format!("{name}_label")) {
        Some(label) => {
            let labeled = Value::from(format!("{} ({})", cell(label), cell(value)));
            field((name, &labeled), longest, indent, width)
        }
        None => field((name, value), longest, indent, width),
    });
    lines.collect()
}

fn field((name, value): (&str, &Value), longest: usize, indent: &str, width: usize) -> String {
    let heading = format!("{indent}{NAME}{name}{NAME:#}\n");
    match value {
        Value::Object(members) if changes(members).is_none() => {
            heading + &fields(members, &format!("{indent}  "), width)
        }
        Value::Array(entries) if entries.iter().any(Value::is_object) => {
            heading + &table::table(entries, width)
        }
        Value::Array(entries) if is_long(entries, width) => {
            let lines = entries.iter().map(|entry| format!("{indent}  {}\n", cell(entry)));
            heading + &lines.collect::<String>()
        }
        _ => {
            let padding = longest.min(MAX_NAME_CHARS).saturating_sub(name.chars().count());
            let lines = format!("\n{indent}  ");
            let text = plain(value).trim_end().replace('\n', &lines);
            format!("{indent}{NAME}{name}{NAME:#}{:padding$}  {text}\n", "")
        }
    }
}

fn is_long(entries: &[Value], width: usize) -> bool {
    entries.iter().map(|entry| cell(entry).chars().count() + 2).sum::<usize>() > width
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(entries) => entries.is_empty(),
        Value::Object(members) => members.is_empty(),
        value => value.is_null(),
    }
}

/// Whether a member is the label of another.
fn is_label(name: &str, record: &Map<String, Value>) -> bool {
    name.strip_suffix("_label").is_some_and(|field| record.contains_key(field))
}

/// A value on one line.
fn cell(value: &Value) -> String {
    plain(value).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(entries) if entries.iter().any(Value::is_object) => {
            format!("{} entries", entries.len())
        }
        Value::Array(entries) => entries.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Object(members) => changes(members).unwrap_or_else(|| value.to_string()),
        Value::Null => String::new(),
        value => value.to_string(),
    }
}

/// The changes of a write, if all members are changes.
fn changes(members: &Map<String, Value>) -> Option<String> {
    let change = |(name, change): (&String, &Value)| {
        let from = change.get("from_label").or_else(|| change.get("from"))?;
        let to = change.get("to_label").or_else(|| change.get("to"))?;
        Some(format!("{name}: {} → {}", cell(from), cell(to)))
    };
    let changes: Option<Vec<_>> = members.iter().map(change).collect();
    changes.map(|changes| changes.join(", "))
}

/// The error of a response, with the preview of a write line by line.
pub fn error(app: &App, error: &Value) -> String {
    let error = &error["error"];
    let (code, message) = (cell(&error["code"]), plain(&error["message"]));
    let mut text = format!("{ERROR}{code}:{ERROR:#} {message}\n");
    if error["preview"].is_object() {
        let (would, code) = (String::new(), String::new());
        let request = ConfirmationRequest { would, preview: error["preview"].clone(), code };
        // The first line only repeats the message.
        for line in app.confirmation_text(&request).lines().skip(1) {
            text += &format!("  {line}\n");
        }
    }
    for (name, label) in [("accepted", "Accepted"), ("next", "Next")] {
        if let Some(advice) = error[name].as_str() {
            text += &format!("{NAME}{label}:{NAME:#} {}\n", as_words(advice));
        }
    }
    text
}

/// Advice to repeat a call with a confirmation, which a command line takes as a word.
fn as_words(advice: &str) -> Cow<'_, str> {
    match advice.split_once("\"confirm\":\"") {
        Some((start, end)) => format!("{start}confirm={}", end.replacen('"', "", 1)).into(),
        None => advice.into(),
    }
}
