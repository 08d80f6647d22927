//! Text from the tenant, without the characters that hide or turn around what a reader sees.

use std::borrow::Cow;

use serde_json::Value;

/// Whether a character only deceives: controls, zero-width, bidirectional marks, tags.
fn deceives(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{ffa0}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text without them; line breaks and tabs stay.
#[must_use]
pub fn text(text: &str) -> String {
    text.chars().filter(|c| !deceives(*c)).collect()
}

/// Cleans every text inside a value, names included.
pub fn value(value: &mut Value) {
    match value {
        Value::String(held) => {
            if let Cow::Owned(cleaned) = cleaned(held) {
                *held = cleaned;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(self::value),
        Value::Object(fields) => {
            fields.values_mut().for_each(self::value);
            if fields.keys().any(|name| name.contains(deceives)) {
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(name, v)| (text(&name), v))
                    .collect();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn cleaned(held: &str) -> Cow<'_, str> {
    match held.contains(deceives) {
        true => Cow::Owned(text(held)),
        false => Cow::Borrowed(held),
    }
}
