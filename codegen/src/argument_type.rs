//! The types an argument may have, and how each is published.

use serde::Deserialize;
use serde_json::{Value, json};

use autotask_schema::schema::{DataType, Field};

/// An argument's type, by the name that `tools.toml` gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ArgumentType {
    Id,
    PageSize,
    Hours,
    Number,
    Flag,
    Text,
    Code,
    /// One code or label, or a list of them.
    Codes,
    Ref,
    /// One reference or a list of them.
    Refs,
    Date,
    Ticket,
    /// Up to 50 records to change at once.
    Keys,
    Entity,
    Object,
    Query,
    Names,
    Integers,
    /// The confirm token: it confirms the call and is removed before the other arguments are read.
    Confirm,
}

impl ArgumentType {
    /// The type that a field's values have as an argument.
    #[must_use]
    pub fn of(field: &Field) -> Self {
        match field.data_type {
            _ if field.is_pick_list == Some(true) => Self::Code,
            _ if field.is_reference == Some(true) => Self::Ref,
            DataType::Boolean => Self::Flag,
            DataType::Datetime => Self::Date,
            DataType::Decimal | DataType::Double | DataType::Float => Self::Number,
            DataType::Integer | DataType::Long | DataType::Short => Self::Id,
            DataType::String | DataType::Bytes => Self::Text,
        }
    }

    /// The type if a list of values is accepted too, as in searches.
    #[must_use]
    pub fn listed(self) -> Self {
        match self {
            Self::Code => Self::Codes,
            Self::Ref => Self::Refs,
            other => other,
        }
    }

    /// The JSON Schema that clients see: one type, no unions.
    #[must_use]
    pub fn published(self) -> Value {
        match self {
            Self::Id | Self::PageSize => json!({ "type": "integer" }),
            Self::Hours => json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 24 }),
            Self::Number => json!({ "type": "number" }),
            Self::Flag => json!({ "type": "boolean" }),
            Self::Text
            | Self::Code
            | Self::Codes
            | Self::Ref
            | Self::Refs
            | Self::Date
            | Self::Ticket
            | Self::Entity
            | Self::Confirm => json!({ "type": "string" }),
            Self::Object | Self::Query => json!({ "type": "object" }),
            Self::Names | Self::Keys => json!({ "type": "array", "items": { "type": "string" } }),
            Self::Integers => json!({ "type": "array", "items": { "type": "integer" } }),
        }
    }
}
