//! Removes secrets from any text that leaves.

mod pair;
mod pattern;

use std::borrow::Cow;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use pattern::Pattern;

/// What stands where a secret stood.
pub const REDACTED: &str = "[redacted]";

/// Knows the secrets in every usual spelling, and text that looks like a header with one.
///
/// A secret is found plain, URL-encoded, JSON-escaped, and inside base64 at any offset.
/// One shorter than four characters is found as a whole word only.
#[derive(Clone)]
pub struct Scrubber {
    patterns: Vec<Pattern>,
    /// Which bytes can start a match.
    starts: [bool; 256],
}

impl Scrubber {
    /// A scrubber for these secrets; an empty one is passed over.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let secrets = secrets.into_iter().map(ExposeSecret::expose_secret);
        let patterns: Vec<_> = secrets.flat_map(Pattern::all).collect();
        let mut starts = [false; 256];
        for (byte, starts) in (0..=u8::MAX).zip(&mut starts) {
            *starts = pair::can_start(byte) || patterns.iter().any(|p| p.can_start(byte));
        }
        Self { patterns, starts }
    }

    /// The text without secrets; borrowed when it had none.
    #[must_use]
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut clean = String::new();
        let mut kept = 0;
        while let Some((start, end)) = self.find(text, kept) {
            clean.push_str(text.get(kept..start).unwrap_or_default());
            clean.push_str(REDACTED);
            kept = end;
        }
        if kept == 0 {
            return text.into();
        }
        clean.push_str(text.get(kept..).unwrap_or_default());
        clean.into()
    }

    /// Scrubs every string and every key within a value.
    pub fn scrub_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.scrub_string(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.scrub_value(item)),
            Value::Object(members) => {
                let old = std::mem::take(members);
                members.extend(old.into_iter().map(|(key, value)| self.member(key, value)));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn member(&self, mut key: String, mut value: Value) -> (String, Value) {
        self.scrub_string(&mut key);
        if pair::is_name(&key) && value.is_string() {
            value = REDACTED.into();
        }
        self.scrub_value(&mut value);
        (key, value)
    }

    fn scrub_string(&self, text: &mut String) {
        if let Cow::Owned(clean) = self.scrub(text) {
            *text = clean;
        }
    }

    /// The next place to redact, as byte offsets; never empty.
    fn find(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        let bytes = text.as_bytes().get(from..)?;
        let candidates = bytes
            .iter()
            .zip(from..)
            .filter(|(byte, _)| self.starts(**byte));
        candidates
            .into_iter()
            .find_map(|(_, at)| self.match_at(text, at))
    }

    fn starts(&self, byte: u8) -> bool {
        self.starts.get(usize::from(byte)).copied().unwrap_or(true)
    }

    fn match_at(&self, text: &str, at: usize) -> Option<(usize, usize)> {
        let byte = *text.as_bytes().get(at)?;
        let likely = self.patterns.iter().filter(|p| p.can_start(byte));
        // The longest, so that no tail of a longer secret stays behind.
        likely
            .filter_map(|pattern| pattern.match_at(text, at))
            .max_by_key(|(_, end)| *end)
            .or_else(|| pair::match_at(text, at))
    }
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrubber").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
