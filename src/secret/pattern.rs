//! Finds many secrets at once, in every encoding that a text may hold them in.

use std::ops::Range;

use aho_corasick::automaton::Automaton;
use aho_corasick::dfa::DFA;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, BuildError, PatternID};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Number;

use super::decode::{Chars, chars, fold, json, percent};

/// Secrets below this many characters are found as whole words only.
const MIN_SUBSTRING_CHARS: usize = 4;
/// Fewer characters of base64 than this turn up in innocent text.
const MIN_BASE64_CHARS: usize = 5;

/// More patterns, which tokens alone can be, would take megabytes as a DFA; an NFA is smaller, and slower.
const MAX_DFA_PATTERNS: usize = 200;

/// Finds every encoded secret in one pass over each decoding of a text.
pub struct Matcher {
    /// Without it, which no real number of secrets causes, all text counts as secret.
    automaton: Result<Box<dyn Automaton + Send + Sync>, BuildError>,
    boundaries: Vec<Boundary>,
}

/// One spelling of a secret, folded like the text that it is looked for in.
struct EncodedSecret {
    folded: String,
    boundary: Boundary,
}

/// What may stand around a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Boundary {
    Any,
    WholeWord,
    /// The neighbors carry bits of the secret too.
    Base64,
}

impl Matcher {
    /// A matcher for these secrets.
    pub fn new<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        let all: Vec<_> = secrets.flat_map(EncodedSecret::all).collect();
        let patterns = all.iter().map(|encoded| &encoded.folded);
        let automaton: Result<Box<dyn Automaton + Send + Sync>, _> = match all.len() {
            0..=MAX_DFA_PATTERNS => DFA::new(patterns).map(|dfa| Box::new(dfa) as _),
            _ => NFA::new(patterns).map(|nfa| Box::new(nfa) as _),
        };
        Self { automaton, boundaries: all.iter().map(|encoded| encoded.boundary).collect() }
    }

    /// Where secrets are, in order and without overlaps.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let automaton = match &self.automaton {
            _ if self.boundaries.is_empty() => return Vec::new(),
            Ok(automaton) => automaton.as_ref(),
            Err(_) => return std::iter::once(0..text.len()).collect(),
        };
        let mut search = Search { matcher: self, automaton, text, found: Vec::new() };
        search.scan(chars(text));
        if text.contains('\\') {
            search.scan_decodings(&json(chars(text)));
        }
        if text.contains('%') {
            search.scan_decodings(&percent(chars(text)));
        }
        search.found.sort_by_key(|range| range.start);
        let mut merged = Vec::with_capacity(search.found.len());
        search.found.into_iter().for_each(|range| add(&mut merged, range));
        merged
    }
}

/// One text, and what was found in its decodings so far.
struct Search<'a> {
    matcher: &'a Matcher,
    automaton: &'a dyn Automaton,
    text: &'a str,
    found: Vec<Range<usize>>,
}

impl Search<'_> {
    /// Searches a text that was decoded once, and what a second decoding makes of it.
    fn scan_decodings(&mut self, once: &impl Chars) {
        self.scan(once.clone());
        if once.clone().any(|decoded| decoded.c == '\\') {
            self.scan(json(once.clone()));
        }
        if once.clone().any(|decoded| decoded.c == '%') {
            self.scan(percent(once.clone()));
        }
    }

    /// Searches one decoding, in one pass.
    fn scan(&mut self, decoded: impl Chars) {
        let Ok(mut state) = self.automaton.start_state(Anchored::No) else {
            return;
        };
        // Where the last bytes started, as many as the longest pattern has; the size makes the remainder a mask.
        let mut starts = vec![0; self.automaton.max_pattern_len().next_power_of_two()];
        let (mask, mut utf8, mut at) = (starts.len() - 1, [0; 4], 0);
        for decoded in fold(decoded) {
            for byte in decoded.c.encode_utf8(&mut utf8).bytes() {
                if let Some(start) = starts.get_mut(at & mask) {
                    *start = decoded.start;
                }
                at += 1;
                state = self.automaton.next_state(Anchored::No, state, byte);
            }
            if self.automaton.is_match(state) {
                for index in 0..self.automaton.match_len(state) {
                    let pattern = self.automaton.match_pattern(state, index);
                    let first = (at - self.automaton.pattern_len(pattern)) & mask;
                    let start = starts.get(first).copied().unwrap_or(0);
                    self.add(pattern, start..decoded.end);
                }
            }
        }
    }

    fn add(&mut self, pattern: PatternID, range: Range<usize>) {
        let boundary = self.matcher.boundaries.get(pattern.as_usize());
        if let Some(range) = boundary.and_then(|boundary| boundary.extend(self.text, range)) {
            add(&mut self.found, range);
        }
    }
}

