//! One HTTP request to Autotask, as a value.

use http::Method;
use serde_json::Value;

/// A request below `V1.0/`, `SWAGGER` excepted; nothing of it is secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub method: Method,
    /// Such as `Tickets/query` or `Companies/5/Contacts`.
    pub path: String,
    pub body: Option<Value>,
}

/// The one document that stands beside the version, not below it; it is public.
pub const SWAGGER: &str = "swagger/docs/v1";

impl Request {
    /// The address below the base of the zone.
    #[must_use]
    pub fn address(&self) -> String {
        match self.path.as_str() {
            SWAGGER => SWAGGER.to_owned(),
            path => format!("V1.0/{path}"),
        }
    }

    /// A GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            body: None,
        }
    }

    /// A POST, whose body is a query or a record.
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self {
            method: Method::POST,
            path: path.into(),
            body: Some(body),
        }
    }

    /// A PATCH, whose body is the changed fields and the id.
    pub fn patch(path: impl Into<String>, body: Value) -> Self {
        Self {
            method: Method::PATCH,
            path: path.into(),
            body: Some(body),
        }
    }

    /// A DELETE.
    pub fn delete(path: impl Into<String>) -> Self {
        Self {
            method: Method::DELETE,
            path: path.into(),
            body: None,
        }
    }

    /// A text that two requests share exactly when they ask for the same, whatever the order of their fields.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut body = self.body.clone().unwrap_or_default();
        body.sort_all_objects();
        format!("{} {} {body}", self.method, self.path)
    }
}
