//! How much of a reply is taken: its text, and what the text becomes when it is read.

use bytes::Bytes;
use http::Response;

use super::TransportError;

/// The largest body taken from the wire, in bytes after decompression.
pub const MAX_BODY_BYTES: usize = 16 << 20;
/// A body of up to this many bytes is taken at once; a larger one waits for a place.
const MAX_SMALL_BODY_BYTES: usize = 128 << 10;
/// Above how many bytes a body needs a place, and how many such are in memory at a time. Who has the last place waits for
/// nothing but the network, so all get theirs in turn.
pub(super) const LARGE_BODY_PERMITS: [(usize, usize); 2] =
    [(MAX_SMALL_BODY_BYTES, 2), (4 << 20, 1)];

/// What a reply may take when it is read, in bytes: a body of 14 MiB with 500 records of 80 fields.
const MAX_PARSED_BYTES: usize = 24 << 20;
/// What a value takes beside its text, with its name and its place in a map; measured.
const BYTES_PER_VALUE: usize = 256;

/// The reply, unless it would outgrow the memory: `[0,0,0]` becomes a hundred times its text.
///
/// # Errors
/// `Broken::TooMany`.
pub(super) fn check_size(reply: Response<Bytes>) -> Result<Response<Bytes>, TransportError> {
    let body = reply.body();
    if body.len() > MAX_SMALL_BODY_BYTES && parsed_size(body) > MAX_PARSED_BYTES {
        Err(TransportError::TooMany)
    } else {
        Ok(reply)
    }
}

/// What a JSON text takes when it is read, in bytes.
fn parsed_size(text: &[u8]) -> usize {
    text.len() + values(text) * BYTES_PER_VALUE
}

/// How many values a JSON text has at most: each begins the text, a list or a map, or follows a comma.
fn values(text: &[u8]) -> usize {
    let (mut count, mut quoted, mut escaped) = (1, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b',' | b'[' | b'{' if !quoted => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_outside_of_texts() {
        for (text, expected) in [
            ("7", 1),
            ("[0,0,0]", 4),
            (r#"{"a":{"b":[]},"c":null}"#, 5),
            (r#"{"a":"1,2,{[\",,,"}"#, 2),
            (r#"["\\",0]"#, 3),
        ] {
            assert_eq!(values(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_wide_page_is_taken_and_a_dense_one_is_not() {
        let record = format!("{{{}}},", vec![r#""name":1"#; 100].join(","));
        let page = |records: usize| Response::new(Bytes::from(record.repeat(records)));
        assert!(check_size(page(500)).is_ok());
        assert_eq!(check_size(page(2_000)).err(), Some(TransportError::TooMany));
        let prose = Response::new(Bytes::from(format!("\"{}\"", ",".repeat(MAX_BODY_BYTES - 2))));
        assert!(check_size(prose).is_ok());
    }
}
