//! Records as JSON text, written straight into the answer.

use std::io::Write;

use serde_json::Value;

use crate::catalog::{Entity, Field};

use super::store::{Record, UDFS, is_attachment};
use super::udf::{self, Udf};

/// Which fields a query shows.
#[derive(Debug)]
pub(super) enum Columns {
    All,
    Only(Vec<&'static Field>, Vec<&'static Udf>),
}

/// Whether an attachment's data is shown: in a single read only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Data {
    Shown,
    Withheld,
}

/// The answer to the read of one record; an attachment comes as a list of one.
pub(super) fn single(entity: Entity, record: &Record) -> Vec<u8> {
    let mut out = Vec::with_capacity(4096);
    if is_attachment(entity) {
        out.extend_from_slice(b"{\"items\":[");
        item(&mut out, entity, record, (&Columns::All, Data::Shown));
        out.extend_from_slice(
            b"],\"pageDetails\":{\"count\":1,\"requestCount\":500,\
\"prevPageUrl\":null,\"nextPageUrl\":null}}",
        );
    } else {
        out.extend_from_slice(b"{\"item\":");
        item(&mut out, entity, record, (&Columns::All, Data::Shown));
        out.push(b'}');
    }
    out
}

/// One record as a JSON object.
pub(super) fn item(out: &mut Vec<u8>, entity: Entity, record: &Record, shown: (&Columns, Data)) {
    let (columns, data) = shown;
    let mut object = Object { out, open: b'{' };
    match columns {
        Columns::All => {
            object.all(entity, record, data);
            if entity.has_udfs() {
                object.udfs(udf::of(entity).iter(), record);
            }
        }
        Columns::Only(fields, udfs) => {
            for field in fields {
                object.field(field, record.get(field.name), data);
            }
            if !udfs.is_empty() {
                object.udfs(udfs.iter().copied(), record);
            }
        }
    }
    object.close();
}

/// A JSON object under way.
struct Object<'a> {
    out: &'a mut Vec<u8>,
    open: u8,
}

impl Object<'_> {
    fn all(&mut self, entity: Entity, record: &Record, data: Data) {
        let mut held: Vec<_> = record.iter().collect();
        held.sort_unstable_by_key(|(name, _)| *name);
        let mut held = held.into_iter().peekable();
        if let Some(id) = entity.field("id") {
            self.field(id, record.get(id.name), data);
        }
        // Both go by name.
        for field in entity.fields().iter().filter(|field| field.name != "id") {
            while held.next_if(|(name, _)| name.as_str() < field.name).is_some() {}
            let value = held.next_if(|(name, _)| *name == field.name);
            self.field(field, value.map(|(_, value)| value), data);
        }
    }

    fn field(&mut self, field: &Field, value: Option<&Value>, data: Data) {
        let withheld = data == Data::Withheld && field.name == "data";
        self.key(field.name);
        match value.filter(|_| !withheld) {
            Some(value) => write_value(self.out, value),
            None => self.out.extend_from_slice(b"null"),
        }
    }

    fn udfs<'u>(&mut self, udfs: impl Iterator<Item = &'u Udf>, record: &Record) {
        let values = record.get(UDFS).and_then(Value::as_object);
        self.key(UDFS);
        let mut open = b'[';
        for udf in udfs {
            self.out.push(open);
            open = b',';
            let value = values.and_then(|values| values.get(&udf.name));
            let mut pair = Object { out: self.out, open: b'{' };
            pair.key("name");
            write_value(pair.out, &Value::String(udf.name.clone()));
            pair.key("value");
            write_value(pair.out, value.unwrap_or(&Value::Null));
            pair.close();
        }
        if open == b'[' {
            self.out.push(b'[');
        }
        self.out.push(b']');
    }

    fn key(&mut self, name: &str) {
        self.out.push(self.open);
        self.open = b',';
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn close(self) {
        if self.open == b'{' {
            self.out.push(b'{');
        }
        self.out.push(b'}');
    }
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    // Writing to memory cannot fail, and a JSON value always has a text.
    if serde_json::to_writer(&mut *out, value).is_err() {
        let _ = out.write_all(b"null");
    }
}
