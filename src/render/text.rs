//! Texts of answers: how long they are, and how they are cut visibly.

use serde::Serialize;

/// Room for the mark of a cut.
pub const MARKER_CHARS: usize = 44;
/// The beginning of the mark.
const MARKER_START: &str = "… [cut: ";
/// Stands before our own marks while an answer is made: what the tenant wrote has no such character.
const TRUNCATION_SENTINEL: char = '\u{1}';

/// A value as compact JSON.
pub fn to_json(value: &impl Serialize) -> String {
    // Writing to memory cannot fail, and all that answers hold has names that are texts.
    serde_json::to_string(value).unwrap_or_default()
}

/// The length in characters.
pub fn length(text: &str) -> usize {
    text.chars().count()
}

/// A text that fits, its end cut visibly.
pub fn truncate(text: &str, room: usize) -> String {
    let before = length(text);
    if before <= room {
        return text.to_owned();
    }
    let kept = room.saturating_sub(MARKER_CHARS);
    beginning(text, kept) + &marker(kept, before)
}

/// The beginning of a text with the mark of its cut, which is known again for ours.
pub fn with_marker(text: &str, kept: usize, before: usize) -> String {
    format!("{}{TRUNCATION_SENTINEL}{}", beginning(text, kept), marker(kept, before))
}

fn beginning(text: &str, kept: usize) -> String {
    text.chars().take(kept).collect()
}

fn marker(kept: usize, before: usize) -> String {
    format!("{MARKER_START}{kept} of {before} characters]")
}

/// What is left of a text that was cut before, and how long it was.
pub fn split_marker(text: &str) -> (&str, usize) {
    let cut = text.rsplit_once(TRUNCATION_SENTINEL).and_then(|(left, mark)| {
        let before =
            mark.strip_prefix(MARKER_START)?.strip_suffix(" characters]")?.split_once(" of ")?.1;
        Some((left, before.parse().ok()?))
    });
    cut.unwrap_or_else(|| (text, length(text)))
}

/// Makes a text what is shown of it.
pub fn strip_sentinel(text: &mut String) {
    text.retain(|c| c != TRUNCATION_SENTINEL);
}
