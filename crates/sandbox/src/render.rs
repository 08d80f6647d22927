//! Writes records as JSON text directly into the body.

use std::io::Write;

use autotask_schema::schema::Field;
use serde_json::{Value, json};

use crate::catalog::Entity;
use crate::record::{Record, UDFS};
use crate::udf::{self, Udf};

/// The fields that a query includes.
pub(crate) enum Columns {
    All,
    Only(Vec<&'static Field>, Vec<&'static Udf>),
}

/// Whether an attachment's data is included; only the read of one record includes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileData {
    Included,
    Omitted,
}

/// The body of a read of one record; an attachment is returned as a list of one.
pub(crate) fn single(entity: &Entity, record: &Record) -> Vec<u8> {
    let mut out = Vec::with_capacity(4096);
    let (start, end): (&[u8], &[u8]) = match entity.is_attachment() {
        true => (
            b"{\"items\":[",
            b"],\"pageDetails\":{\"count\":1,\"requestCount\":500,\
\"prevPageUrl\":null,\"nextPageUrl\":null}}",
        ),
        false => (b"{\"item\":", b"}"),
    };
    out.extend_from_slice(start);
    item(&mut out, entity, record, (&Columns::All, FileData::Included));
    out.extend_from_slice(end);
    out
}

/// One record as a JSON object.
pub(crate) fn item(
    out: &mut Vec<u8>,
    entity: &Entity,
    record: &Record,
    (columns, data): (&Columns, FileData),
) {
    let mut object = ObjectWriter { out: &mut *out, separator: b'{' };
    match columns {
        Columns::All => {
            object.all_fields(entity, record, data);
            if entity.has_user_defined_fields {
                object.udfs(udf::of_entity(entity).iter(), record);
            }
        }
        Columns::Only(fields, udfs) => {
            for field in fields {
                object.field(field, record.get(&field.name), data);
            }
            if !udfs.is_empty() {
                object.udfs(udfs.iter().copied(), record);
            }
        }
    }
    out.push(b'}');
}

/// Writes a JSON object, member by member.
struct ObjectWriter<'a> {
    out: &'a mut Vec<u8>,
    /// The byte before the next member.
    separator: u8,
}

impl ObjectWriter<'_> {
    fn all_fields(&mut self, entity: &Entity, record: &Record, data: FileData) {
        let mut values: Vec<_> = record.iter().collect();
        values.sort_unstable_by_key(|(name, _)| *name);
        let mut values = values.into_iter().peekable();
        if let Some(id) = entity.field("id") {
            self.field(id, record.get(&id.name), data);
        }
        // Fields and values are both sorted by name.
        for field in entity.fields().iter().filter(|field| field.name != "id") {
            while values.next_if(|(name, _)| **name < field.name).is_some() {}
            let value = values.next_if(|(name, _)| **name == field.name);
            self.field(field, value.map(|(_, value)| value), data);
        }
    }

    fn field(&mut self, field: &Field, value: Option<&Value>, data: FileData) {
        let is_omitted = data == FileData::Omitted && field.name == "data";
        self.key(&field.name);
        match value.filter(|_| !is_omitted) {
            Some(value) => write_value(self.out, value),
            None => self.out.extend_from_slice(b"null"),
        }
    }

    fn udfs<'u>(&mut self, udfs: impl Iterator<Item = &'u Udf>, record: &Record) {
        let values = record.get(UDFS).and_then(Value::as_object);
        let value = |udf: &Udf| values.and_then(|values| values.get(&udf.name));
        let pairs = udfs.map(|udf| json!({ "name": udf.name, "value": value(udf) }));
        self.key(UDFS);
        write_value(self.out, &pairs.collect());
    }

    fn key(&mut self, name: &str) {
        self.out.push(self.separator);
        self.separator = b',';
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    // Cannot fail: memory accepts every write, and every JSON value can be serialized.
    if serde_json::to_writer(&mut *out, value).is_err() {
        let _ = out.write_all(b"null");
    }
}
