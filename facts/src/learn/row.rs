//! A row of the fields endpoint, read; what it leaves out or leaves null is not told.

use serde::Deserialize;
use serde_json::Value;

use super::Lesson;
use crate::schema::{DataType, Field};

/// One row, in the words of Autotask.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    pub(super) name: String,
    data_type: Option<String>,
    length: Option<u32>,
    pub(super) is_required: Option<bool>,
    pub(super) is_read_only: Option<bool>,
    pub(super) is_queryable: Option<bool>,
    pub(super) is_pick_list: Option<bool>,
    pub(super) is_supported_webhook_field: Option<bool>,
    pub(super) is_reference: Option<bool>,
    reference_entity_type: Option<String>,
    picklist_parent_value_field: Option<String>,
}

impl Row {
    /// The row, or in words why it cannot be taken.
    pub(super) fn read(told: &Value) -> Result<Self, String> {
        let row: Self =
            serde_json::from_value(told.clone()).map_err(|e| format!("it does not read: {e}"))?;
        let is_identifier = row.name.starts_with(|c: char| c.is_ascii_alphabetic())
            && row.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        match is_identifier {
            true => Ok(row),
            false => Err("the name is no Rust identifier".to_owned()),
        }
    }

    /// The type; one that nobody has seen is no type.
    pub(super) fn kind(&self, before: Option<&Field>) -> Result<DataType, String> {
        match (&self.data_type, before) {
            (Some(word), _) => {
                let read = serde_json::from_value(word.to_lowercase().into());
                read.map_err(|_| format!("{word:?} is a type nobody has seen"))
            }
            (None, Some(field)) => Ok(field.data_type),
            (None, None) => Err("it has no type".to_owned()),
        }
    }

    /// Characters of a string, where they are told; 0 for every other type.
    pub(super) fn length(&self, kind: DataType) -> Option<u32> {
        match kind {
            DataType::String => self.length.filter(|length| *length > 0),
            _ => Some(0),
        }
    }

    /// What it refers to, told by a singular or by an older name; an unknown name is told back.
    pub(super) fn reference(&self, lesson: &Lesson<'_>) -> Result<Named, String> {
        match named(self.reference_entity_type.as_deref()) {
            Named::Name(told) => lesson
                .singular(&told)
                .map(Named::Name)
                .ok_or_else(|| format!("it refers to {told:?}, which is no entity")),
            Named::Nothing if self.is_reference != Some(false) => Ok(Named::Untold),
            other => Ok(other),
        }
    }

    /// The field its picklist stands under.
    pub(super) fn picklist_under(&self) -> Named {
        named(self.picklist_parent_value_field.as_deref())
    }
}

/// A name, where it is told; an empty text tells that there is none.
pub(super) enum Named {
    Untold,
    Nothing,
    Name(String),
}

fn named(told: Option<&str>) -> Named {
    match told {
        None => Named::Untold,
        Some("") => Named::Nothing,
        Some(name) => Named::Name(name.to_owned()),
    }
}
