//! Decodes text character by character, each with its place in the source.

use std::iter;
use std::str;

use crate::clean::is_hidden;

/// A decoded character, and the range of the source that it stands for.
#[derive(Debug, Clone, Copy)]
pub struct Decoded {
    pub c: char,
    pub start: usize,
    pub end: usize,
}

/// A stream of characters that can be read ahead: a clone starts at the same place.
pub trait Chars: Iterator<Item = Decoded> + Clone {}

impl<I: Iterator<Item = Decoded> + Clone> Chars for I {}

/// The characters of a text as they are.
pub fn chars(text: &str) -> impl Chars {
    text.char_indices().map(|(start, c)| Decoded { c, start, end: start + c.len_utf8() })
}

/// The stream with each `%XX` decoded.
pub fn percent(chars: impl Chars) -> impl Chars {
    decode(chars, '%', percent_encoded)
}

/// The stream with each JSON escape decoded.
pub fn json(chars: impl Chars) -> impl Chars {
    decode(chars, '\\', escaped)
}

/// The stream without invisible characters, and with a single space for each run of white space or `+`.
pub fn fold(chars: impl Chars) -> impl Chars {
    let mut is_after_space = false;
    chars.filter_map(move |decoded| {
        let is_space = decoded.c.is_whitespace() || decoded.c == '+';
        if !is_space && is_hidden(decoded.c) {
            return None;
        }
        let is_repeated = std::mem::replace(&mut is_after_space, is_space) && is_space;
        let c = if is_space { ' ' } else { decoded.c };
        (!is_repeated).then_some(Decoded { c, ..decoded })
    })
}

/// The stream with each sequence decoded that starts with `sign`; the function reads what follows the sign.
fn decode<I: Chars>(
    mut chars: I,
    sign: char,
    sequence: fn(&mut I) -> Option<(char, usize)>,
) -> impl Chars {
    iter::from_fn(move || {
        let first = chars.next()?;
        if first.c == sign {
            let mut ahead = chars.clone();
            if let Some((c, end)) = sequence(&mut ahead) {
                chars = ahead;
                return Some(Decoded { c, end, ..first });
            }
        }
        Some(first)
    })
}

/// The character whose UTF-8 bytes are percent-encoded, and where it ends.
fn percent_encoded(ahead: &mut impl Chars) -> Option<(char, usize)> {
    let (first, mut end) = hex(ahead, 2)?;
    let mut utf8 = [u8::try_from(first).ok()?, 0, 0, 0];
    let length = match first {
        0..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    for byte in utf8.get_mut(1..length)? {
        ahead.next().filter(|sign| sign.c == '%')?;
        let (value, byte_end) = hex(ahead, 2)?;
        (*byte, end) = (u8::try_from(value).ok()?, byte_end);
    }
    let c = str::from_utf8(utf8.get(..length)?).ok()?.chars().next()?;
    Some((c, end))
}

/// The character of a JSON escape, and where it ends.
fn escaped(ahead: &mut impl Chars) -> Option<(char, usize)> {
    let kind = ahead.next()?;
    let c = match kind.c {
        '"' | '\\' | '/' | '\'' => kind.c,
        'b' => '\u{8}',
        'f' | 'n' | 'r' | 't' => ' ',
        'u' => return unicode(ahead),
        _ => return None,
    };
    Some((c, kind.end))
}

/// The character of one UTF-16 unit, or of a surrogate pair in two escapes.
fn unicode(ahead: &mut impl Chars) -> Option<(char, usize)> {
    let (first, end) = hex(ahead, 4)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, end));
    }
    ahead.next().filter(|slash| slash.c == '\\')?;
    ahead.next().filter(|kind| kind.c == 'u')?;
    let (second, end) = hex(ahead, 4)?;
    let units = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let c = char::decode_utf16(units).next()?.ok()?;
    Some((c, end))
}

fn hex(ahead: &mut impl Chars, digits: usize) -> Option<(u32, usize)> {
    let (mut value, mut end) = (0, 0);
    for _ in 0..digits {
        let digit = ahead.next()?;
        value = value * 16 + digit.c.to_digit(16)?;
        end = digit.end;
    }
    Some((value, end))
}
