//! The size limits of a response: its text, and what the text needs once it is parsed.

use bytes::Bytes;
use http::Response;

use super::TransportError;

/// The largest response body, in bytes after decompression.
pub const MAX_BODY_BYTES: usize = 16 << 20;
/// A body of up to this many bytes needs no permit.
const MAX_SMALL_BODY_BYTES: usize = 128 << 10;
/// Above how many bytes a body needs a permit, and how many such bodies may be in memory. The holder of the last
/// permit waits only for the network, so there is no deadlock.
pub(super) const LARGE_BODY_PERMITS: [(usize, usize); 2] =
    [(MAX_SMALL_BODY_BYTES, 2), (4 << 20, 1)];

/// The memory of a parsed response, in bytes: enough for 14 MiB with 500 records of 80 fields.
const MAX_PARSED_BYTES: usize = 24 << 20;
/// The memory of a value in addition to its text, with its name and map entry; measured.
const BYTES_PER_VALUE: usize = 256;

/// Rejects a response that would need too much memory: `[0,0,0]` needs a hundred times its text.
///
/// # Errors
/// `TransportError::TooMany`.
pub(super) fn check_size(response: Response<Bytes>) -> Result<Response<Bytes>, TransportError> {
    let body = response.body();
    let is_too_large =
        |count: fn(&[u8]) -> usize| body.len() + count(body) * BYTES_PER_VALUE > MAX_PARSED_BYTES;
    // The first count is ten times as fast, and almost always enough.
    match body.len() > MAX_SMALL_BODY_BYTES && is_too_large(separators) && is_too_large(max_values)
    {
        true => Err(TransportError::TooMany),
        false => Ok(response),
    }
}

/// The characters of a text that may begin a value, those in strings included, and one for the text itself.
fn separators(text: &[u8]) -> usize {
    1 + text.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count()
}

/// An upper bound of the values in a JSON text: each starts the text, a list or a map, or follows a comma.
fn max_values(text: &[u8]) -> usize {
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
    fn values_are_counted_outside_of_strings() {
        for (text, expected) in [
            ("7", 1),
            ("[0,0,0]", 4),
            (r#"{"a":{"b":[]},"c":null}"#, 5),
            (r#"{"a":"1,2,{[\",,,"}"#, 2),
            (r#"["\\",0]"#, 3),
        ] {
            assert_eq!(max_values(text.as_bytes()), expected, "{text}");
            assert!(separators(text.as_bytes()) >= expected, "{text}");
        }
    }

    #[test]
    fn a_wide_page_is_accepted_and_a_dense_one_is_not() {
        let record = format!("{{{}}},", vec![r#""name":1"#; 100].join(","));
        let page = |records: usize| Response::new(Bytes::from(record.repeat(records)));
        assert!(check_size(page(500)).is_ok());
        assert_eq!(check_size(page(2_000)).err(), Some(TransportError::TooMany));
        let text = Response::new(Bytes::from(format!("\"{}\"", ",".repeat(MAX_BODY_BYTES - 2))));
        assert!(check_size(text).is_ok());
    }
}
