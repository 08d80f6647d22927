//! Answers that fit: cut between records.

use serde_json::Value;

use super::record::ProjectedRecord;
use super::text::{length, to_json};
use super::truncate;

/// The records that fit.
pub struct FittedRecords {
    pub texts: Vec<String>,
    /// The id of the last one.
    pub last: Option<i64>,
    /// Whether none was left out.
    pub all: bool,
}

/// The first records that fit, as text. The very first is always among them, cut if it must be, once `exact` has seen it.
///
/// Ids come beside the records, which need not show them.
pub fn fit_records(
    records: impl Iterator<Item = (Option<i64>, ProjectedRecord)>,
    room: usize,
    exact: &dyn Fn(String) -> String,
) -> FittedRecords {
    let mut kept = FittedRecords { texts: Vec::new(), last: None, all: true };
    let mut used = 0;
    for (id, record) in records {
        let mut text = to_json(&record);
        used += length(&text) + 1;
        if used > room && !kept.texts.is_empty() {
            kept.all = false;
            break;
        }
        if used > room {
            text = fit_object(exact(text), room);
        }
        kept.texts.push(text);
        kept.last = id;
    }
    kept
}

/// One object as text, cut inside where it alone is too long.
pub fn fit_object(text: String, room: usize) -> String {
    if length(&text) <= room {
        return text;
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(record)) => truncate::truncate_object(record, room),
        _ => text,
    }
}
