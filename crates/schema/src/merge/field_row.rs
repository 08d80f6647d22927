//! A parsed row of the fields page; absent and null values are unspecified.

use serde::Deserialize;
use serde_json::Value;

use super::MergeContext;
use crate::schema::{DataType, Field};

/// One row, with Autotask's names.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FieldRow {
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

impl FieldRow {
    /// Parses a row, or returns the reason to skip it.
    pub(super) fn parse(row: &Value) -> Result<Self, String> {
        let row: Self =
            serde_json::from_value(row.clone()).map_err(|e| format!("invalid field: {e}"))?;
        let is_identifier = row.name.starts_with(|c: char| c.is_ascii_alphabetic())
            && row.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        match is_identifier {
            true => Ok(row),
            false => Err("the name is not a Rust identifier".to_owned()),
        }
    }

    /// The type; by default that of the stored field.
    pub(super) fn data_type(&self, stored: Option<&Field>) -> Result<DataType, String> {
        match (&self.data_type, stored) {
            (Some(name), _) => {
                let parsed = serde_json::from_value(name.to_lowercase().into());
                parsed.map_err(|_| format!("{name:?} is an unknown type"))
            }
            (None, Some(field)) => Ok(field.data_type),
            (None, None) => Err("it has no type".to_owned()),
        }
    }

    /// The maximum length of a string, if given; 0 for every other type.
    pub(super) fn length(&self, data_type: DataType) -> Option<u32> {
        match data_type {
            DataType::String => self.length.filter(|length| *length > 0),
            _ => Some(0),
        }
    }

    /// The singular of the referenced entity; the row may have its legacy name.
    pub(super) fn reference(&self, context: &MergeContext<'_>) -> Result<NameChange, String> {
        match NameChange::from(self.reference_entity_type.as_deref()) {
            NameChange::Set(name) => context
                .singular(&name)
                .map(NameChange::Set)
                .ok_or_else(|| format!("it references {name:?}, which is not an entity")),
            NameChange::Cleared if self.is_reference != Some(false) => Ok(NameChange::Unspecified),
            other => Ok(other),
        }
    }

    /// The field that its picklist depends on.
    pub(super) fn picklist_parent(&self) -> NameChange {
        self.picklist_parent_value_field.as_deref().into()
    }
}

/// A row's value for a name; an empty text clears it.
pub(super) enum NameChange {
    Unspecified,
    Cleared,
    Set(String),
}

impl From<Option<&str>> for NameChange {
    fn from(text: Option<&str>) -> Self {
        match text {
            None => Self::Unspecified,
            Some("") => Self::Cleared,
            Some(name) => Self::Set(name.to_owned()),
        }
    }
}
