//! Finds many secrets at once, in every encoding that a text may hold them in.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError, packed};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Number;

use super::decode::View;

/// Secrets below this many characters are found as whole words only.
const MIN_SUBSTRING_CHARS: usize = 4;
/// Fewer characters of base64 than this turn up in innocent text.
const MIN_BASE64_CHARS: usize = 5;

/// Finds every encoded secret in a text and in its decodings.
pub struct Matcher {
    /// Without it, which no real number of secrets causes, all text counts as secret.
    automaton: Result<AhoCorasick, BuildError>,
    /// Finds out ten times faster that there is no match; none for more than 64 patterns.
    prefilter: Option<packed::Searcher>,
    boundaries: Vec<Boundary>,
}

/// One spelling of a secret, folded like the text that it is looked for in.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct EncodedSecret {
    folded: String,
    boundary: Boundary,
}

/// What may stand around a match.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Boundary {
    Any,
    WholeWord,
    /// The neighbors carry bits of the secret too.
    Base64,
}

impl Matcher {
    /// A matcher for these secrets.
    pub fn new<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        let all: BTreeSet<_> = secrets.flat_map(EncodedSecret::all).collect();
        let patterns = || all.iter().map(|encoded| &encoded.folded);
        Self {
            automaton: AhoCorasick::new(patterns()),
            prefilter: packed::Searcher::new(patterns()),
            boundaries: all.iter().map(|encoded| encoded.boundary).collect(),
        }
    }

    /// Where secrets are, in order and without overlaps.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let automaton = match &self.automaton {
            _ if self.boundaries.is_empty() => return Vec::new(),
            Ok(automaton) => automaton,
            Err(_) => return std::iter::once(0..text.len()).collect(),
        };
        let mut found = Vec::new();
        let source = View::new(text);
        self.scan(automaton, &source, &mut found);
        for once in [source.json(), source.percent()].into_iter().flatten() {
            self.scan(automaton, &once, &mut found);
            for twice in [once.json(), once.percent()].into_iter().flatten() {
                self.scan(automaton, &twice, &mut found);
            }
        }
        found.sort_by_key(|range| range.start);
        let mut merged = Vec::with_capacity(found.len());
        for range in found {
            add(&mut merged, range);
        }
        merged
    }

    /// Searches one decoding of a text.
    fn scan(&self, automaton: &AhoCorasick, view: &View, found: &mut Vec<Range<usize>>) {
        let folded = view.fold();
        if self.prefilter.as_ref().is_some_and(|prefilter| prefilter.find(&*folded.text).is_none())
        {
            return;
        }
        for hit in automaton.find_overlapping_iter(&*folded.text) {
            let range = folded.source_range(hit.range());
            let boundary = self.boundaries.get(hit.pattern().as_usize());
            if let Some(range) = boundary.and_then(|boundary| boundary.extend(&view.text, range)) {
                add(found, view.origin(range));
            }
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
        let is_short = |text: &str| text.chars().count() < MIN_SUBSTRING_CHARS;
        let plain = [Some(secret.to_owned()), number].into_iter().flatten().map(|text| {
            Self::new(&text, if is_short(&text) { Boundary::WholeWord } else { Boundary::Any })
        });
        let base64: Vec<_> = match is_short(secret) {
            true => vec![Self::new(&STANDARD_NO_PAD.encode(secret), Boundary::WholeWord)],
            false => (0..3).flat_map(|offset| Self::base64(secret, offset)).flatten().collect(),
        };
        plain.chain(base64).filter(|encoded| !encoded.folded.is_empty()).collect()
    }

    /// The characters of base64 that the secret alone decides if it starts `offset` bytes in, in both alphabets.
    fn base64(secret: &str, offset: usize) -> [Option<Self>; 2] {
        let bytes = [[0; 3].get(..offset).unwrap_or_default(), secret.as_bytes()].concat();
        let own = (offset * 8).div_ceil(6)..bytes.len() * 8 / 6;
        [STANDARD_NO_PAD, URL_SAFE_NO_PAD].map(|alphabet| {
            let text = alphabet.encode(&bytes);
            let own = text.get(own.clone()).filter(|own| own.len() >= MIN_BASE64_CHARS)?;
            Some(Self::new(own, Boundary::Base64))
        })
    }

    fn new(text: &str, boundary: Boundary) -> Self {
        Self { folded: View::new(text).fold().text.into_owned(), boundary }
    }
}

impl Boundary {
    /// The range to redact for a match; none if it is part of a word.
    fn extend(self, text: &str, range: Range<usize>) -> Option<Range<usize>> {
        let (before, after) = (text.get(..range.start)?, text.get(range.end..)?);
        match self {
            Self::Any => Some(range),
            Self::WholeWord => {
                let is_part = before.ends_with(char::is_alphanumeric)
                    || after.starts_with(char::is_alphanumeric);
                (!is_part).then_some(range)
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
