//! Finds one text in another, however an encoder may have spelled its characters.

use std::str;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Secrets below this many characters are found as whole words only.
const SHORT: usize = 4;
/// Fewer characters of base64 than this turn up in innocent text.
const LEAST_BASE64: usize = 5;

/// A text to find.
#[derive(Clone)]
pub(super) struct Pattern {
    chars: Vec<char>,
    context: Context,
}

/// What may, or may not, stand around a match.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Any,
    WholeWord,
    /// The neighbors carry bits of the secret too.
    Base64 {
        before: usize,
        after: usize,
    },
}

impl Pattern {
    /// The patterns that find a secret plain and in base64; none for an empty one.
    pub(super) fn all(secret: &str) -> Vec<Self> {
        let pattern = |text: &str, context| Self { chars: text.chars().collect(), context };
        match secret.chars().count() {
            0 => Vec::new(),
            1..SHORT => [secret, &STANDARD_NO_PAD.encode(secret)]
                .map(|text| pattern(text, Context::WholeWord))
                .into(),
            _ => {
                let mut all = vec![pattern(secret, Context::Any)];
                all.extend((0..3).filter_map(|offset| Self::base64(secret, offset)));
                all
            }
        }
    }

    /// The characters of base64 that the secret alone decides when it starts `offset` bytes in.
    fn base64(secret: &str, offset: usize) -> Option<Self> {
        let mut bytes = vec![0; offset];
        bytes.extend_from_slice(secret.as_bytes());
        let text = STANDARD_NO_PAD.encode(&bytes);
        let before = (offset * 8).div_ceil(6);
        let end = bytes.len() * 8 / 6;
        let core = text.get(before..end)?;
        (core.len() >= LEAST_BASE64).then(|| Self {
            chars: core.chars().collect(),
            context: Context::Base64 { before: usize::from(offset > 0), after: text.len() - end },
        })
    }

    /// Whether a match can start with this byte.
    pub(super) fn can_start(&self, byte: u8) -> bool {
        self.chars.first().is_some_and(|first| starts(*first, byte))
    }

    /// Whether a match that starts with this byte can go on with that one.
    pub(super) fn can_go_on(&self, first: u8, second: u8) -> bool {
        match self.chars.as_slice() {
            [c, next, ..] if is_plain(*c, first) => starts(*next, second),
            _ => true,
        }
    }

    /// The bytes to redact when the pattern starts at this offset.
    pub(super) fn match_at(&self, text: &str, at: usize) -> Option<(usize, usize)> {
        let end = self.end(text.as_bytes(), at)?;
        let (before, after) = (text.get(..at)?, text.get(end..)?);
        match self.context {
            Context::Any => Some((at, end)),
            Context::WholeWord => {
                let free = !before.ends_with(char::is_alphanumeric)
                    && !after.starts_with(char::is_alphanumeric);
                free.then_some((at, end))
            }
            Context::Base64 { before: b, after: a } => {
                let head = before.bytes().rev().take(b).take_while(|byte| is_base64(*byte)).count();
                let tail = after.bytes().take(a).take_while(|byte| is_base64(*byte)).count();
                Some((at - head, end + tail))
            }
        }
    }

    /// The furthest end of a match; every spelling of every character is followed at once.
    fn end(&self, text: &[u8], begin: usize) -> Option<usize> {
        // Hardly any text begins like a secret, and that is seen without following spellings.
        let rest = text.get(begin..)?.iter();
        let plain = self.chars.iter().zip(rest).take_while(|(c, byte)| is_plain(**c, **byte));
        let at = begin + plain.count();
        let Some((first, others)) = self.chars.get(at - begin..)?.split_first() else {
            return Some(at);
        };
        text.get(at).filter(|byte| starts(*first, **byte))?;
        let mut ends: Vec<_> = self.ends(text, at, *first).collect();
        for c in others {
            let mut next: Vec<_> = ends.iter().flat_map(|at| self.ends(text, *at, *c)).collect();
            next.sort_unstable();
            next.dedup();
            ends = next;
            if ends.is_empty() {
                break;
            }
        }
        ends.into_iter().max()
    }

