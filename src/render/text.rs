//! Text of responses: its length, and how it is truncated visibly.

use serde::Serialize;

/// The space that the marker of a truncation needs at most.
pub const MARKER_CHARS: usize = 44;

/// A value as compact JSON.
pub fn to_json(value: &impl Serialize) -> String {
    // Writing to memory cannot fail, and every map here has strings as keys.
    serde_json::to_string(value).unwrap_or_default()
}

/// Writes a value as compact JSON.
pub fn write_json(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) {
    // As above.
    let _ = serde_json::to_writer(out, value);
}

/// The length in characters.
pub fn length(text: &str) -> usize {
    byte_length(text.as_bytes())
}

/// The length of UTF-8 in characters: every byte but those that continue one.
pub fn byte_length(text: &[u8]) -> usize {
    // Most texts are ASCII, and that is seen faster than bytes are counted.
    if text.is_ascii() {
        return text.len();
    }
    text.iter().filter(|byte| !matches!(byte, 0x80..=0xbf)).count()
}

/// A text of at most `limit` characters, with a visible marker if it was truncated.
pub fn truncate(text: &str, limit: usize) -> String {
    let full = length(text);
    if full <= limit {
        return text.to_owned();
    }
    let shown = limit.saturating_sub(MARKER_CHARS);
    let start: String = text.chars().take(shown).collect();
    format!("{start}… [cut: {shown} of {full} characters]")
}
