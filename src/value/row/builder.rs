//! Builds the rows of a page.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Cell, PageStore, Row, Slot};
use crate::value::record::RecordFields;

/// Builds the records of a page.
#[derive(Default)]
pub struct RowBuilder {
    page: PageStore,
    /// The shape and the first slot of each record.
    rows: Vec<(u32, u32)>,
    current: Current,
}

/// The record that is being built.
#[derive(Default)]
struct Current {
    start: usize,
    /// The fields so far.
    count: usize,
    /// Its names and their places, once they differ from those of the record before.
    own: Option<(Vec<String>, HashMap<String, usize>)>,
}

impl RowBuilder {
    /// A builder with room for so many bytes of text.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        let page = PageStore { texts: String::with_capacity(bytes), ..PageStore::default() };
        Self { page, ..Self::default() }
    }

    /// Begins the next record.
    pub fn begin(&mut self) {
        self.current = Current { start: self.page.slots.len(), count: 0, own: None };
    }

    /// The name that the next field has if the record is like the one before.
    #[must_use]
    pub fn expected_name(&self) -> Option<&str> {
        let Current { count, own: None, .. } = &self.current else { return None };
        self.page.shapes.last()?.get(*count).map(String::as_str)
    }

    /// Adds a field; without a name, it has the expected one. Of two with the same name the last one counts.
    pub fn push(&mut self, name: Option<String>, slot: Slot) {
        let Some(name) = name else {
            self.page.slots.push(slot);
            self.current.count += 1;
            return;
        };
        let Current { start, count, own } = &mut self.current;
        let known = self.page.shapes.last();
        let (names, places) = own.get_or_insert_with(|| {
            let names: Vec<_> = known.into_iter().flatten().take(*count).cloned().collect();
            let places = names.iter().cloned().zip(0..).collect();
            (names, places)
        });
        if let Some(at) = places.get(&name) {
            if !matches!(slot, Slot::Null)
                && let Some(old) = self.page.slots.get_mut(*start + at)
            {
                *old = slot;
            }
            return;
        }
        places.insert(name.clone(), *count);
        names.push(name);
        self.page.slots.push(slot);
        *count += 1;
    }

    /// Ends a record.
    pub fn end(&mut self) {
        let Current { start, count, own } = std::mem::take(&mut self.current);
        let shapes = &mut self.page.shapes;
        match (own, shapes.last()) {
            (Some((names, _)), _) => shapes.push(names),
            (None, Some(last)) if last.len() == count => {}
            (None, last) => {
                let names = last.into_iter().flatten().take(count).cloned().collect();
                shapes.push(names);
            }
        }
        self.rows.push((to_u32(shapes.len() - 1), to_u32(start)));
    }

    /// The records.
    #[must_use]
    pub fn finish(self) -> Vec<Row> {
        let page = Arc::new(self.page);
        let row = |(shape, start)| Row { page: page.clone(), shape, start };
        self.rows.into_iter().map(row).collect()
    }

    /// Stores a text.
    pub fn text(&mut self, text: &str, is_plain: bool) -> Slot {
        let (start, length) = (to_u32(self.page.texts.len()), to_u32(text.len()));
        self.page.texts.push_str(text);
        Slot::Text { start, length, is_plain }
    }

    /// Stores a list or an object.
    pub fn nested(&mut self, value: Value) -> Slot {
        self.page.nested.push(value);
        Slot::Nested(to_u32(self.page.nested.len() - 1))
    }

    /// Stores a copy of a value.
    pub fn copy(&mut self, cell: Cell<'_>) -> Slot {
        match cell {
            Cell::Null => Slot::Null,
            Cell::Bool(flag) => Slot::Bool(flag),
            Cell::Int(number) => Slot::Int(number),
            Cell::UInt(number) => Slot::UInt(number),
            Cell::Float(number) => Slot::Float(number),
            Cell::Text(text, is_plain) => self.text(text, is_plain),
            Cell::Nested(value) => self.nested(value.clone()),
        }
    }

    /// Adds a record with these fields.
    pub fn add<'a>(&mut self, fields: impl Iterator<Item = (&'a str, Cell<'a>)>) {
        self.begin();
        for (name, cell) in fields {
            let slot = self.copy(cell);
            let is_expected = self.expected_name() == Some(name);
            self.push((!is_expected).then(|| name.to_owned()), slot);
        }
        self.end();
    }
}

/// Records as rows.
#[must_use]
pub fn rows(records: &[RecordFields]) -> Vec<Row> {
    let mut builder = RowBuilder::default();
    for record in records {
        builder.add(record.iter().map(|(name, value)| (name.as_str(), value.into())));
    }
    builder.finish()
}

/// A page is smaller than the largest response, which a `u32` can index.
fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn records_of_any_shape_come_back() {
        let records = [
            json!({ "id": 1, "title": "a", "text": null, "list": [1], "big": u64::MAX, "share": 1.5 }),
            json!({ "id": 2, "title": "b", "text": "c", "list": [2], "big": -1, "share": 2.0 }),
            json!({ "id": 3, "title": "b" }),
            json!({ "id": 4, "title": "b" }),
            json!({ "title": true, "id": 5, "more": {} }),
            json!({}),
            json!({ "id": 6 }),
        ];
        let maps: Vec<_> = records.iter().filter_map(Value::as_object).cloned().collect();
        let rows = rows(&maps);
        let back: Vec<_> = rows.iter().map(Row::to_fields).collect();
        let without_nulls = maps.into_iter().map(|mut map| {
            map.retain(|_, value| !value.is_null());
            map
        });
        assert_eq!(back, without_nulls.collect::<Vec<_>>());
        let alike: Vec<_> = rows.windows(2).map(|pair| pair[0].has_shape_of(&pair[1])).collect();
        assert_eq!(alike, [true, false, true, false, false, false]);
    }

    #[test]
    fn the_last_of_two_fields_with_one_name_counts() {
        let mut builder = RowBuilder::default();
        let fields =
            [("a", Cell::Int(1)), ("b", Cell::Int(2)), ("a", Cell::Int(3)), ("b", Cell::Null)];
        for _ in 0..2 {
            builder.add(fields.into_iter());
        }
        for row in builder.finish() {
            assert_eq!(Value::from(row.to_fields()), json!({ "a": 3, "b": 2 }));
        }
    }
}
