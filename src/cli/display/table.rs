//! Formats records as a table of the columns that fit into a terminal, or as lines if the terminal is too narrow.

use std::fmt::Write;

use anstyle::Style;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
use serde_json::{Map, Value};

use super::{NAME, cell, fields, is_label};

/// In characters; a narrower terminal shows the fields of each record as lines.
const MIN_TABLE_WIDTH: usize = 40;
const MAX_COLUMN_CHARS: usize = 32;
const SPACES_BETWEEN_COLUMNS: usize = 2;
/// A longer value is truncated in a table.
const MAX_CELL_CHARS: usize = 96;

/// The records as a table of at most this width, and the names of the fields that do not fit.
pub fn table(records: &[Value], width: usize) -> String {
    let records: Vec<_> = records.iter().filter_map(Value::as_object).collect();
    if width < MIN_TABLE_WIDTH {
        return records.iter().map(|record| fields(record, "", width) + "\n").collect();
    }
    let (shown, hidden) = columns(&records, width);
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width + SPACES_BETWEEN_COLUMNS).unwrap_or(u16::MAX))
        .set_header(&shown);
    for record in &records {
        table.add_row(shown.iter().map(|name| value(record, name)));
    }
    for column in table.column_iter_mut() {
        let limit = u16::try_from(MAX_COLUMN_CHARS + SPACES_BETWEEN_COLUMNS).unwrap_or(u16::MAX);
        column
            .set_padding((0, 2))
            .set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(limit)));
    }
    let mut text = with_heading(&table.to_string());
    if !hidden.is_empty() {
        writeln!(text, "Not shown: {}; --json shows everything.", hidden.join(", ")).ok();
    }
    text
}

/// The columns that fit, from the left, and the others; the first one always fits.
fn columns<'a>(records: &[&'a Map<String, Value>], width: usize) -> (Vec<&'a str>, Vec<&'a str>) {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in records.iter().flat_map(|record| record.iter()) {
        if !names.contains(&name.as_str()) && !records.iter().any(|record| is_label(name, record)) {
            names.push(name);
        }
    }
    let mut used = 0;
    let fitting = names.iter().take_while(|name| {
        used += column_chars(records, name) + SPACES_BETWEEN_COLUMNS;
        used <= width + SPACES_BETWEEN_COLUMNS
    });
    let count = fitting.count().max(1).min(names.len());
    let hidden = names.split_off(count);
    (names, hidden)
}

fn column_chars(records: &[&Map<String, Value>], name: &str) -> usize {
    let cells = records.iter().map(|record| value(record, name).chars().count());
    cells.max().unwrap_or_default().min(MAX_COLUMN_CHARS).max(name.chars().count())
}

/// The value of a field: its label if it has one.
fn value(record: &Map<String, Value>, name: &str) -> String {
    let label = record.get(&format!("{name}_label"));
    let text = label.or_else(|| record.get(name)).map(cell).unwrap_or_default();
    match text.char_indices().nth(MAX_CELL_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The table with an emphasized first line and without trailing spaces.
fn with_heading(table: &str) -> String {
    let mut text = String::new();
    for (index, line) in table.lines().map(str::trim_end).enumerate() {
        let style = if index == 0 { NAME } else { Style::new() };
        writeln!(text, "{style}{line}{style:#}").ok();
    }
    text
}
