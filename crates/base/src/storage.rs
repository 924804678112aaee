//! The port through which all bytes get on disk: whole files, replaced in one step, durable when
//! the call returns.
//!
//! # Constraints and limits
//! - Linux and other unix systems; one root directory per storage, nothing outside is touched.
//! - A write holds the whole file in memory; a read is capped by its caller.
//! - Paths have at most 1024 bytes, 32 directories, 255 bytes a name ([`StorePath`]).
//! - Files are made with mode 0600 and directories with 0700 unless told otherwise.
//! - Symbolic links below the root are never followed; a link under the written name is replaced.
//! - The file system must let a directory be synced. One that refuses gives an error, because
//!   `Ok` would promise what it does not keep.
//!
//! # Not here
//! No locking between processes (the last writer wins, whole), no appending, no partial reads, no
//! removal of directories, no encryption.
//!
//! # Layout
//! ```text
//! root/
//!   name                   a file, whole at every moment
//!   directory/name
//!   directory/.durable-tmp-N   a write on its way, or left by a crash (N counts from 0)
//! ```
//! Content is the caller's. For content whose damage must be noticed there is [`frame`].
//!
//! # Write
//! Create `.durable-tmp-N` in the same directory (must be new), write, sync the file, rename it
//! over the name, sync the directory. The rename is the commit point; the last sync makes it
//! durable. A failed sync is never tried again: the system may have dropped the bytes.
//!
//! # Read
//! Open without following links, refuse anything but a regular file, read up to the limit.
//!
//! # Delete
//! Remove the name, sync the directory.
//!
//! # Recover after a crash
//! Each file is whole, old or new. [`Storage::recover`] removes the temporary files of one
//! directory; only the process that owns the directory may call it, for it cannot tell a leftover
//! from a write that another process is making.
//!
//! # Parts
//! [`Disk`] is the medium with one method per system call: [`RealDisk`], [`SimulatedDisk`] (knows
//! what would survive a loss of power) and [`FaultyDisk`] (fails on order). The protocol above
//! is written once, over [`Disk`]; [`DiskStorage`] is the protocol with a medium.

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod disk;
mod error;
mod faulty;
mod frame;
mod path;
mod protocol;
mod real;
mod simulated;

pub use disk::{Disk, DiskFile, Entry, EntryKind, Metadata};
pub use error::StorageError;
pub use faulty::{Fault, FaultyDisk};
pub use frame::{FRAME_HEADER_BYTES, Frame, FrameError, frame, unframe};
pub use path::StorePath;
pub use real::{Modes, RealDisk};
pub use simulated::SimulatedDisk;

use crate::bytes::LimitError;
use std::fmt;
use std::io::Write;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// Durable files below one root.
pub trait Storage: Send + Sync + fmt::Debug {
    /// The whole content of a file.
    ///
    /// # Errors
    /// [`StorageError::Limit`] if it is longer than `limit_bytes`; [`StorageError::Io`] if it is
    /// not there ([`StorageError::is_not_found`]), no regular file, or unreadable.
    fn read(&self, path: &StorePath, limit_bytes: u64) -> Result<Vec<u8>, StorageError>;

    /// The names in a directory in byte order, without temporary files.
    ///
    /// # Errors
    /// [`StorageError::Io`] if it is not there or no directory.
    fn list(&self, directory: &StorePath) -> Result<Vec<Entry>, StorageError>;

    /// Creates or replaces a file in one step; its directory must exist.
    ///
    /// # Errors
    /// Any [`StorageError`]. The file is then whole, old or new; new only if the very last step,
    /// making the new name durable, failed.
    fn write_atomic(&self, path: &StorePath, bytes: &[u8]) -> Result<(), StorageError> {
        self.write_atomic_with(path, &mut |out| out.write_all(bytes))
    }

    /// As [`Storage::write_atomic`], with content that is written piece by piece, so that a large
    /// file is never held in memory. The pieces should not be small.
    ///
    /// # Errors
    /// As there, and what `fill` returns.
    fn write_atomic_with(
        &self,
        path: &StorePath,
        fill: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), StorageError>;

    /// Creates a directory and all above it; those that exist are fine.
    ///
    /// # Errors
    /// [`StorageError::Io`], for example if a name on the way is a file.
    fn create_dir_all(&self, directory: &StorePath) -> Result<(), StorageError>;

    /// Removes a file.
    ///
    /// # Errors
    /// [`StorageError::Io`] if it is not there or a directory.
    fn remove(&self, path: &StorePath) -> Result<(), StorageError>;

    /// What stands under this name, or `None`.
    ///
    /// # Errors
    /// [`StorageError::Io`] if the disk cannot say.
    fn metadata(&self, path: &StorePath) -> Result<Option<Metadata>, StorageError>;

    /// Removes the temporary files of interrupted writes and says how many there were. Call it
    /// once at the start, by the process that owns the directory.
    ///
    /// # Errors
    /// [`StorageError::Io`].
    fn recover(&self, directory: &StorePath) -> Result<usize, StorageError>;

    /// Whether anything stands under this name.
    ///
    /// # Errors
    /// [`StorageError::Io`] if the disk cannot say.
    fn exists(&self, path: &StorePath) -> Result<bool, StorageError> {
        self.metadata(path).map(|found| found.is_some())
    }
}

/// The write protocol over a medium.
#[derive(Debug)]
pub struct DiskStorage<D> {
    disk: D,
    // Concurrent writers of this process begin at different names.
    temp_next: AtomicU64,
}

impl<D: Disk> DiskStorage<D> {
    /// A storage on this disk.
    pub fn new(disk: D) -> Self {
        Self {
            disk,
            temp_next: AtomicU64::new(0),
        }
    }

    /// The disk below.
    pub fn disk(&self) -> &D {
        &self.disk
    }
}

impl<D: Disk> Storage for DiskStorage<D> {
    fn read(&self, path: &StorePath, limit_bytes: u64) -> Result<Vec<u8>, StorageError> {
        self.disk
            .read(path, limit_bytes)
            .map_err(|error| match error {
                LimitError::Exceeded { limit_bytes } => StorageError::Limit {
                    path: path.to_string(),
                    limit_bytes,
                },
                LimitError::Io(source) => protocol::failed("read", path)(source),
            })
    }

    fn list(&self, directory: &StorePath) -> Result<Vec<Entry>, StorageError> {
        let mut entries = self
            .disk
            .list(directory)
            .map_err(protocol::failed("list", directory))?;
        entries.retain(|entry| !protocol::is_temp(entry.name.as_bytes()));
        entries.sort();
        Ok(entries)
    }

    fn write_atomic_with(
        &self,
        path: &StorePath,
        fill: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), StorageError> {
        let temp_first = self.temp_next.fetch_add(1, Ordering::Relaxed);
        protocol::write_atomic(&self.disk, path, fill, temp_first)
    }

    fn create_dir_all(&self, directory: &StorePath) -> Result<(), StorageError> {
        protocol::create_dir_all(&self.disk, directory)
    }

    fn remove(&self, path: &StorePath) -> Result<(), StorageError> {
        protocol::remove(&self.disk, path)
    }

    fn metadata(&self, path: &StorePath) -> Result<Option<Metadata>, StorageError> {
        match self.disk.metadata(path) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(protocol::failed("look at", path)(error)),
        }
    }

    fn recover(&self, directory: &StorePath) -> Result<usize, StorageError> {
        protocol::recover(&self.disk, directory)
    }
}
