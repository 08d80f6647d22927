//! A record as a response shows it, written as JSON: selected fields, labels, no nulls, UDFs by name, sanitized texts.
//! What depends on a field's name alone is decided once for all records of a page.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::text::write_json;
use crate::catalog::instant;
use crate::catalog::{DataType, Entity, UDFS};
use crate::executor::RecordFields;
use crate::plan::Projection;
use crate::resolver::Labels;
use crate::text::sanitize;
use crate::value::row::{Cell, Row};

/// An artifact of the SOAP API in child records, without any meaning.
const SOAP_ARTIFACT: &str = "soapParentPropertyId";

/// How the records of one entity are shown.
#[derive(Clone, Copy)]
pub struct RecordFormat<'a> {
    pub entity: Entity,
    pub projection: &'a Projection,
    pub labels: &'a Labels,
    pub time_zone: Option<&'a TimeZone>,
}

/// Writes the records of a page.
pub struct RowWriter<'a> {
    format: RecordFormat<'a>,
    /// The last record and the layout of its shape.
    last: Option<(&'a Row, Layout<'a>)>,
}

/// How records with the same names are written.
struct Layout<'a> {
    format: RecordFormat<'a>,
    columns: Vec<Column<'a>>,
    /// Where the UDFs are.
    udfs: Option<usize>,
    /// Whether two names may become the same: sanitized, or as our label of another field.
    may_repeat_names: bool,
}

/// How the values of one field are written.
struct Column<'a> {
    /// Its place among the names.
    at: usize,
    /// The name as JSON, between a comma and a colon.
    key: Vec<u8>,
    /// The same for its label; empty if it has none.
    label_key: Vec<u8>,
    labels: Option<&'a BTreeMap<i64, Arc<str>>>,
    text_labels: Option<&'a BTreeMap<String, Arc<str>>>,
    kind: Option<DataType>,
}

impl<'a> RowWriter<'a> {
    /// A writer of records in this format.
    pub fn new(format: RecordFormat<'a>) -> Self {
        Self { format, last: None }
    }

    /// Writes one record as JSON.
    pub fn write(&mut self, row: &'a Row, out: &mut Vec<u8>) {
        let layout = match self.last.take() {
            Some((last, layout)) if row.has_shape_of(last) => layout,
            _ => self.format.layout(row.names().iter().map(String::as_str)),
        };
        layout.write(&|at| row.cell(at), out);
        self.last = Some((row, layout));
    }
}

impl<'a> RecordFormat<'a> {
    /// Writes one record as JSON.
    pub fn write(self, record: &RecordFields, out: &mut Vec<u8>) {
        let cells: Vec<Cell> = record.values().map(Cell::from).collect();
        let layout = self.layout(record.keys().map(String::as_str));
        layout.write(&|at| cells.get(at).copied().unwrap_or(Cell::Null), out);
    }

    fn layout<'n>(self, names: impl Iterator<Item = &'n str> + Clone) -> Layout<'a> {
        let fields =
            names.clone().enumerate().filter(|(_, name)| ![UDFS, SOAP_ARTIFACT].contains(name));
        let placed = fields.filter_map(|field| Some((self.projection.position(field.1)?, field)));
        let mut placed: Vec<_> = placed.collect();
        placed.sort_by_key(|(position, _)| *position);
        let columns: Vec<_> = placed.into_iter().map(|(_, field)| self.column(field)).collect();
        let udfs = names.clone().position(|name| name == UDFS);
        let mut names = names;
        let may_repeat_names = names.any(|name| name.ends_with("_label") || !is_identifier(name));
        Layout { format: self, columns, udfs, may_repeat_names }
    }

    fn column(self, (at, name): (usize, &str)) -> Column<'a> {
        let (labels, text_labels) = (self.labels.of_numbers(name), self.labels.of_texts(name));
        let has_labels = labels.is_some() || text_labels.is_some();
        let label_key = has_labels.then(|| key(&[name, "_label"].concat()));
        Column {
            at,
            key: key(name),
            label_key: label_key.unwrap_or_default(),
            labels,
            text_labels,
            kind: self.entity.field(name).map(|field| field.kind).filter(|kind| kind.is_date()),
        }
    }

    /// The values of UDFs by name, each with its label.
    fn udfs_by_name(self, udfs: &[Value]) -> Map<String, Value> {
        let mut shown = Map::new();
        for udf in udfs {
            let (Some(name), Some(value)) = (udf["name"].as_str(), udf.get("value")) else {
                continue;
            };
            if value.is_null() || !self.projection.shows_udf(name) {
                continue;
            }
            let mut value = value.clone();
            instant::udf_day(&mut value);
            let label = self.labels.of_udf(name, &value);
            shown.insert(name.to_owned(), value);
            shown.extend(label.map(|label| ([name, "_label"].concat(), label.into())));
        }
        shown
    }
}

