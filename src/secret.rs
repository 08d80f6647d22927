//! Removes secrets from any text that leaves.

mod pair;
mod pattern;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, LazyLock};

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
    /// For each byte, the patterns that can start with it, and which bytes can come second.
    patterns: Vec<(Vec<Arc<Pattern>>, Bytes)>,
    starts: Bytes,
}

impl Scrubber {
    /// A scrubber for these secrets; an empty one is passed over.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let secrets = secrets.into_iter().map(ExposeSecret::expose_secret);
        let all: Vec<_> = secrets.flat_map(Pattern::all).map(Arc::new).collect();
        let starting = |byte| all.iter().filter(move |p| p.can_start(byte)).cloned();
        let patterns = (0..=u8::MAX).map(|first| {
            let patterns: Vec<_> = starting(first).collect();
            let seconds = Bytes::of(|byte| patterns.iter().any(|p| p.can_go_on(first, byte)));
            (patterns, seconds)
        });
        Self {
            patterns: patterns.collect(),
            starts: Bytes::of(|byte| starting(byte).next().is_some()),
        }
    }

    /// The text without secrets, and without what looks like a header with one; borrowed when it had none.
    #[must_use]
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.exact(text) {
            Cow::Borrowed(text) => sweep(text, &PAIR_STARTS, &pair::match_at),
            Cow::Owned(text) => {
                Cow::Owned(sweep(&text, &PAIR_STARTS, &pair::match_at).into_owned())
            }
        }
    }

    /// The text without secrets; what only looks like one, as a customer may write it, stays.
    #[must_use]
    pub fn exact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        sweep(text, &self.starts, &|text, at| self.match_at(text, at))
    }

    /// Takes the secrets out of every string and key within a value; what only looks like one stays.
    pub fn exact_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.exact_string(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.exact_value(item)),
            Value::Object(members) => {
                let old = std::mem::take(members);
                members.extend(old.into_iter().map(|(key, value)| self.member(key, value)));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn member(&self, mut key: String, mut value: Value) -> (String, Value) {
        self.exact_string(&mut key);
        self.exact_value(&mut value);
        (key, value)
    }

    fn exact_string(&self, text: &mut String) {
        if let Cow::Owned(clean) = self.exact(text) {
            *text = clean;
        }
    }

    fn match_at(&self, text: &str, at: usize) -> Option<(usize, usize)> {
        let (byte, rest) = text.as_bytes().get(at..)?.split_first()?;
        let (patterns, seconds) = self.patterns.get(usize::from(*byte))?;
        if rest.first().is_some_and(|second| !seconds.has(*second)) {
            return None;
        }
        // The longest, so that no tail of a longer secret stays behind.
        patterns.iter().filter_map(|pattern| pattern.match_at(text, at)).max_by_key(|(_, end)| *end)
    }
}

/// A set of bytes.
#[derive(Clone, Copy)]
struct Bytes([u64; 4]);

impl Bytes {
    fn of(is_in: impl Fn(u8) -> bool) -> Self {
        let mut bytes = Self([0; 4]);
        for byte in (0..=u8::MAX).filter(|byte| is_in(*byte)) {
            bytes.0[usize::from(byte / 64)] |= 1 << (byte % 64);
        }
        bytes
    }

    fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte / 64)] & (1 << (byte % 64)) != 0
    }
}

/// Where something to redact begins and ends, if it is found at this offset.
type Finder<'a> = &'a dyn Fn(&str, usize) -> Option<(usize, usize)>;

static PAIR_STARTS: LazyLock<Bytes> = LazyLock::new(|| Bytes::of(pair::can_start));

/// The text with everything redacted that is found in it.
fn sweep<'a>(text: &'a str, starts: &Bytes, find: Finder) -> Cow<'a, str> {
    let (mut clean, mut kept) = (String::new(), 0);
    for (at, byte) in text.bytes().enumerate() {
        if at < kept || !starts.has(byte) {
            continue;
        }
        if let Some((start, end)) = find(text, at) {
            // It may share a character with the one before.
            let start = start.max(kept);
            clean.push_str(text.get(kept..start).unwrap_or_default());
            clean.push_str(REDACTED);
            kept = end;
        }
    }
    if kept == 0 {
        return text.into();
    }
    clean.push_str(text.get(kept..).unwrap_or_default());
    clean.into()
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrubber").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
