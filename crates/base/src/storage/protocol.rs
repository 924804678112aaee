//! In which order must the calls go so that a loss of power at any moment loses nothing that was
//! promised? This file is that order; it runs unchanged over the real, the simulated and the
//! fault-injecting disk.
//!
//! Invariants:
//! - `Ok` means durable: content, name, and every directory above that [`create_dir_all`] made;
//! - `Err` or a crash means: each path holds its whole old or its whole new content;
//! - what is left behind is a temporary file at most, and [`recover`] removes it.
//!
//! Source: Pillai et al., "All File Systems Are Not Created Equal" (OSDI 2014); Rebello et al.,
//! "Can Applications Recover from fsync Failures?" (ATC 2020), from which: never retry a failed
//! sync.

use super::disk::{Disk, DiskFile, EntryKind};
use super::{StorageError, StorePath};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt as _;

/// How the names of temporary files begin; [`StorePath::new`] refuses it.
pub(super) const TEMP_PREFIX: &str = ".durable-tmp-";
/// So many names are tried before a directory counts as full of interrupted writes.
const TEMP_TRIES: u64 = 1000;
/// A call that is interrupted this often in a row is an error.
const INTERRUPTIONS_MAX: u32 = 100;

/// Replaces the content of `path`, or creates it, in one step. The directory must exist. `fill`
/// writes the content; nothing of it is seen before all of it is durable.
///
/// `temp_first` is the first number tried for the temporary name; concurrent writers should
/// begin at different ones.
pub(super) fn write_atomic(
    disk: &dyn Disk,
    path: &StorePath,
    fill: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    temp_first: u64,
) -> Result<(), StorageError> {
    let parent = parent_of(path)?;
    let (temp, file) = create_temp(disk, &parent, temp_first)?;
    let renamed = write_and_sync(file, &temp, fill)
        .and_then(|()| disk.rename(&temp, path).map_err(failed("replace", path)));
    if let Err(error) = renamed {
        // The error that matters is the first one; a leftover is found by `recover`.
        disk.remove(&temp).ok();
        return Err(error);
    }
    sync_dir(disk, &parent)
}

/// Creates a directory and those above it, and makes their names durable.
///
/// The directories above are synced even if they existed: whoever made them may have been
/// stopped before the sync, and files below would be lost with them.
pub(super) fn create_dir_all(disk: &dyn Disk, path: &StorePath) -> Result<(), StorageError> {
    let mut made = StorePath::root();
    for name in path.names() {
        let parent = made.clone();
        made = made.listed(name);
        match uninterrupted(|| disk.create_dir(&made)) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let found = disk.metadata(&made).map_err(failed("look at", &made))?;
                if found.kind != EntryKind::Directory {
                    let source = io::ErrorKind::NotADirectory.into();
                    return Err(failed("create directory", &made)(source));
                }
            }
            Err(error) => return Err(failed("create directory", &made)(error)),
        }
        sync_dir(disk, &parent)?;
    }
    Ok(())
}

/// Removes a file; after `Ok` it does not come back.
pub(super) fn remove(disk: &dyn Disk, path: &StorePath) -> Result<(), StorageError> {
    let parent = parent_of(path)?;
    uninterrupted(|| disk.remove(path)).map_err(failed("remove", path))?;
    sync_dir(disk, &parent)
}

/// Removes what interrupted writes left in this directory, and says how many files that were.
pub(super) fn recover(disk: &dyn Disk, directory: &StorePath) -> Result<usize, StorageError> {
    let entries = uninterrupted(|| disk.list(directory)).map_err(failed("list", directory))?;
    let mut n_removed = 0;
    for entry in entries.iter().filter(|entry| entry.kind == EntryKind::File) {
        if is_temp(entry.name.as_bytes()) {
            let temp = directory.listed(&entry.name);
            uninterrupted(|| disk.remove(&temp)).map_err(failed("remove", &temp))?;
            n_removed += 1;
        }
    }
    if n_removed > 0 {
        sync_dir(disk, directory)?;
    }
    Ok(n_removed)
}

/// Whether a name is one that `write_atomic` uses on the way.
pub(super) fn is_temp(name: &[u8]) -> bool {
    name.starts_with(TEMP_PREFIX.as_bytes())
}

/// Runs a call again when a signal interrupted it.
pub(super) fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for _ in 0..INTERRUPTIONS_MAX {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
    Err(io::ErrorKind::Interrupted.into())
}

/// Turns the disk's error into ours.
pub(super) fn failed(
    action: &'static str,
    path: &StorePath,
) -> impl FnOnce(io::Error) -> StorageError {
    move |source| StorageError::Io {
        action,
        path: path.to_string(),
        source,
    }
}

fn parent_of(path: &StorePath) -> Result<StorePath, StorageError> {
    path.parent().ok_or_else(|| StorageError::Path {
        path: path.to_string(),
        reason: "it is the root, not a file",
    })
}

fn create_temp<'disk>(
    disk: &'disk dyn Disk,
    parent: &StorePath,
    temp_first: u64,
) -> Result<(StorePath, Box<dyn DiskFile + 'disk>), StorageError> {
    for number in temp_first..temp_first.saturating_add(TEMP_TRIES) {
        let temp = parent.temp(number);
        match uninterrupted(|| disk.create_new(&temp)) {
            Ok(file) => return Ok((temp, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed("create a file in", parent)(error)),
        }
    }
    Err(StorageError::TempNames {
        directory: parent.to_string(),
        tries: TEMP_TRIES,
    })
}

fn write_and_sync(
    file: Box<dyn DiskFile + '_>,
    temp: &StorePath,
    fill: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
) -> Result<(), StorageError> {
    let mut appended = Appended { file, offset: 0 };
    fill(&mut appended).map_err(failed("write", temp))?;
    // Only an interruption is tried again: there the system did not begin to write.
    uninterrupted(|| appended.file.sync()).map_err(failed("sync", temp))
}

/// A new file as something to write to, from its beginning to its end.
struct Appended<'disk> {
    file: Box<dyn DiskFile + 'disk>,
    offset: u64,
}

impl Write for Appended<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let offset = self.offset;
        // Writers try again as long as they hear of an interruption; this is the end of trying.
        let n_written = uninterrupted(|| self.file.write_at(offset, bytes)).map_err(|error| {
            if error.kind() == io::ErrorKind::Interrupted {
                io::Error::other("interrupted again and again")
            } else {
                error
            }
        })?;
        self.offset += n_written as u64;
        Ok(n_written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn sync_dir(disk: &dyn Disk, directory: &StorePath) -> Result<(), StorageError> {
    uninterrupted(|| disk.sync_dir(directory)).map_err(failed("sync directory", directory))
}