    /// Where each spelling of `c` ends that starts at this offset.
    fn ends(&self, text: &[u8], at: usize, c: char) -> impl Iterator<Item = usize> + use<> {
        let rest = text.get(at..).unwrap_or_default();
        let alternate = match (self.context, c) {
            (Context::Base64 { .. }, '+') => Some('-'),
            (Context::Base64 { .. }, '/') => Some('_'),
            (_, ' ') => Some('+'),
            _ => None,
        };
        let others = alternate.map(|c| lengths(rest, c)).into_iter().flatten();
        let lengths = lengths(rest, c).into_iter().chain(others);
        lengths.flatten().map(move |length| at + length)
    }
}

/// Whether some spelling of a character starts with this byte.
fn starts(c: char, byte: u8) -> bool {
    let mut utf8 = [0; 4];
    c.encode_utf8(&mut utf8).as_bytes().first() == Some(&byte)
        || matches!(byte, b'%' | b'\\')
        || matches!((c, byte), (' ', b'+') | ('+', b'-') | ('/', b'_'))
}

/// Whether a byte can only be this character as it is, and no part of another spelling.
fn is_plain(c: char, byte: u8) -> bool {
    c.is_ascii() && char::from(byte) == c && !matches!(c, '%' | '\\')
}

/// How many bytes each spelling of `c` takes at the start of `text`.
fn lengths(text: &[u8], c: char) -> [Option<usize>; 6] {
    let mut utf8 = [0; 4];
    let bytes = c.encode_utf8(&mut utf8).as_bytes();
    let doubled = |sign: &[u8]| (c == '\\' && text.starts_with(sign)).then_some(sign.len());
    [
        text.starts_with(bytes).then_some(bytes.len()),
        percent(text, bytes, b"%"),
        percent(text, bytes, b"%25"),
        escaped(text, c),
        doubled(br"\\"),
        doubled(br"\\\\"),
    ]
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// `%XX` for every byte, or `%25XX` where the percent sign was encoded again.
fn percent(text: &[u8], bytes: &[u8], sign: &[u8]) -> Option<usize> {
    let mut rest = text;
    for byte in bytes {
        rest = rest.strip_prefix(sign)?;
        if hex(rest, 2) != Some(u32::from(*byte)) {
            return None;
        }
        rest = rest.get(2..)?;
    }
    Some(text.len() - rest.len())
}

/// More backslashes than two escapes make; a long run must not be walked again and again.
const MOST_SLASHES: usize = 8;

/// `\"`, `\/`, `\'` or `\uXXXX`; the backslashes may be doubled by a second escape.
fn escaped(text: &[u8], c: char) -> Option<usize> {
    let rest = after_slashes(text)?;
    let is_quoted = matches!(c, '"' | '/' | '\'');
    if is_quoted && rest.first().is_some_and(|next| char::from(*next) == c) {
        return Some(text.len() - rest.len() + 1);
    }
    let mut units = [0; 2];
    unicode(text, c.encode_utf16(&mut units))
}

/// `\uXXXX` for every unit.
fn unicode(text: &[u8], units: &[u16]) -> Option<usize> {
    let mut rest = text;
    for unit in units {
        rest = after_slashes(rest)?.strip_prefix(b"u")?;
        if hex(rest, 4) != Some(u32::from(*unit)) {
            return None;
        }
        rest = rest.get(4..)?;
    }
    Some(text.len() - rest.len())
}

fn after_slashes(text: &[u8]) -> Option<&[u8]> {
    let start = text.iter().take(MOST_SLASHES);
    let slashes = start.take_while(|byte| **byte == b'\\').count();
    text.get(slashes..).filter(|_| slashes > 0)
}

fn hex(text: &[u8], digits: usize) -> Option<u32> {
    let digits = text.get(..digits).filter(|d| d.iter().all(u8::is_ascii_hexdigit))?;
    u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}
