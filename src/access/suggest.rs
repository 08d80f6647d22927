//! The sentence about a name that does not exist.

use crate::catalog::{is_typo, is_very_similar, nearest};
use crate::text::sanitize;

/// Reports an unknown name of a kind, with the closest existing name if one is close.
#[must_use]
pub fn unknown_name<'a>(
    kind: &str,
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> String {
    let shown = sanitize::short_word(name);
    match closest_name(name, candidates) {
        Some(closest) => format!("Unknown {kind}: {shown}. Did you mean {closest}?"),
        None => format!("Unknown {kind}: {shown}."),
    }
}

/// The candidate that was probably meant; none if no candidate is close.
#[must_use]
pub fn closest_name<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let closest = *nearest(name, candidates).first()?;
    let is_close = is_typo(name, closest) || is_very_similar(name, [closest].into_iter());
    is_close.then_some(closest)
}
