//! Texts of answers: how long they are, and how they are cut visibly.

use serde::Serialize;

/// Room for the mark of a cut.
pub const MARK: usize = 44;
/// The beginning of the mark.
const CUT: &str = "… [cut: ";

/// A value as compact JSON.
pub fn written(value: &impl Serialize) -> String {
    // Writing to memory cannot fail, and all that answers hold has names that are texts.
    serde_json::to_string(value).unwrap_or_default()
}

/// The length in characters.
pub fn length(text: &str) -> usize {
    text.chars().count()
}

/// A text that fits, its end cut visibly.
pub fn cut(text: &str, room: usize) -> String {
    let before = length(text);
    if before <= room {
        return text.to_owned();
    }
    marked(text, room.saturating_sub(MARK), before)
}

/// The beginning of a text with the mark of its cut.
pub fn marked(text: &str, kept: usize, before: usize) -> String {
    let left: String = text.chars().take(kept).collect();
    format!("{left}{CUT}{kept} of {before} characters]")
}

/// What is left of a text that was cut before, and how long it was.
pub fn unmarked(text: &str) -> (&str, usize) {
    let cut = text.rsplit_once(CUT).and_then(|(left, mark)| {
        let before = mark.strip_suffix(" characters]")?.split_once(" of ")?.1;
        Some((left, before.parse().ok()?))
    });
    cut.unwrap_or_else(|| (text, length(text)))
}
