//! Single values: lenient in spelling, strict in meaning; and as an error quotes them.

use serde_json::{Number, Value};

/// Above this, a float no longer holds every integer.
const MAX_EXACT_FLOAT: f64 = 9_007_199_254_740_992.0;

/// `5`, `5.0` and `"5"`, but neither `"5.0"` nor `"1e3"`.
#[must_use]
pub fn as_integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => digits(text)?.parse().ok(),
        _ => None,
    }
}

fn whole(number: f64) -> Option<i64> {
    let is_whole = number.fract() == 0.0 && number.abs() <= MAX_EXACT_FLOAT;
    is_whole.then(|| format!("{number:.0}").parse().ok()).flatten()
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

/// Hours as `1.5`, `"1.5"`, `"45m"`, `"1h30m"`, `"2h"` or `"1:30"`.
#[must_use]
pub fn hours(value: &Value) -> Option<f64> {
    if let Some(number) = number(value) {
        return number.as_f64();
    }
    let text = value.as_str()?.trim().to_ascii_lowercase().replace(' ', "");
    let part = |text: &str| digits(text)?.parse::<u32>().ok().map(f64::from);
    if let Some((hours, minutes)) = text.split_once(':') {
        let minutes = part(minutes).filter(|minutes| *minutes < 60.0)?;
        return Some(part(hours)? + minutes / 60.0);
    }
    let (hours, rest) = text.split_once('h').map_or((None, text.as_str()), |(h, m)| (Some(h), m));
    let hours = hours.map_or(Some(0.0), number_text)?;
    let minutes = rest.trim_start_matches("ours").trim_start_matches("our");
    let minutes = match ["minutes", "minute", "mins", "min", "m"]
        .iter()
        .find_map(|unit| minutes.strip_suffix(unit))
    {
        Some(minutes) => part(minutes)?,
        None if minutes.is_empty() && text.contains('h') => 0.0,
        None => return None,
    };
    Some(hours + minutes / 60.0)
}

fn number_text(text: &str) -> Option<f64> {
    number(&text.into())?.as_f64()
}

/// The most characters that a name or label has in an argument.
pub const MAX_NAME_CHARS: usize = 200;

/// A code or an id, or else a label or name: a text with a letter or digit, of at most 200 characters. What only
/// looks like a number, such as `"5.0"`, is neither.
#[must_use]
pub fn number_or_name(value: &Value) -> Option<Value> {
    let text = match value {
        Value::String(text) => text.trim(),
        other => return as_integer(other).map(Value::from),
    };
    if let Some(number) = as_integer(&text.into()) {
        return Some(number.into());
    }
    let says = |c: char| !c.is_whitespace() && !c.is_control() && !c.is_ascii_punctuation();
    let is_named = text.starts_with(char::is_alphabetic) || text.parse::<f64>().is_err();
    let is_name = text.chars().any(says) && is_named && text.chars().count() <= MAX_NAME_CHARS;
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

/// A value as an error quotes it: never more than a line.
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

/// The first few of several texts, and how many more there are.
#[must_use]
pub fn join_first<T: AsRef<str>>(texts: &[T], separator: &str, limit: usize) -> String {
    let first: Vec<_> = texts.iter().take(limit).map(AsRef::as_ref).collect();
    match texts.len().saturating_sub(limit) {
        0 => first.join(separator),
        rest => format!("{} and {rest} more", first.join(separator)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_in_common_spellings() {
        for (text, expected) in [
            ("45m", Some(0.75)),
            ("1h30m", Some(1.5)),
            ("1h 30min", Some(1.5)),
            ("2h", Some(2.0)),
            ("1.5h", Some(1.5)),
            ("2 hours", Some(2.0)),
            ("1:30", Some(1.5)),
            ("0:45", Some(0.75)),
            ("1.5", Some(1.5)),
            ("1:75", None),
            ("m", None),
            ("h", None),
            ("soon", None),
            ("1h30", None),
        ] {
            assert_eq!(hours(&text.into()), expected, "{text}");
        }
    }

    #[test]
    fn whole_floats_are_integers() {
        for (value, expected) in [
            (serde_json::json!(5.0), Some(5)),
            (serde_json::json!(-3.0), Some(-3)),
            (serde_json::json!(5.5), None),
            (serde_json::json!(1e300), None),
            (serde_json::json!("5"), Some(5)),
            (serde_json::json!("5.0"), None),
            (serde_json::json!("1e3"), None),
        ] {
            assert_eq!(as_integer(&value), expected, "{value}");
        }
    }

    #[test]
    fn a_quoted_value_is_a_line_at_most() {
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
