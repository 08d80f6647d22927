//! The errors of the API, with Autotask's own messages.

use http::Method;

/// Why a request fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ApiError {
    /// No such path: the web server's own page.
    UnknownPath,
    /// No record with this id.
    RecordNotFound,
    /// The path does not support this method.
    MethodNotAllowed(Method),
    /// The credentials are wrong.
    Unauthorized,
    /// A message in `errors`.
    Rejected(String),
}

impl ApiError {
    /// A rejection with this message.
    pub(crate) fn rejected(message: impl Into<String>) -> Self {
        Self::Rejected(message.into())
    }

    /// A rejection of a record, with the suffix that such messages have.
    pub(crate) fn record(message: impl AsRef<str>) -> Self {
        Self::Rejected(format!("{} ; on record number [1].", message.as_ref()))
    }

    /// A reference to a record that does not exist or cannot be used.
    pub(crate) fn invalid_reference(field: &str, singular: &str) -> Self {
        Self::record(format!(
            "Reference value on field: {field} of type: {singular} does not exist or is invalid."
        ))
    }

    /// A required field without a value.
    pub(crate) fn missing_field(field: &str) -> Self {
        Self::record(format!("Missing Required Field: {field}"))
    }

    /// A field that the entity does not have.
    pub(crate) fn unknown_field(singular: &str, field: &str) -> Self {
        Self::rejected(format!("Unable to find {field} in the {singular} Entity."))
    }

    /// A missing permission.
    pub(crate) fn permission_denied(verb: &str) -> Self {
        Self::rejected(format!(
            "The logged in Resource does not have the adequate permissions to {verb} this entity type."
        ))
    }

    /// A record to write that does not exist or may not be written.
    pub(crate) fn no_match() -> Self {
        Self::record("No matching records found or the user does not have permission.")
    }

    /// A user without a zone.
    pub(crate) fn no_zone() -> Self {
        Self::rejected("Zone information could not be determined")
    }

    /// A query without a filter.
    pub(crate) fn missing_filter() -> Self {
        Self::rejected("Value cannot be null.\r\nParameter name: filters")
    }

    /// A body that is not JSON.
    pub(crate) fn invalid_json(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        Self::rejected(format!(
            "Unexpected character encountered while parsing value. \
             Path '', line {line}, position {column}."
        ))
    }
}
