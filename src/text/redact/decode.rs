//! Decoded views of a text, which know what part of the source each character came from.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;
use percent_encoding::percent_decode_str;

use crate::text::sanitize::is_hidden;

/// A text, or what one decoding made of it.
pub struct View<'a> {
    pub text: Cow<'a, str>,
    edits: Vec<Edit>,
    source: Option<&'a View<'a>>,
}

/// A part of the source, and the part of the view that replaced it; an empty one if it was removed.
struct Edit {
    source: Range<usize>,
    decoded: Range<usize>,
}

/// Whether folding leaves every character that this byte starts or continues, unless it is one of several spaces. The
/// blocks from U+00C0 to U+02FF, U+0380 to U+057F and U+4000 to U+CFFF have no space and nothing invisible.
fn is_plain(byte: u8) -> bool {
    is_plain_ascii(byte) || matches!(byte, 0x80..=0xbf | 0xc3..=0xcb | 0xce..=0xd5 | 0xe4..=0xec)
}

/// Whether folding may change the text where these two bytes follow each other.
fn is_foldable(byte: u8, next: u8) -> bool {
    !is_plain(byte) || byte == b' ' && (next == b' ' || !is_plain(next))
}

/// Whether a byte is printable ASCII that folding leaves, unless it is one of several spaces.
fn is_plain_ascii(byte: u8) -> bool {
    matches!(byte, b' '..=b'*' | b','..=b'~')
}

/// What to write instead of the start of a text, and the length of that start; `None` to leave it.
type Replacement = Option<(Option<char>, usize)>;

impl<'a> View<'a> {
    /// The text as it is.
    pub fn new(text: &'a str) -> Self {
        Self { text: text.into(), edits: Vec::new(), source: None }
    }

    /// The view with JSON escapes decoded; `None` if there is none.
    pub fn json(&self) -> Option<View<'_>> {
        self.edit(|text| memchr(b'\\', text.as_bytes()), json_escape)
    }

    /// The view with each `%XX` decoded; `None` if there is none.
    pub fn percent(&self) -> Option<View<'_>> {
        self.edit(|text| memchr(b'%', text.as_bytes()), percent_escape)
    }

    /// The view without invisible characters, and with a single space for each run of white space or `+`.
    pub fn fold(&self) -> View<'_> {
        self.edit(find_foldable, folded).unwrap_or_else(|| View {
            text: self.text.as_ref().into(),
            edits: Vec::new(),
            source: Some(self),
        })
    }

    /// Where a part of this view is in the view that it was made from.
    pub fn source_range(&self, range: Range<usize>) -> Range<usize> {
        let start = self.last_edit(|edit| edit.decoded.start <= range.start);
        let start = start.map_or(range.start, |edit| match range.start < edit.decoded.end {
            true => edit.source.start,
            false => edit.source.end + (range.start - edit.decoded.end),
        });
        let end = self.last_edit(|edit| edit.decoded.start < range.end);
        let end = end
            .map_or(range.end, |edit| edit.source.end + range.end.saturating_sub(edit.decoded.end));
        start..end
    }

    /// Where a part of this view is in the first text.
    pub fn origin(&self, range: Range<usize>) -> Range<usize> {
        let range = self.source_range(range);
        self.source.map_or(range.clone(), |source| source.origin(range))
    }

    fn last_edit(&self, is_before: impl Fn(&Edit) -> bool) -> Option<&Edit> {
        self.edits.get(..self.edits.partition_point(is_before))?.last()
    }

    /// The view with replacements at some places, each at the start of a character. `None` without any.
    fn edit(
        &self,
        find: impl Fn(&str) -> Option<usize>,
        replace: fn(&str) -> Replacement,
    ) -> Option<View<'_>> {
        let (mut text, mut edits, mut rest) = (String::new(), Vec::new(), &*self.text);
        let mut seen = 0;
        while let Some(skipped) = rest.get(seen..).and_then(&find) {
            let (before, found) = rest.split_at_checked(seen + skipped)?;
            let Some((c, length)) = replace(found) else {
                seen = before.len() + found.chars().next()?.len_utf8();
                continue;
            };
            let start = self.text.len() - found.len();
            text.push_str(before);
            let decoded = text.len()..text.len() + c.map_or(0, char::len_utf8);
            text.extend(c);
            edits.push(Edit { source: start..start + length, decoded });
            (rest, seen) = (found.get(length..)?, 0);
        }
        if edits.is_empty() {
            return None;
        }
        text.push_str(rest);
        Some(View { text: text.into(), edits, source: Some(self) })
    }
}

