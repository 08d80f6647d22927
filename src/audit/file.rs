//! The file: lines are appended by one call each, so that they stay whole beside other writers.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::path::Path;

/// More than a line is long.
#[cfg(target_os = "linux")]
const ROOM: u64 = 16_384;

/// Whether a line must be on the disk before one goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safe {
    Synced,
    Flushed,
}

/// Whether a line would get in; leaves the file's text as it is.
pub fn probe(path: &Path) -> Result<()> {
    let mut file = open(path)?;
    // A device says here that it is full; a disk only when room is asked of it.
    let _: usize = file.write(&[])?;
    room(&file)
}

/// Appends text by one call.
///
/// # Errors
/// `WriteZero` where a part of it got in.
pub fn append(mut file: &File, text: &str, safe: Safe) -> Result<()> {
    if file.write(text.as_bytes())? < text.len() {
        return Err(Error::new(ErrorKind::WriteZero, "the line got in only in part"));
    }
    match safe {
        Safe::Synced => file.sync_data().or_else(unless_unknown),
        Safe::Flushed => Ok(()),
    }
}

/// Opens the file to append, and makes it where it is missing; others may not read it.
pub fn open(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Asks the disk for room behind the end of the file, without making the file longer.
#[cfg(target_os = "linux")]
fn room(file: &File) -> Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};

    let facts = file.metadata()?;
    if !facts.is_file() {
        return Ok(());
    }
    fallocate(file, FallocateFlags::KEEP_SIZE, facts.len(), ROOM)
        .map_err(Error::from)
        .or_else(unless_unknown)
}

#[cfg(not(target_os = "linux"))]
fn room(_: &File) -> Result<()> {
    Ok(())
}

/// Pipes and some file systems know neither room nor syncing.
fn unless_unknown(error: Error) -> Result<()> {
    match error.kind() {
        ErrorKind::Unsupported | ErrorKind::InvalidInput => Ok(()),
        _ => Err(error),
    }
}
