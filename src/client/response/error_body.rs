//! The error messages in a response body of any shape.

use serde_json::{Map, Value};

use super::body::PageItems;
use super::rows::BodySeed;

/// A body, and the error messages in it.
#[derive(Default)]
pub(super) struct ParsedBody {
    /// The body, if it is a JSON object or list.
    pub json: Option<Value>,
    /// The items of a page, which `json` does not have.
    pub items: Option<PageItems>,
    /// Whether the body is empty or null.
    pub is_empty: bool,
    /// Whether `errors[]` is about the request, and not about a fault of the server.
    pub is_about_request: bool,
    /// Whether there are any `errors[]`.
    pub has_errors: bool,
    /// The texts of `errors[]`, or else the `Message` of the web server.
    pub messages: Vec<String>,
    /// The messages in lower case, to search for phrases.
    pub lowercase: String,
}

impl ParsedBody {
    /// Parses the response to a request with this body.
    pub(super) fn new(bytes: &[u8], request_body: &[u8], is_page: bool) -> Self {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        // UTF-8 is checked once for the body, and not for each string.
        let text = str::from_utf8(bytes).ok();
        let parse = |text: &str| BodySeed { is_page, bytes: text.len() }.parse(text).ok();
        let (value, items) =
            text.and_then(parse).map_or((None, None), |body| (Some(body.json), body.items));
        let is_empty = bytes.trim_ascii().is_empty() || value == Some(Value::Null);
        let json = value.filter(|value| value.is_object() || value.is_array());
        let members = json.as_ref().and_then(Value::as_object);
        let errors = members.map(|m| texts(member(m, "errors"))).unwrap_or_default();
        let has_errors = !errors.is_empty();
        let is_about_request = has_errors && are_about_request(&errors, request_body);
        let messages = match members {
            Some(members) if !has_errors => texts(member(members, "message")),
            _ => errors,
        };
        let lowercase = messages.join("\n").to_lowercase();
        Self { json, items, is_empty, is_about_request, has_errors, messages, lowercase }
    }

    /// The messages on one line.
    pub(super) fn on_one_line(&self) -> String {
        let words = self.messages.iter().flat_map(|message| message.split_whitespace());
        words.collect::<Vec<_>>().join(" ")
    }
}

/// Phrases of messages about the request, from recorded responses: a message that refers to the request is a
/// rejection, any other is a fault of the server.
const CLIENT_ERROR_PHRASES: [&str; 28] = [
    "must",
    "cannot",
    "can not",
    "require",
    "invalid",
    "not valid",
    "does not",
    "do not",
    "not allowed",
    "not exist",
    "not queryable",
    "unable to find",
    "not find",
    "could not be found",
    "could not be determined",
    "violation",
    "permission",
    "not authori",
    "limited",
    "between",
    "parsing",
    "converting",
    "combination",
    "no row at",
    "associated",
    "parameter name",
    "reference value",
    "does not reference",
];

/// Whether any message is about the request.
fn are_about_request(messages: &[String], request_body: &[u8]) -> bool {
    if messages.iter().any(|message| mentions_request(message)) {
        return true;
    }
    let request = serde_json::from_slice::<Value>(request_body).unwrap_or_default();
    messages.iter().any(|message| starts_with_field(message, &request))
}

/// Whether a message refers to the request: by a phrase, a field name, or a value in brackets.
fn mentions_request(message: &str) -> bool {
    let lowercase = message.to_lowercase();
    let is_field = |word: &str| {
        let mut pairs = word.chars().zip(word.chars().skip(1));
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && pairs.any(|(a, b)| a.is_ascii_lowercase() && b.is_ascii_uppercase())
    };
    CLIENT_ERROR_PHRASES.iter().any(|phrase| lowercase.contains(phrase))
        || message.contains('[')
        || message.split(|c: char| !c.is_ascii_alphanumeric()).any(is_field)
        || lowercase.contains("no matching records")
}

/// Whether a message starts with the name of a field in the request, such as `title is too long`.
fn starts_with_field(message: &str, request: &Value) -> bool {
    let word = message.split_whitespace().next().unwrap_or_default();
    let word = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    match request.get("filter") {
        Some(filter) => {
            let columns = request["IncludeFields"].as_array();
            has_condition_on(filter, word)
                || columns.is_some_and(|names| names.iter().any(|name| name == word))
        }
        None => request.get(word).is_some(),
    }
}

/// Whether a filter has a condition on a field of this name.
fn has_condition_on(filter: &Value, name: &str) -> bool {
    match filter {
        Value::Array(clauses) => clauses.iter().any(|clause| has_condition_on(clause, name)),
        Value::Object(clause) => {
            clause.get("field").is_some_and(|field| field == name)
                || clause.get("items").is_some_and(|items| has_condition_on(items, name))
        }
        _ => false,
    }
}

fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

/// The start of a body in which an HTML tag is searched.
const MAX_HTML_PREFIX_BYTES: usize = 1_000;
/// Longer messages are truncated, and further ones ignored.
const MAX_MESSAGE_CHARS: usize = 4_000;
const MAX_MESSAGES: usize = 100;

/// The texts in a string, in an object with a `message`, or in a list of these; never an HTML page.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => {
            let text = truncated(text);
            let is_message = !text.trim().is_empty() && !has_html_tag(&text);
            is_message.then_some(text).into_iter().collect()
        }
        Some(Value::Array(items)) => {
            let texts = items.iter().flat_map(|item| texts(Some(item)));
            texts.take(MAX_MESSAGES).collect()
        }
        Some(Value::Object(members)) => match member(members, "message") {
            message @ Some(_) => texts(message),
            None if members.is_empty() => Vec::new(),
            None => vec![truncated(&Value::Object(members.clone()).to_string())],
        },
        Some(Value::Number(number)) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

fn truncated(text: &str) -> String {
    text.chars().take(MAX_MESSAGE_CHARS).collect()
}

/// Whether a body is an HTML page.
pub(super) fn is_html(body: &[u8]) -> bool {
    let prefix = body.get(..MAX_HTML_PREFIX_BYTES).unwrap_or(body);
    has_html_tag(&String::from_utf8_lossy(prefix))
}

fn has_html_tag(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("<html") || text.contains("<!doctype")
}
