//! Reproducible archives: no times, no owners, a fixed order.

use std::io::{Cursor, Write};

use autotask_schema::SchemaError;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use tar::{Builder, Header};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

const FILE_MODE: u32 = 0o644;
const PROGRAM_MODE: u32 = 0o755;

/// One file of an archive.
pub struct Entry {
    pub path: String,
    pub content: Vec<u8>,
    mode: u32,
}

impl Entry {
    /// A data file.
    pub fn file(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), content: content.into(), mode: FILE_MODE }
    }

    /// An executable file.
    pub fn program(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), content: content.into(), mode: PROGRAM_MODE }
    }

    /// The same file in a folder.
    pub fn in_folder(mut self, folder: &str) -> Self {
        self.path = format!("{folder}/{}", self.path);
        self
    }
}

/// A compressed tar archive.
///
/// # Errors
/// A path is not valid in a tar archive.
pub fn tar_gz(entries: &[Entry]) -> Result<Vec<u8>, SchemaError> {
    let mut archive = Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    for entry in entries {
        let mut header = Header::new_gnu();
        header.set_size(entry.content.len() as u64);
        header.set_mode(entry.mode);
        archive.append_data(&mut header, &entry.path, entry.content.as_slice()).map_err(failed)?;
    }
    archive.into_inner().and_then(GzEncoder::finish).map_err(failed)
}

/// A zip archive.
///
/// # Errors
/// A path is not valid in a zip archive.
pub fn zip(entries: &[Entry]) -> Result<Vec<u8>, SchemaError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default());
    for entry in entries {
        let options = options.unix_permissions(entry.mode);
        archive.start_file(entry.path.as_str(), options).map_err(failed)?;
        archive.write_all(&entry.content).map_err(failed)?;
    }
    archive.finish().map(Cursor::into_inner).map_err(failed)
}

/// The SHA-256 digest of a file.
pub fn sha256(content: &[u8]) -> Vec<u8> {
    Sha256::digest(content).to_vec()
}

/// The SHA-256 digest of a file in lower-case hexadecimal.
pub fn sha256_hex(content: &[u8]) -> String {
    let digits = Sha256::digest(content);
    digits.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn failed(error: impl std::fmt::Display) -> SchemaError {
    SchemaError::new(error.to_string())
}
