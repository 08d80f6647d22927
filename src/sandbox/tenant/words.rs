//! The word lists that tickets and notes are made of.

use serde_json::Value;

/// What tickets are about, and what is said on them.
pub(super) struct Words<'a> {
    pub(super) topics: Vec<Topic<'a>>,
    pub(super) notes: Vec<(&'a str, &'a str)>,
}

/// A kind of trouble: its codes, and words for it.
pub(super) struct Topic<'a> {
    pub(super) issue: i64,
    pub(super) sub: i64,
    pub(super) titles: Vec<&'a str>,
    pub(super) descriptions: Vec<&'a str>,
    pub(super) work: Vec<&'a str>,
}

impl<'a> Words<'a> {
    /// The lists out of their file.
    pub(super) fn read(work: &'a Value) -> Self {
        let note = |row: &'a Value| Some((row.get(0)?.as_str()?, row.get(1)?.as_str()?));
        Self {
            topics: rows(work, "topics").map(Topic::read).collect(),
            notes: rows(work, "notes").filter_map(note).collect(),
        }
    }
}

impl<'a> Topic<'a> {
    fn read(row: &'a Value) -> Self {
        let code = |name: &str| row.get(name).and_then(Value::as_i64).unwrap_or(0);
        let texts = |name: &str| rows(row, name).filter_map(Value::as_str).collect();
        Self {
            issue: code("issue"),
            sub: code("sub"),
            titles: texts("titles"),
            descriptions: texts("descriptions"),
            work: texts("work"),
        }
    }
}

fn rows<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}
