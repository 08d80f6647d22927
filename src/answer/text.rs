//! Texts of answers: how long they are, and how they are cut visibly.

use serde::Serialize;

/// Room for the mark of a cut.
pub const MARK: usize = 44;
/// The beginning of the mark.
const CUT: &str = "… [cut: ";
/// Stands before our own marks while an answer is made: what the tenant wrote has no such character.
const OURS: char = '\u{1}';

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
    let kept = room.saturating_sub(MARK);
    beginning(text, kept) + &mark(kept, before)
}

/// The beginning of a text with the mark of its cut, which is known again for ours.
pub fn marked(text: &str, kept: usize, before: usize) -> String {
    format!("{}{OURS}{}", beginning(text, kept), mark(kept, before))
}

fn beginning(text: &str, kept: usize) -> String {
    text.chars().take(kept).collect()
}

fn mark(kept: usize, before: usize) -> String {
    format!("{CUT}{kept} of {before} characters]")
}

/// What is left of a text that was cut before, and how long it was.
pub fn unmarked(text: &str) -> (&str, usize) {
    let cut = text.rsplit_once(OURS).and_then(|(left, mark)| {
        let before = mark.strip_prefix(CUT)?.strip_suffix(" characters]")?.split_once(" of ")?.1;
        Some((left, before.parse().ok()?))
    });
    cut.unwrap_or_else(|| (text, length(text)))
}

/// Makes a text what is shown of it.
pub fn finish(text: &mut String) {
    text.retain(|c| c != OURS);
}
