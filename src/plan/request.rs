//! One HTTP request to Autotask, as a value.

use http::Method;
use serde_json::Value;

use crate::catalog::UDFS;
use crate::value::datetime::DateOrInstant;

/// A request for a path below `V1.0/`, or for `SWAGGER`; it contains no secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub method: Method,
    /// Such as `Tickets/query` or `Companies/5/Contacts`.
    pub path: String,
    pub body: Option<Value>,
    /// The resource that the API user impersonates.
    pub author: Option<i64>,
}

/// The only path that is not below the version; the document is public.
pub const SWAGGER: &str = "swagger/docs/v1";

impl Request {
    /// The path below the base URL of the zone.
    #[must_use]
    pub fn url_path(&self) -> String {
        match self.path.as_str() {
            SWAGGER => SWAGGER.to_owned(),
            path => format!("V1.0/{path}"),
        }
    }

    /// A GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), body: None, author: None }
    }

    /// A POST, whose body is a query or a record.
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::POST, path: path.into(), body: Some(body), author: None }
    }

    /// A PATCH, whose body is the changed fields and the id.
    pub fn patch(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::PATCH, path: path.into(), body: Some(body), author: None }
    }

    /// A DELETE.
    pub fn delete(path: impl Into<String>) -> Self {
        Self { method: Method::DELETE, path: path.into(), body: None, author: None }
    }

    /// The same write with the API user impersonating a resource.
    #[must_use]
    pub fn with_author(self, author: Option<i64>) -> Self {
        Self { author, ..self }
    }

    /// A text that is equal for two requests exactly if they are equivalent: the order and format of their fields does
    /// not matter, nor who sends them.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut body = self.body.clone().unwrap_or_default();
        body.sort_all_objects();
        canonicalize(&mut body);
        format!("{} {} {body}", self.method, self.path)
    }
}

/// Converts numbers, instants and lists of UDFs to a canonical form of those that are equal to Autotask.
fn canonicalize(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let fraction = number.as_f64().filter(|_| number.is_f64());
            let integer = fraction.filter(|number| number.fract() == 0.0);
            if let Some(Ok(integer)) = integer.map(|number| format!("{number:.0}").parse::<i64>()) {
                *value = integer.into();
            }
        }
        Value::String(text) => {
            if let Some(instant) = DateOrInstant::read(text).map(DateOrInstant::to_wire) {
                *text = instant;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(canonicalize),
        Value::Object(fields) => {
            fields.values_mut().for_each(canonicalize);
            if let Some(Value::Array(udfs)) = fields.get_mut(UDFS) {
                udfs.sort_by_cached_key(ToString::to_string);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equivalent_requests_have_one_canonical_text() {
        let udfs = |names: [&str; 2]| {
            let udf = |name: &str| json!({ "name": name, "value": "1" });
            json!({ UDFS: names.map(udf) })
        };
        for (a, b, same) in [
            (json!({ "a": 1, "b": 2 }), json!({ "b": 2.0, "a": 1 }), true),
            (json!({ "a": 1.5 }), json!({ "a": 1 }), false),
            (json!({ "a": 1 }), json!({ "a": "1" }), false),
            (
                json!({ "a": 9_007_199_254_740_993_i64 }),
                json!({ "a": 9_007_199_254_740_992_i64 }),
                false,
            ),
            (json!({ "d": "2026-11-20" }), json!({ "d": "2026-11-20T00:00:00Z" }), true),
            (json!({ "d": "2026-11-20" }), json!({ "d": "2026-11-20T00:00:01Z" }), false),
            (udfs(["x", "y"]), udfs(["y", "x"]), true),
            (udfs(["x", "y"]), udfs(["x", "z"]), false),
        ] {
            let canonical = |body: &Value| Request::post("Tickets", body.clone()).canonical();
            assert_eq!(canonical(&a) == canonical(&b), same, "{a} {b}");
        }
    }
}
