//! The types an argument may have, and how each is published and held.

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
    Ref,
    Date,
    Ticket,
    Entity,
    Object,
    Query,
    Names,
    Codes,
    /// The confirm token: it belongs to the envelope and is taken out before the rest is read.
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

    /// The JSON Schema that clients see: one type, no unions.
    #[must_use]
    pub fn published(self) -> Value {
        match self {
            Self::Id => json!({ "type": "integer", "minimum": 0 }),
            Self::PageSize => json!({ "type": "integer", "minimum": 1, "maximum": 500 }),
            Self::Hours => json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 24 }),
            Self::Number => json!({ "type": "number" }),
            Self::Flag => json!({ "type": "boolean" }),
            Self::Text
            | Self::Code
            | Self::Ref
            | Self::Date
            | Self::Ticket
            | Self::Entity
            | Self::Confirm => {
                json!({ "type": "string" })
            }
            Self::Object | Self::Query => json!({ "type": "object" }),
            Self::Names => json!({ "type": "array", "items": { "type": "string" } }),
            Self::Codes => json!({ "type": "array", "items": { "type": "integer" } }),
        }
    }

    /// The JSON Schema of the value once it is read: codes and references are numbers, or still names.
    #[must_use]
    pub fn held(self) -> Value {
        match self {
            Self::Id | Self::PageSize => json!({ "type": "integer" }),
            Self::Code | Self::Ref => json!({}),
            Self::Hours => json!({ "type": "number" }),
            _ => self.published(),
        }
    }

    /// Whether the generated struct holds the argument.
    #[must_use]
    pub fn is_held(self) -> bool {
        self != Self::Confirm
    }

    /// The variant's name in the runtime's own enum.
    #[must_use]
    pub fn variant(self) -> String {
        format!("{self:?}")
    }
}
