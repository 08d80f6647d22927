//! The rows of a section: groups of counts merged, records, or records counted by a field.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Column, ColumnType, ColumnValue, Match, Material, Outcome, Response, Rows, Section};
use super::{SectionKind, groups};
use crate::value::datetime::DateOrInstant;
use crate::value::record::RecordFields;

/// A row, by the keys of its columns.
pub(super) type Row = Map<String, Value>;

impl Material<'_> {
    pub(super) fn response(&self, call: &str) -> Option<&Response> {
        self.responses.get(call)
    }

    fn records(&self, call: &str) -> &[RecordFields] {
        self.response(call).map_or(&[], |response| &response.records)
    }

    /// A member of a whole response; of its groups the sum.
    pub(super) fn total(&self, call: &str, member: &str) -> Value {
        let Some(response) = self.response(call) else { return Value::Null };
        match (member, response.body.get(member), response.groups()) {
            ("count", _, []) => response.records.len().into(),
            ("count", ..) | (_, None, _) => {
                sum(response.groups().iter().map(|group| &group[member]))
            }
            (_, Some(value), _) => value.clone(),
        }
    }

    /// The number of records with one of these outcomes; of all, if none is named.
    fn count(&self, records: &[&RecordFields], matches: &[Match]) -> Value {
        records.iter().filter(|record| self.has_any(record, matches)).count().into()
    }

    fn has_any(&self, record: &RecordFields, matches: &[Match]) -> bool {
        matches.is_empty()
            || matches.iter().any(|(key, value)| self.value(record, key).as_str() == Some(value))
    }

    /// A field of a record, with its label instead of a code, or an outcome.
    fn value(&self, record: &RecordFields, key: &str) -> Value {
        match self.report.outcomes.iter().find(|outcome| outcome.key == key) {
            Some(outcome) => self.outcome(record, outcome),
            None => labeled(record, key),
        }
    }

    fn outcome(&self, record: &RecordFields, outcome: &Outcome) -> Value {
        let instant = |field: &str| -> Option<Timestamp> {
            Some(DateOrInstant::read(record.get(field)?.as_str()?)?.to_timestamp())
        };
        let Some(due) = instant(outcome.due) else { return Value::Null };
        match outcome.done.iter().find_map(|field| instant(field)) {
            Some(done) if done <= due => "Met".into(),
            Some(_) => "Missed".into(),
            None if self.now > due => "Late".into(),
            None => "Open".into(),
        }
    }
}

/// A section as the page reads it.
pub(super) fn section(section: &Section, material: &Material<'_>) -> Value {
    let (mut rows, mut notes) = (rows(section, material), notes(section, material));
    sort(&mut rows, section.sort);
    let total = rows.len();
    if section.limit > 0 && total > section.limit {
        rows.truncate(section.limit);
        notes.push(format!("The first {} of {total}.", section.limit));
    }
    let kind = match section.kind {
        SectionKind::Figures => "figures",
        SectionKind::Bars => "bars",
        SectionKind::Lines => "lines",
        SectionKind::Table => "table",
    };
    let mut json = json!({ "title": section.title, "kind": kind });
    if !notes.is_empty() {
        json["note"] = notes.join(" ").into();
    }
    match section.kind {
        SectionKind::Figures => {
            json["rows"] = figures(section, rows.first());
            return json;
        }
        SectionKind::Bars | SectionKind::Lines => {
            let mut keys = section.columns.iter().map(|column| column.key);
            json["x"] = keys.next().into();
            json["y"] = keys.collect();
        }
        SectionKind::Table => {}
    }
    let column = |column: &Column| json!({ "key": column.key, "label": column.label, "type": column.kind.name() });
    json["columns"] = section.columns.iter().map(column).collect();
    json["rows"] = rows.into_iter().map(Value::from).collect();
    json
}

impl ColumnType {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Date => "date",
            Self::Hours => "hours",
        }
    }
}

