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
    let hidden: Vec<_> = hidden(text).map(|(at, _)| at).collect();
    let is_shown = |(at, c): (usize, char)| hidden.binary_search(&at).is_err().then_some(c);
    text.char_indices().filter_map(is_shown).collect()
}

/// The text as one line, for where each line has its meaning.
#[must_use]
pub fn line(line: &str) -> String {
    text(&line.replace(char::is_control, " "))
}

/// A caller's word as it is told again: on one line, and not longer than any name.
#[must_use]
pub fn word(word: &str) -> String {
    const MOST: usize = 64;
    line(word).chars().take(MOST).collect()
}

/// The first of them in a text.
#[must_use]
pub fn deceiver(text: &str) -> Option<char> {
    // Most texts are plain, and seen to be at a glance.
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r');
    match text.bytes().all(is_plain) {
        true => None,
        false => hidden(text).next().map(|(_, c)| c),
    }
}

/// Where they stand; what joins emoji to one is seen.
fn hidden(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut before = None;
    text.char_indices().filter(move |(_, c)| {
        let joins = *c == JOINER && before.is_some_and(is_picture);
        before = Some(*c);
        deceives(*c) && !joins
    })
}

const JOINER: char = '\u{200d}';

/// Symbols, emoji, and what varies them.
fn is_picture(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
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
            if fields.keys().any(|name| deceiver(name).is_some()) {
                *fields =
                    std::mem::take(fields).into_iter().map(|(name, v)| (text(&name), v)).collect();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn cleaned(held: &str) -> Cow<'_, str> {
    match deceiver(held) {
        Some(_) => Cow::Owned(text(held)),
        None => Cow::Borrowed(held),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_stays() {
        for (given, left) in [
            ("a\tb\nc", "a\tb\nc"),
            ("a\u{202e}b\u{0}c", "abc"),
            ("a\u{200d}b\u{feff}", "ab"),
            (
                "👨\u{200d}👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥",
                "👨\u{200d}👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥",
            ),
            ("👨\u{200d}\u{200d}👩", "👨\u{200d}👩"),
        ] {
            assert_eq!(text(given), left);
            assert_eq!(deceiver(given).is_none(), given == left, "{given:?}");
        }
        assert_eq!(line("a\r\nNext:\tb\u{202e}\u{0}"), "a  Next: b ");
    }
}
