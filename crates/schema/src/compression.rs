//! Texts that build scripts compress into the program.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

/// A text as a build script compresses it for `inflate`.
///
/// # Errors
/// None occurs: it writes to memory.
pub fn deflate(text: &str) -> io::Result<Vec<u8>> {
    let mut compressed = DeflateEncoder::new(Vec::new(), Compression::best());
    compressed.write_all(text.as_bytes())?;
    compressed.finish()
}

/// A text that a build script compressed; empty if it is not one.
#[must_use]
pub fn inflate(compressed: &[u8]) -> String {
    let mut text = String::new();
    match DeflateDecoder::new(compressed).read_to_string(&mut text) {
        Ok(_) => text,
        Err(_) => String::new(),
    }
}