/// The note of a section, and what is missing in its calls.
fn notes(section: &Section, material: &Material<'_>) -> Vec<String> {
    let mut notes = Vec::from_iter(Some(section.note.to_owned()).filter(|note| !note.is_empty()));
    let own = match section.rows {
        Rows::Records(call, _) | Rows::Tally(call, _) => Some(call),
        Rows::Groups | Rows::Every(_) => None,
    };
    let calls = section.columns.iter().filter_map(|column| match column.value {
        ColumnValue::Member(call, _) | ColumnValue::Balance { call, .. } => Some(call),
        ColumnValue::Matches(call, _) => Some(call),
        ColumnValue::Own | ColumnValue::Share(..) | ColumnValue::Total(_) => None,
    });
    for note in
        own.into_iter().chain(calls).filter_map(|call| material.response(call)?.note.as_ref())
    {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    notes
}

/// Each column of the one row as a figure.
fn figures(section: &Section, row: Option<&Row>) -> Value {
    let figure = |column: &Column| {
        let value = row.and_then(|row| row.get(column.key));
        json!({ "label": column.label, "value": value, "type": column.kind.name() })
    };
    section.columns.iter().map(figure).collect()
}

fn rows(section: &Section, material: &Material<'_>) -> Vec<Row> {
    let mut rows = match section.rows {
        Rows::Records(call, only) => {
            let records = material.records(call).iter();
            let records = records.filter(|record| material.has_any(record, only));
            records.map(|record| record_row(section, record, material)).collect()
        }
        Rows::Tally(call, field) => tally(section, material, (call, field)),
        Rows::Groups if section.kind == SectionKind::Figures => {
            vec![totals(section, material)]
        }
        Rows::Groups => groups::merged(section, material, &[]),
        Rows::Every(every) => groups::by_time(section, material, every),
    };
    for row in &mut rows {
        derive(section, row);
    }
    rows
}

fn record_row(section: &Section, record: &RecordFields, material: &Material<'_>) -> Row {
    let value = |column: &Column| (column.key.to_owned(), material.value(record, column.key));
    section.columns.iter().map(value).collect()
}

/// One row for each value of a field, in the order of the records.
fn tally(section: &Section, material: &Material<'_>, (call, field): (&str, &str)) -> Vec<Row> {
    let mut groups: Vec<(Value, Vec<&RecordFields>)> = Vec::new();
    for record in material.records(call) {
        let value = material.value(record, field);
        match groups.iter_mut().find(|(known, _)| *known == value) {
            Some((_, records)) => records.push(record),
            None => groups.push((value, vec![record])),
        }
    }
    let row = |(value, records): (Value, Vec<&RecordFields>)| {
        let column = |column: &Column| {
            let value = match column.value {
                ColumnValue::Matches(_, matches) => material.count(&records, matches),
                _ => value.clone(),
            };
            (column.key.to_owned(), value)
        };
        section.columns.iter().map(column).collect()
    };
    groups.into_iter().map(row).collect()
}

/// The one row of figures.
fn totals(section: &Section, material: &Material<'_>) -> Row {
    let figure = |column: &Column| {
        let value = match column.value {
            ColumnValue::Member(call, member) => material.total(call, member),
            ColumnValue::Matches(call, matches) => {
                material.count(&material.records(call).iter().collect::<Vec<_>>(), matches)
            }
            _ => Value::Null,
        };
        (column.key.to_owned(), value)
    };
    section.columns.iter().map(figure).collect()
}

/// Fills in what is made of other columns.
fn derive(section: &Section, row: &mut Row) {
    for column in section.columns {
        let number = |key: &&str| cell(row, key).as_f64().unwrap_or_default();
        let value = match column.value {
            ColumnValue::Share(part, other) => {
                let (part, all) = (number(&part), number(&part) + number(&other));
                (all > 0.0).then(|| (part / all * 100.0).round()).into()
            }
            ColumnValue::Total(keys) => keys.iter().map(number).sum::<f64>().into(),
            _ => continue,
        };
        row.insert(column.key.to_owned(), value);
    }
}

/// Sorts by a column; empty values come last.
fn sort(rows: &mut [Row], by: &str) {
    let key = by.trim_start_matches('-');
    if key.is_empty() {
        return;
    }
    rows.sort_by(|a, b| {
        let (a, b) = (cell(a, key), cell(b, key));
        let order = match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => a.as_str().cmp(&b.as_str()),
        };
        let order = if by.starts_with('-') { order.reverse() } else { order };
        a.is_null().cmp(&b.is_null()).then(order)
    });
}

/// The value of a column in a row.
pub(super) fn cell<'a>(row: &'a Row, key: &str) -> &'a Value {
    row.get(key).unwrap_or(&Value::Null)
}

fn labeled(record: &RecordFields, key: &str) -> Value {
    let label = record.get(&format!("{key}_label"));
    label.or_else(|| record.get(key)).cloned().unwrap_or_default()
}

/// To four decimals, without binary rounding errors.
fn sum<'a>(values: impl Iterator<Item = &'a Value>) -> Value {
    let sum = values.filter_map(Value::as_f64).fold(0.0, |sum, value| sum + value);
    ((sum * 10_000.0).round() / 10_000.0).into()
}
