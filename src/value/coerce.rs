//! Single values: lenient in spelling, strict in meaning; and as an error repeats them.

use serde_json::{Number, Value};

/// `5` and `"5"`, but neither `5.0` nor `"1e3"`.
#[must_use]
pub fn as_integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => digits(text)?.parse().ok(),
        _ => None,
    }
}

fn digits(text: &str) -> Option<&str> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let plain = !unsigned.is_empty() && unsigned.bytes().all(|b| b.is_ascii_digit());
    plain.then_some(text)
}

/// `1.5` and `"1.5"`.
#[must_use]
pub fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => match digits(text) {
            Some(whole) => whole.parse::<i64>().ok().map(Number::from),
            None => decimal(text).and_then(|text| text.parse().ok()).and_then(Number::from_f64),
        },
        _ => None,
    }
}

fn decimal(text: &str) -> Option<&str> {
    let (before, after) = text.split_once('.')?;
    let plain = digits(before).is_some() && digits(after).is_some() && !after.starts_with('-');
    plain.then_some(text)
}

/// `true` and `"True"`, but not `"yes"`.
#[must_use]
pub fn as_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A text; numbers and flags as they would be written.
#[must_use]
pub fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A number that stands for something, or what that is called: a text in which something can be read, of at most
/// 200 characters. What only looks like a number, such as `5.0`, is neither.
#[must_use]
pub fn number_or_name(value: &Value) -> Option<Value> {
    const MAX_NAME_CHARS: usize = 200;
    let text = match value {
        Value::String(text) => text.trim(),
        other => return as_integer(other).map(Value::from),
    };
    if let Some(number) = as_integer(&text.into()) {
        return Some(number.into());
    }
    let says = |c: char| !c.is_whitespace() && !c.is_control() && !c.is_ascii_punctuation();
    let is_worded = text.starts_with(char::is_alphabetic) || text.parse::<f64>().is_err();
    let is_name = text.chars().any(says) && is_worded && text.chars().count() <= MAX_NAME_CHARS;
    is_name.then(|| text.into())
}

/// The value inside its JSON text, however often it was encoded.
#[must_use]
pub fn parse_nested_json(value: &Value) -> Value {
    let mut value = value.clone();
    while let Some(inner) = value.as_str().and_then(|text| serde_json::from_str(text).ok()) {
        value = inner;
    }
    value
}

/// A value as an error repeats it: never more than a line.
#[must_use]
pub fn abbreviated(value: &Value) -> String {
    const MAX_QUOTED_CHARS: usize = 60;
    let whole = value.to_string();
    // A text is as long as it is without quotes and escapes.
    let text = value.as_str().unwrap_or(&whole);
    match text.char_indices().nth(MAX_QUOTED_CHARS) {
        None => whole,
        Some((at, _)) => {
            let (begin, length) = (text.get(..at).unwrap_or_default(), text.chars().count());
            let begin = match value {
                Value::String(_) => Value::from(begin).to_string(),
                _ => begin.to_owned(),
            };
            format!("{begin}… ({length} characters)")
        }
    }
}

/// The first of several texts, and how many more there are.
#[must_use]
pub fn join_first<T: AsRef<str>>(all: &[T], between: &str, most: usize) -> String {
    let told: Vec<_> = all.iter().take(most).map(AsRef::as_ref).collect();
    match all.len().saturating_sub(most) {
        0 => told.join(between),
        rest => format!("{} and {rest} more", told.join(between)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_value_is_a_line_at_most() {
        let text = |length: usize| Value::from("x".repeat(length));
        let sixty = "x".repeat(60);
        for (value, expected) in [
            (text(60), format!("\"{sixty}\"")),
            (text(61), format!("\"{sixty}\"… (61 characters)")),
            (Value::from("\"\n".repeat(30)), format!("\"{}\"", "\\\"\\n".repeat(30))),
            (serde_json::json!([5, "x"]), "[5,\"x\"]".to_owned()),
            (
                Value::from(vec!["x"; 20]),
                format!("[{}… (81 characters)", "\"x\",".repeat(15).get(..59).unwrap()),
            ),
        ] {
            assert_eq!(abbreviated(&value), expected);
        }
    }
}
