//! Autotask's own words, dug out of a body of any shape.

use serde_json::{Map, Value};

use super::null_stripping::RawBody;

/// A body, and what it says went wrong.
#[derive(Default)]
pub(super) struct ParsedBody {
    /// The body, where it is a JSON object or list.
    pub body: Option<Value>,
    /// Whether nothing, or null, was sent.
    pub is_empty: bool,
    /// Whether `errors[]` speaks of the request, and not of the server's own trouble.
    pub is_verdict: bool,
    /// Whether there are any `errors[]`.
    pub has_errors: bool,
    /// The texts of `errors[]`, or else the `Message` of the web server.
    pub reasons: Vec<String>,
    /// The reasons in lower case, to look words up in.
    pub text: String,
}

impl ParsedBody {
    /// What a body says to a request with the body `asked`.
    pub(super) fn new(bytes: &[u8], asked: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        // Seen to be text once, and not string by string.
        let text = str::from_utf8(bytes).ok();
        let value = text.and_then(|text| serde_json::from_str::<RawBody>(text).ok());
        let value = value.map(|RawBody(value)| value);
        let is_empty = bytes.trim_ascii().is_empty() || value == Some(Value::Null);
        let body = value.filter(|value| value.is_object() || value.is_array());
        let members = body.as_ref().and_then(Value::as_object);
        let errors = members.map(|m| texts(member(m, "errors"))).unwrap_or_default();
        let reasons = match members {
            Some(members) if errors.is_empty() => texts(member(members, "message")),
            _ => errors.clone(),
        };
        let is_verdict =
            errors.iter().any(|error| mentions_request(error) || starts_with_field(error, asked));
        let text = reasons.join("\n").to_lowercase();
        Self { body, is_empty, is_verdict, has_errors: !errors.is_empty(), reasons, text }
    }

    /// The reasons on one line.
    pub(super) fn sentence(&self) -> String {
        let words = self.reasons.iter().flat_map(|reason| reason.split_whitespace());
        words.collect::<Vec<_>>().join(" ")
    }
}

/// Words that speak of what was asked. Known from recorded answers: a sentence that refers to the request
/// is a refusal, one that does not is a fault of the server.
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

/// Whether a sentence of Autotask refers to the request: by such a word, a field's name, or a value in brackets.
fn mentions_request(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    let is_field = |word: &str| {
        let mut pairs = word.chars().zip(word.chars().skip(1));
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && pairs.any(|(a, b)| a.is_ascii_lowercase() && b.is_ascii_uppercase())
    };
    CLIENT_ERROR_PHRASES.iter().any(|word| lower.contains(word))
        || sentence.contains('[')
        || sentence.split(|c: char| !c.is_ascii_alphanumeric()).any(is_field)
        || lower.contains("no matching records")
}

/// Whether a sentence begins with the name of a field that the request holds, such as `title is too long`.
fn starts_with_field(sentence: &str, asked: &[u8]) -> bool {
    let word = sentence.split_whitespace().next().unwrap_or_default();
    let word = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let asked = serde_json::from_slice::<Value>(asked).unwrap_or_default();
    match asked.get("filter") {
        Some(filter) => {
            let columns = asked["IncludeFields"].as_array();
            tests(filter, word) || columns.is_some_and(|names| names.iter().any(|n| n == word))
        }
        None => asked.get(word).is_some(),
    }
}

/// Whether a filter tests a field of this name.
fn tests(filter: &Value, name: &str) -> bool {
    match filter {
        Value::Array(clauses) => clauses.iter().any(|clause| tests(clause, name)),
        Value::Object(clause) => {
            clause.get("field").is_some_and(|field| field == name)
                || clause.get("items").is_some_and(|items| tests(items, name))
        }
        _ => false,
    }
}

fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

/// A web page says in so many bytes that it is one.
const MAX_BODY_START_CHARS: usize = 1_000;

/// Longer reasons, and more of them, are none.
const MAX_MESSAGE_CHARS: usize = 4_000;
const MAX_MESSAGES: usize = 100;

/// The texts in a string, in an object with a `message`, or in a list of these; no web page.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => {
            let text: String = text.chars().take(MAX_MESSAGE_CHARS).collect();
            let is_reason = !text.trim().is_empty() && !is_page(&text);
            is_reason.then_some(text).into_iter().collect()
        }
        Some(Value::Array(items)) => {
            let texts = items.iter().flat_map(|item| texts(Some(item)));
            texts.take(MAX_MESSAGES).collect()
        }
        Some(Value::Object(members)) => match member(members, "message") {
            message @ Some(_) => texts(message),
            None if members.is_empty() => Vec::new(),
            None => vec![Value::Object(members.clone()).to_string()],
        },
        Some(Value::Number(number)) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

/// Whether a body is a web page.
pub(super) fn is_html(body: &[u8]) -> bool {
    let head = body.get(..MAX_BODY_START_CHARS).unwrap_or(body);
    is_page(&String::from_utf8_lossy(head))
}

fn is_page(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("<html") || text.contains("<!doctype")
}