/// Adds a range; those before it that it overlaps become one with it.
fn add(found: &mut Vec<Range<usize>>, mut range: Range<usize>) {
    while let Some(last) = found.pop_if(|last| last.start < range.end && range.start < last.end) {
        range = range.start.min(last.start)..range.end.max(last.end);
    }
    found.push(range);
}

impl EncodedSecret {
    /// The spellings of a secret that folding and decoding leave different; none for an empty one.
    fn all(secret: &str) -> Vec<Self> {
        let secret = secret.trim();
        // A JSON number is written without leading zeros, and a large one as a fraction.
        let number = secret.trim_start_matches('0').parse::<Number>().ok().map(|n| n.to_string());
        let number = number.filter(|number| number != secret);
        let mut all: Vec<_> =
            number.as_deref().into_iter().chain([secret]).filter_map(Self::plain).collect();
        let is_short = all.last().is_some_and(|plain| plain.boundary == Boundary::WholeWord);
        if is_short {
            let encoded = STANDARD_NO_PAD.encode(secret);
            all.extend(Self::new(&encoded, Boundary::WholeWord));
        } else {
            all.extend((0..3).flat_map(|offset| Self::base64(secret, offset)).flatten());
        }
        all
    }

    fn plain(text: &str) -> Option<Self> {
        let is_short = text.chars().count() < MIN_SUBSTRING_CHARS;
        Self::new(text, if is_short { Boundary::WholeWord } else { Boundary::Any })
    }

    /// The characters of base64 that the secret alone decides if it starts `offset` bytes in, in both alphabets.
    fn base64(secret: &str, offset: usize) -> [Option<Self>; 2] {
        let mut bytes = vec![0; offset];
        bytes.extend_from_slice(secret.as_bytes());
        let own = (offset * 8).div_ceil(6)..bytes.len() * 8 / 6;
        [STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|alphabet| {
            let text = alphabet.encode(&bytes);
            let own = text.get(own.clone()).filter(|own| own.len() >= MIN_BASE64_CHARS)?;
            Self::new(own, Boundary::Base64)
        })
    }

    fn new(text: &str, boundary: Boundary) -> Option<Self> {
        let folded: String = fold(chars(text)).map(|decoded| decoded.c).collect();
        (!folded.is_empty()).then_some(Self { folded, boundary })
    }
}

impl Boundary {
    /// The range to redact for a match; none if it is part of a word.
    fn extend(self, text: &str, range: Range<usize>) -> Option<Range<usize>> {
        let (before, after) = (text.get(..range.start)?, text.get(range.end..)?);
        match self {
            Self::Any => Some(range),
            Self::WholeWord => {
                let is_whole = !before.ends_with(char::is_alphanumeric)
                    && !after.starts_with(char::is_alphanumeric);
                is_whole.then_some(range)
            }
            Self::Base64 => {
                let head = usize::from(before.ends_with(is_base64));
                let tail = usize::from(after.starts_with(is_base64));
                Some(range.start - head..range.end + tail)
            }
        }
    }
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_')
}
