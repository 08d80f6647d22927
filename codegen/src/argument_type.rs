//! The types of arguments, and the JSON Schema of each.

use serde::Deserialize;
use serde_json::{Value, json};

use autotask_schema::schema::{DataType, Field};

/// An argument's type, as `tools.toml` names it.
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
    /// The argument type for the values of a field.
    #[must_use]
    pub fn from_field(field: &Field) -> Self {
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

    /// The type that also accepts a list of values, as in searches.
    #[must_use]
    pub fn or_list(self) -> Self {
        match self {
            Self::Code => Self::Codes,
            Self::Ref => Self::Refs,
            other => other,
        }
    }

    /// The JSON Schema that clients see: one type, no unions.
    #[must_use]
    pub fn json_schema(self) -> Value {
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
