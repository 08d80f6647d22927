//! Autotask's own words, dug out of a body of any shape.

use serde_json::{Map, Value};

/// A body, and what it says went wrong.
#[derive(Default)]
pub(super) struct Said {
    /// The body, where it is a JSON object or list.
    pub body: Option<Value>,
    /// Whether nothing, or null, was sent.
    pub is_empty: bool,
    /// Whether the words are `errors[]`, which judge the request.
    pub is_verdict: bool,
    /// The texts of `errors[]`, or else the `Message` of the web server.
    pub reasons: Vec<String>,
    /// The reasons in lower case, to look words up in.
    pub text: String,
}

impl Said {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let value = serde_json::from_slice::<Value>(bytes).ok();
        let is_empty = bytes.trim_ascii().is_empty() || value == Some(Value::Null);
        let body = value.filter(|value| value.is_object() || value.is_array());
        let members = body.as_ref().and_then(Value::as_object);
        let errors = members
            .map(|m| texts(member(m, "errors")))
            .unwrap_or_default();
        let is_verdict = !errors.is_empty();
        let reasons = match members {
            Some(members) if !is_verdict => texts(member(members, "message")),
            _ => errors,
        };
        let text = reasons.join("\n").to_lowercase();
        Self {
            body,
            is_empty,
            is_verdict,
            reasons,
            text,
        }
    }

    /// The reasons on one line.
    pub(super) fn sentence(&self) -> String {
        let words = self
            .reasons
            .iter()
            .flat_map(|reason| reason.split_whitespace());
        words.collect::<Vec<_>>().join(" ")
    }
}

fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = members
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

/// The texts in a string, in an object with a `message`, or in a list of these; no web page.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) if !text.trim().is_empty() && !is_page(text) => {
            vec![text.clone()]
        }
        Some(Value::Array(items)) => items.iter().flat_map(|item| texts(Some(item))).collect(),
        Some(Value::Object(members)) => match member(members, "message") {
            message @ Some(_) => texts(message),
            None => vec![Value::Object(members.clone()).to_string()],
        },
        Some(Value::Number(number)) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

fn is_page(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("<html") || text.contains("<!doctype")
}
