//! The file of the audit log: each record is appended by one system call, so that other writers cannot interleave.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::path::Path;

/// More than two records need.
#[cfg(target_os = "linux")]
const RESERVED_BYTES: u64 = 16_384;

/// Whether a record must be on disk before the call continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    Fsync,
    Buffered,
}

/// Checks that records could be appended, without changing the file's content.
pub fn probe(path: &Path) -> Result<()> {
    let mut file = open(path)?;
    // A device reports here that it is full; a disk does so only when space is reserved.
    let _: usize = file.write(&[])?;
    reserve_space(&file)
}

/// Appends text by one system call.
///
/// # Errors
/// `WriteZero` if only a part of it was appended.
pub fn append(path: &Path, text: &str, durability: Durability) -> Result<()> {
    let mut file = open(path)?;
    let written = file.write(text.as_bytes()).map_err(|error| match error.kind() {
        ErrorKind::WouldBlock => {
            Error::new(ErrorKind::WouldBlock, "the reader of the pipe is too slow")
        }
        _ => error,
    })?;
    if written < text.len() {
        return Err(Error::new(ErrorKind::WriteZero, "a record was written only in part"));
    }
    match durability {
        Durability::Fsync => file.sync_data().or_else(ignore_unsupported),
        Durability::Buffered => Ok(()),
    }
}

/// Opens the file for appending; creates it if it is missing, readable by its owner only.
#[cfg(unix)]
fn open(path: &Path) -> Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    use rustix::io::Errno;

    let mut options = OpenOptions::new();
    // Otherwise a pipe without a reader would block the process.
    options
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed());
    options.open(path).map_err(|error| match error.raw_os_error() {
        Some(code) if code == Errno::NXIO.raw_os_error() => {
            Error::new(ErrorKind::NotConnected, "no process reads the pipe")
        }
        _ => error,
    })
}

#[cfg(not(unix))]
fn open(path: &Path) -> Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

/// Reserves disk space after the end of the file without changing its length.
#[cfg(target_os = "linux")]
fn reserve_space(file: &File) -> Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};

    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(());
    }
    fallocate(file, FallocateFlags::KEEP_SIZE, metadata.len(), RESERVED_BYTES)
        .map_err(Error::from)
        .or_else(ignore_unsupported)
}

#[cfg(not(target_os = "linux"))]
fn reserve_space(_: &File) -> Result<()> {
    Ok(())
}

/// Pipes and some file systems support neither reserving space nor syncing.
fn ignore_unsupported(error: Error) -> Result<()> {
    match error.kind() {
        ErrorKind::Unsupported | ErrorKind::InvalidInput => Ok(()),
        _ => Err(error),
    }
}