impl Layout<'_> {
    fn write<'c>(&self, cell: &dyn Fn(usize) -> Cell<'c>, out: &mut Vec<u8>) {
        let start = out.len();
        for column in &self.columns {
            column.write(cell(column.at), self.format.time_zone, out);
        }
        if let Some(Cell::Nested(Value::Array(udfs))) = self.udfs.map(cell) {
            let udfs = self.format.udfs_by_name(udfs);
            if !udfs.is_empty() {
                out.extend(key(UDFS));
                write_sanitized(udfs.into(), out);
            }
        }
        // The comma before the first field.
        match out.get_mut(start) {
            Some(comma) => *comma = b'{',
            None => out.push(b'{'),
        }
        out.push(b'}');
        if self.may_repeat_names {
            merge_same_names(start, out);
        }
    }
}

impl Column<'_> {
    /// Writes the field and its label; nothing for null.
    fn write(&self, cell: Cell, zone: Option<&TimeZone>, out: &mut Vec<u8>) {
        if cell == Cell::Null {
            return;
        }
        out.extend_from_slice(&self.key);
        match cell {
            Cell::Null => {}
            Cell::Bool(true) => out.extend_from_slice(b"true"),
            Cell::Bool(false) => out.extend_from_slice(b"false"),
            Cell::Int(number) => {
                write_json(&number, out);
                self.write_label(self.labels.and_then(|labels| labels.get(&number)), out);
            }
            Cell::UInt(number) => write_json(&number, out),
            Cell::Float(number) => write_json(&number, out),
            Cell::Nested(value) => write_sanitized(value.clone(), out),
            Cell::Text(text, is_plain) => {
                match self.kind.and_then(|kind| instant::shown(kind, text, zone)) {
                    Some(shown) => write_text(&shown, false, out),
                    None => write_text(text, is_plain, out),
                }
                self.write_label(self.text_labels.and_then(|labels| labels.get(text)), out);
            }
        }
    }

    fn write_label(&self, label: Option<&Arc<str>>, out: &mut Vec<u8>) {
        if let Some(label) = label {
            out.extend_from_slice(&self.label_key);
            write_text(label, false, out);
        }
    }
}

/// The sanitized name as JSON, between a comma and a colon.
fn key(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + ",\"\":".len());
    key.push(b',');
    write_text(name, is_identifier(name), &mut key);
    key.push(b':');
    key
}

/// Whether a name is as Autotask's own ones are: neither hidden characters nor escapes.
fn is_identifier(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A sanitized text as JSON; a plain one needs no escapes.
fn write_text(text: &str, is_plain: bool, out: &mut Vec<u8>) {
    let text = sanitize::sanitize(text);
    if is_plain {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        write_json(&text, out);
    }
}

fn write_sanitized(mut value: Value, out: &mut Vec<u8>) {
    sanitize::sanitize_value(&mut value);
    write_json(&value, out);
}

/// Of fields with the same name, the last value remains in the place of the first.
fn merge_same_names(start: usize, out: &mut Vec<u8>) {
    let text = out.split_off(start);
    match serde_json::from_slice::<Value>(&text) {
        Ok(record) => write_json(&record, out),
        Err(_) => out.extend(text),
    }
}
