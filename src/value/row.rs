//! Records of a page: the names of their fields are stored once, and their texts in one string.

mod builder;

use std::fmt;
use std::sync::Arc;

use serde_json::{Number, Value};

use super::record::RecordFields;
pub use builder::{RowBuilder, rows};

/// One record of a page; clones share the page.
#[derive(Clone)]
pub struct Row {
    page: Arc<PageStore>,
    shape: u32,
    start: u32,
}

/// Records of which one field is read at a time.
pub trait RecordList: Sync {
    /// The values of a field, without nulls.
    fn values_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cell<'a>>;
}

impl RecordList for [RecordFields] {
    fn values_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cell<'a>> {
        let values = self.iter().filter_map(move |record| record.get(name));
        values.filter(|value| !value.is_null()).map(Into::into)
    }
}

impl RecordList for [Row] {
    fn values_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cell<'a>> {
        let mut last: Option<(&Row, Option<usize>)> = None;
        self.iter().filter_map(move |row| {
            let at = match last {
                Some((other, at)) if row.has_shape_of(other) => at,
                _ => row.names().iter().position(|known| known == name),
            };
            last = Some((row, at));
            at.map(|at| row.cell(at)).filter(|cell| *cell != Cell::Null)
        })
    }
}

/// What the records of a page share.
#[derive(Default)]
struct PageStore {
    /// The names of the fields of a record, in order; almost always those of all records.
    shapes: Vec<Vec<String>>,
    slots: Vec<Slot>,
    nested: Vec<Value>,
    texts: String,
}

/// A value as it is stored.
#[derive(Clone, Copy)]
pub enum Slot {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Text { start: u32, length: u32, is_plain: bool },
    Nested(u32),
}

/// A value of a record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    /// A text, and whether it is known to need no escapes in JSON.
    Text(&'a str, bool),
    /// A list or an object.
    Nested(&'a Value),
}

impl<'a> Cell<'a> {
    /// The whole number.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        if let Self::Int(number) = self { Some(number) } else { None }
    }

    /// The text.
    #[must_use]
    pub fn as_str(self) -> Option<&'a str> {
        if let Self::Text(text, _) = self { Some(text) } else { None }
    }

    /// The value on its own.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => flag.into(),
            Self::Int(number) => number.into(),
            Self::UInt(number) => number.into(),
            Self::Float(number) => number.into(),
            Self::Text(text, _) => text.into(),
            Self::Nested(value) => value.clone(),
        }
    }
}

impl<'a> From<&'a Value> for Cell<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => Self::from(number),
            Value::String(text) => Self::Text(text, false),
            Value::Array(_) | Value::Object(_) => Self::Nested(value),
        }
    }
}

impl From<&Number> for Cell<'_> {
    fn from(number: &Number) -> Self {
        match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Self::Int(number),
            (None, Some(number)) => Self::UInt(number),
            (None, None) => number.as_f64().map_or(Self::Null, Self::Float),
        }
    }
}

impl Row {
    /// The names of its fields, those of nulls included.
    #[must_use]
    pub fn names(&self) -> &[String] {
        self.page.shapes.get(self.shape as usize).map_or(&[], Vec::as_slice)
    }

    /// The value at a place among the names.
    #[must_use]
    pub fn cell(&self, at: usize) -> Cell<'_> {
        let slot = self.page.slots.get(self.start as usize + at);
        slot.map_or(Cell::Null, |slot| self.page.cell(*slot))
    }

    /// The values, in the order of the names.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        let start = self.start as usize;
        let slots = self.page.slots.get(start..start + self.names().len()).unwrap_or_default();
        slots.iter().map(|slot| self.page.cell(*slot))
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cell<'_>> {
        let at = self.names().iter().position(|known| known == name)?;
        Some(self.cell(at)).filter(|cell| *cell != Cell::Null)
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> Option<i64> {
        self.get("id")?.as_i64()
    }

    /// The record on its own, without nulls.
    #[must_use]
    pub fn to_fields(&self) -> RecordFields {
        let fields = self.names().iter().zip(self.cells());
        let fields = fields.filter(|(_, cell)| *cell != Cell::Null);
        fields.map(|(name, cell)| (name.clone(), cell.to_value())).collect()
    }

    /// Whether both have the same names, so that what is decided for one holds for the other.
    #[must_use]
    pub fn has_shape_of(&self, other: &Self) -> bool {
        std::ptr::eq(self.names(), other.names())
    }
}

impl PageStore {
    fn cell(&self, slot: Slot) -> Cell<'_> {
        match slot {
            Slot::Null => Cell::Null,
            Slot::Bool(flag) => Cell::Bool(flag),
            Slot::Int(number) => Cell::Int(number),
            Slot::UInt(number) => Cell::UInt(number),
            Slot::Float(number) => Cell::Float(number),
            Slot::Text { start, length, is_plain } => {
                let (start, length) = (start as usize, length as usize);
                let text = self.texts.get(start..start + length).unwrap_or_default();
                Cell::Text(text, is_plain)
            }
            Slot::Nested(at) => self.nested.get(at as usize).map_or(Cell::Null, Cell::Nested),
        }
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.to_fields() == other.to_fields()
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.names().iter().zip(self.cells())).finish()
    }
}
