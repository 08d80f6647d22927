//! Lists that fit: truncated between records.

use serde_json::Value;

use super::record::RowWriter;
use super::text::{byte_length, length};
use super::truncate;
use crate::value::row::Row;

/// The records that fit.
pub struct FittedRecords {
    pub count: usize,
    /// The id of the last one.
    pub last: Option<i64>,
    /// Whether no record was left out.
    pub is_complete: bool,
}

/// Writes the first records that fit, with commas between them; the first one is always among them, truncated inside
/// after `redact` saw it whole.
pub fn fit_records<'r>(
    rows: &'r [Row],
    mut writer: RowWriter<'r>,
    (limit, redact): (usize, &dyn Fn(String) -> String),
    out: &mut Vec<u8>,
) -> FittedRecords {
    let mut fitted = FittedRecords { count: 0, last: None, is_complete: true };
    let mut used = 0;
    for row in rows {
        let end = out.len();
        if fitted.count > 0 {
            out.push(b',');
        }
        let start = out.len();
        writer.write(row, out);
        let bytes = out.len() - start;
        used += out.get(start..).map_or(0, byte_length) + 1;
        if used > limit && fitted.count > 0 {
            out.truncate(end);
            fitted.is_complete = false;
            break;
        }
        if used > limit {
            let text = String::from_utf8(out.split_off(start)).unwrap_or_default();
            out.extend(fit_object(redact(text), limit).into_bytes());
        }
        if fitted.count == 0 {
            // The others are about as long.
            out.reserve((bytes * rows.len()).min(limit));
        }
        fitted.count += 1;
        fitted.last = row.id();
    }
    fitted
}

/// One object as text, truncated inside if it is too long.
pub fn fit_object(text: String, limit: usize) -> String {
    if length(&text) <= limit {
        return text;
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(record)) => truncate::truncate_object(record, limit),
        _ => text,
    }
}
