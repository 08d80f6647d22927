//! Removes characters that hide text or change how it reads: control, bidirectional and default-ignorable ones.

use std::borrow::Cow;

use icu_properties::props::{
    DefaultIgnorableCodePoint, EmojiModifier, ExtendedPictographic, Script,
};
use icu_properties::{CodePointMapData, CodePointSetData};
use serde_json::Value;

/// The longest part of a caller's word that an error repeats.
const MAX_SHORT_WORD_CHARS: usize = 64;
const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// The flags of England, Scotland and Wales: the only ones that are spelled with tag characters.
const TAG_FLAGS: [&str; 3] = [
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
];

/// Whether a character is invisible or turns text around; some scripts and emoji need it all the same.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' | ' '..='~' => false,
        // Interlinear annotations are format characters without the property.
        '\u{fff9}'..='\u{fffb}' => true,
        _ if is_separator(c) || c.is_control() => true,
        _ => CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c),
    }
}

/// Line and paragraph separators other than the ASCII ones.
fn is_separator(c: char) -> bool {
    matches!(c, '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The text without hidden characters, except where a script or an emoji needs one; separators become line breaks.
#[must_use]
pub fn sanitize(text: &str) -> Cow<'_, str> {
    // Without a short circuit, the compiler vectorizes this.
    let is_visible = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    if text.bytes().fold(true, |all, byte| all & is_visible(byte)) || !text.contains(is_hidden) {
        return text.into();
    }
    let (mut clean, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(c) = rest.chars().next() {
        let flag = TAG_FLAGS.iter().find(|flag| rest.starts_with(**flag));
        let (unit, after) = rest.split_at(flag.map_or(c.len_utf8(), |flag| flag.len()));
        if is_separator(c) {
            clean.push('\n');
        } else if !is_hidden(c) || is_needed(c, &clean, after) {
            clean.push_str(unit);
        }
        rest = after;
    }
    if clean == text { text.into() } else { clean.into() }
}

/// A caller's text without hidden characters, and whether there were any: it is never rejected for them.
#[must_use]
pub fn sanitize_input(text: &str) -> (Cow<'_, str>, bool) {
    let clean = sanitize(text);
    let is_changed = matches!(clean, Cow::Owned(_));
    (clean, is_changed)
}

/// Sanitizes every string and key inside a value; whether any changed.
pub fn sanitize_value(value: &mut Value) -> bool {
    match value {
        Value::String(text) => match sanitize_input(text) {
            (Cow::Owned(clean), _) => {
                *text = clean;
                true
            }
            (Cow::Borrowed(_), _) => false,
        },
        Value::Array(items) => {
            items.iter_mut().fold(false, |is_changed, item| sanitize_value(item) | is_changed)
        }
        Value::Object(fields) => {
            let values = fields.values_mut();
            let is_changed =
                values.fold(false, |is_changed, value| sanitize_value(value) | is_changed);
            let has_hidden_name = fields.keys().any(|name| has_hidden(name));
            if has_hidden_name {
                let old = std::mem::take(fields).into_iter();
                *fields = old.map(|(name, value)| (sanitize(&name).into_owned(), value)).collect();
            }
            is_changed || has_hidden_name
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether sanitizing would change a text.
#[must_use]
pub fn has_hidden(text: &str) -> bool {
    matches!(sanitize(text), Cow::Owned(_))
}

/// The sanitized text as one line, for places where a line break has a meaning.
#[must_use]
pub fn single_line(text: &str) -> String {
    sanitize(text).replace(char::is_control, " ")
}

/// A caller's word as an error repeats it: on one line, and not longer than any name.
#[must_use]
pub fn short_word(word: &str) -> String {
    single_line(word).chars().take(MAX_SHORT_WORD_CHARS).collect()
}

/// Whether a hidden character has a meaning between what is kept before it and what comes after it.
fn is_needed(c: char, before: &str, after: &str) -> bool {
    match c {
        // Variation selectors: text or emoji style; the emoji style of a digit is for keycaps alone.
        '\u{fe0e}' | '\u{fe0f}' => {
            before.ends_with(is_emoji)
                || (before.ends_with(|base: char| base.is_ascii_digit() || "#*".contains(base))
                    && after.starts_with('\u{20e3}'))
        }
        ZERO_WIDTH_JOINER if joins_emoji(before, after) => true,
        // Zero-width non-joiner and joiner.
        '\u{200c}' | ZERO_WIDTH_JOINER => script(before).is_some_and(has_joiners),
        // Mongolian vowel separator and variation selectors.
        '\u{180b}'..='\u{180f}' => script(before) == Some(Script::Mongolian),
        _ => false,
    }
}

fn joins_emoji(before: &str, after: &str) -> bool {
    let before = before.strip_suffix('\u{fe0f}').unwrap_or(before);
    before.ends_with(is_emoji) && after.starts_with(is_emoji)
}

/// Whether a character is a pictograph, or a skin tone of one.
fn is_emoji(c: char) -> bool {
    CodePointSetData::new::<ExtendedPictographic>().contains(c)
        || CodePointSetData::new::<EmojiModifier>().contains(c)
}

/// The script of the last letter of a text, with its few marks; none after a hidden character.
fn script(text: &str) -> Option<Script> {
    const MAX_MARKS: usize = 4;
    let mut last = text.chars().rev().take(MAX_MARKS).take_while(|c| !is_hidden(*c));
    let scripts = CodePointMapData::<Script>::new();
    last.find_map(|c| Some(scripts.get(c)).filter(|script| *script != Script::Inherited))
}

/// Whether letters of a script take another form, or have another meaning, next to a joiner.
fn has_joiners(script: Script) -> bool {
    matches!(
        script,
        Script::Arabic
            | Script::Bengali
            | Script::Devanagari
            | Script::Gujarati
            | Script::Gurmukhi
            | Script::Kannada
            | Script::Khmer
            | Script::Malayalam
            | Script::Mongolian
            | Script::Myanmar
            | Script::Oriya
            | Script::Sinhala
            | Script::Syriac
            | Script::Tamil
            | Script::Telugu
    )
}

#[cfg(test)]
mod tests;