/// The first byte that folding may replace, or that is followed by one.
fn find_foldable(text: &str) -> Option<usize> {
    /// Bytes that are looked at together.
    const CHUNK: usize = 64;
    let bytes = text.as_bytes();
    let (chunks, _) = bytes.as_chunks::<CHUNK>();
    let (nexts, _) = bytes.get(1..).unwrap_or_default().as_chunks::<CHUNK>();
    let skipped = chunks.iter().zip(nexts).take_while(|(chunk, next)| {
        is_plain_chunk(chunk, next)
            || !chunk.iter().zip(*next).any(|(byte, next)| is_foldable(*byte, *next))
    });
    let start = skipped.count() * CHUNK;
    let rest = bytes.get(start..)?;
    let mut pairs = rest.iter().zip(rest.iter().skip(1).chain(&[0]));
    Some(start + pairs.position(|(byte, next)| is_foldable(*byte, *next))?)
}

/// Whether these bytes, each with the one after it, are plain ASCII without repeated spaces.
#[expect(clippy::needless_bitwise_bool, reason = "without branches, the compiler vectorizes it")]
fn is_plain_chunk<const N: usize>(chunk: &[u8; N], next: &[u8; N]) -> bool {
    chunk.iter().zip(next).fold(true, |all, (byte, next)| {
        all & is_plain_ascii(*byte) & is_plain_ascii(*next) & ((*byte != b' ') | (*next != b' '))
    })
}

fn folded(text: &str) -> Replacement {
    let is_space = |c: char| c.is_whitespace() || c == '+';
    let c = text.chars().next()?;
    if !is_space(c) {
        return is_hidden(c).then_some((None, c.len_utf8()));
    }
    let length = text.len() - text.trim_start_matches(|c| is_space(c) || is_hidden(c)).len();
    (c != ' ' || length > 1).then_some((Some(' '), length))
}

fn percent_escape(text: &str) -> Replacement {
    let mut utf8 = [0; 4];
    utf8.iter_mut().zip(percent_decode_str(text)).for_each(|(byte, decoded)| *byte = decoded);
    let c = utf8.utf8_chunks().next()?.valid().chars().next()?;
    (c != '%' || text.starts_with("%25")).then_some((Some(c), 3 * c.len_utf8()))
}

fn json_escape(text: &str) -> Replacement {
    let kind = text.chars().nth(1)?;
    let c = match kind {
        '"' | '\\' | '/' | '\'' => kind,
        'b' => '\u{8}',
        'f' | 'n' | 'r' | 't' => ' ',
        'u' => {
            // Two escapes may be a surrogate pair.
            let units = [Some(text), text.get(6..)].into_iter().flatten().map_while(utf16_unit);
            let c = char::decode_utf16(units).next()?.ok()?;
            return Some((Some(c), 6 * c.len_utf16()));
        }
        _ => return None,
    };
    Some((Some(c), 2))
}

fn utf16_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_as_plain_is_visible() {
        for c in (' '..=char::MAX).skip(1) {
            let mut utf8 = [0; 4];
            if c.encode_utf8(&mut utf8).bytes().all(is_plain) {
                assert!(!is_hidden(c) && !c.is_whitespace() && c != '+', "{c:?}");
            }
        }
    }
}
