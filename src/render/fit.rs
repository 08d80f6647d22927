//! Lists that fit: truncated between records.

use serde_json::Value;

use super::record::ProjectedRecord;
use super::text::{length, to_json};
use super::truncate;

/// The records that fit.
pub struct FittedRecords {
    pub texts: Vec<String>,
    /// The id of the last one.
    pub last: Option<i64>,
    /// Whether no record was left out.
    pub is_complete: bool,
}

/// The first records that fit, as text; the first one is always among them, truncated inside after `redact` saw it whole.
///
/// Ids are passed beside the records, which need not show them.
pub fn fit_records(
    records: impl Iterator<Item = (Option<i64>, ProjectedRecord)>,
    limit: usize,
    redact: &dyn Fn(String) -> String,
) -> FittedRecords {
    let mut fitted = FittedRecords { texts: Vec::new(), last: None, is_complete: true };
    let mut used = 0;
    for (id, record) in records {
        let mut text = to_json(&record);
        used += length(&text) + 1;
        if used > limit && !fitted.texts.is_empty() {
            fitted.is_complete = false;
            break;
        }
        if used > limit {
            text = fit_object(redact(text), limit);
        }
        fitted.texts.push(text);
        fitted.last = id;
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
