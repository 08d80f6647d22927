//! Answers that fit: cut between records.

use serde_json::Value;

use super::inside;
use super::shape::Shaped;
use super::text::{length, written};

/// The records that fit.
pub struct Kept {
    pub texts: Vec<String>,
    /// The id of the last one.
    pub last: Option<i64>,
    /// Whether none was left out.
    pub all: bool,
}

/// The first records that fit, as text. The very first is always among them, cut if it must be, once `exact` has seen it.
///
/// Ids come beside the records, which need not show them.
pub fn records(
    records: impl Iterator<Item = (Option<i64>, Shaped)>,
    room: usize,
    exact: &dyn Fn(String) -> String,
) -> Kept {
    let mut kept = Kept { texts: Vec::new(), last: None, all: true };
    let mut used = 0;
    for (id, record) in records {
        let mut text = written(&record);
        used += length(&text) + 1;
        if used > room && !kept.texts.is_empty() {
            kept.all = false;
            break;
        }
        if used > room {
            text = whole(exact(text), room);
        }
        kept.texts.push(text);
        kept.last = id;
    }
    kept
}

/// One object as text, cut inside where it alone is too long.
pub fn whole(text: String, room: usize) -> String {
    if length(&text) <= room {
        return text;
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(record)) => inside::object(record, room),
        _ => text,
    }
}
