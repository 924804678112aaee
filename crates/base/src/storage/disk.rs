//! What must a disk be able to do? The few calls from which the protocol is built, each one
//! system call, so that a simulated disk can stop between any two of them.
//!
//! Invariants: no call follows a symbolic link below the root; calls on names move files only,
//! never directories; nothing is durable before the matching `sync` returned `Ok`.

use super::StorePath;
use crate::bytes::LimitError;
use std::ffi::OsString;
use std::fmt;
use std::io;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A link, device, socket or pipe; never opened.
    Other,
}

/// One name in a directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The name.
    pub name: OsString,
    /// What it stands for.
    pub kind: EntryKind,
}

/// What is known about a path without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    /// What it is.
    pub kind: EntryKind,
    /// Its length; 0 for anything but a file.
    pub size_bytes: u64,
}

/// A directory tree on some medium.
pub trait Disk: Send + Sync + fmt::Debug {
    /// Creates an empty file under a name that must be free, and opens it for writing.
    ///
    /// # Errors
    /// `AlreadyExists` if the name is taken, by anything.
    fn create_new(&self, path: &StorePath) -> io::Result<Box<dyn DiskFile + '_>>;

    /// Gives a file another name and replaces the file that had it, in one step.
    ///
    /// # Errors
    /// `IsADirectory` if either name is a directory.
    fn rename(&self, from: &StorePath, to: &StorePath) -> io::Result<()>;

    /// Makes all names of this directory durable, additions and removals. Not their content.
    ///
    /// # Errors
    /// The disk's own.
    fn sync_dir(&self, path: &StorePath) -> io::Result<()>;

    /// Removes the name of a file.
    ///
    /// # Errors
    /// `NotFound`, or `IsADirectory`.
    fn remove(&self, path: &StorePath) -> io::Result<()>;

    /// Creates a directory in an existing one.
    ///
    /// # Errors
    /// `AlreadyExists` if the name is taken, by anything.
    fn create_dir(&self, path: &StorePath) -> io::Result<()>;

    /// The whole content of a regular file.
    ///
    /// # Errors
    /// [`LimitError::Exceeded`] if it is longer than `limit_bytes`.
    fn read(&self, path: &StorePath, limit_bytes: u64) -> Result<Vec<u8>, LimitError>;

    /// The names in a directory, in any order, without `.` and `..`.
    ///
    /// # Errors
    /// `NotFound`, or `NotADirectory`.
    fn list(&self, path: &StorePath) -> io::Result<Vec<Entry>>;

    /// What stands under this name.
    ///
    /// # Errors
    /// `NotFound` if nothing does.
    fn metadata(&self, path: &StorePath) -> io::Result<Metadata>;
}

/// An open new file. The handle stays with the file when that is renamed.
///
/// Writing and syncing go through one handle on purpose: the system reports a failed write-back
/// only to handles that were open when it happened.
pub trait DiskFile: fmt::Debug {
    /// Writes some of the bytes at this offset and says how many.
    ///
    /// # Errors
    /// The disk's own, for example `StorageFull`.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize>;

    /// Makes the content durable. Not its name.
    ///
    /// # Errors
    /// The disk's own. After an error the content must be taken as lost: the system may have
    /// dropped the bytes and will call a second sync successful.
    fn sync(&mut self) -> io::Result<()>;
}

impl<D: Disk + ?Sized> Disk for &D {
    fn create_new(&self, path: &StorePath) -> io::Result<Box<dyn DiskFile + '_>> {
        (**self).create_new(path)
    }

    fn rename(&self, from: &StorePath, to: &StorePath) -> io::Result<()> {
        (**self).rename(from, to)
    }

    fn sync_dir(&self, path: &StorePath) -> io::Result<()> {
        (**self).sync_dir(path)
    }

    fn remove(&self, path: &StorePath) -> io::Result<()> {
        (**self).remove(path)
    }

    fn create_dir(&self, path: &StorePath) -> io::Result<()> {
        (**self).create_dir(path)
    }

    fn read(&self, path: &StorePath, limit_bytes: u64) -> Result<Vec<u8>, LimitError> {
        (**self).read(path, limit_bytes)
    }

    fn list(&self, path: &StorePath) -> io::Result<Vec<Entry>> {
        (**self).list(path)
    }

    fn metadata(&self, path: &StorePath) -> io::Result<Metadata> {
        (**self).metadata(path)
    }
}
