//! What if the disk fails here? A disk around another one that fails, writes short or is
//! interrupted at chosen operations.
//!
//! Invariants: operations are numbered from 0, reads included, in the order of the calls; a
//! failing operation does not reach the disk below.

use super::StorePath;
use super::disk::{Disk, DiskFile, Entry, Metadata};
use crate::bytes::LimitError;
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The disk is full (ENOSPC).
    NoSpace,
    /// The disk is broken (EIO).
    Broken,
    /// A signal came first (EINTR).
    Interrupted,
    /// A write takes only half of the bytes, at least one; other operations are not affected.
    ShortWrite,
}

/// A disk that fails on order.
#[derive(Debug)]
pub struct FaultyDisk<D> {
    inner: D,
    faults: Faults,
}

#[derive(Debug)]
struct Faults {
    planned: BTreeMap<u64, Fault>,
    from: Option<(u64, Fault)>,
    n_operations: AtomicU64,
}

impl<D: Disk> FaultyDisk<D> {
    /// A disk with a fault at each of these operations.
    pub fn new(inner: D, planned: impl IntoIterator<Item = (u64, Fault)>) -> Self {
        let planned = planned.into_iter().collect();
        Self {
            inner,
            faults: Faults {
                planned,
                from: None,
                n_operations: AtomicU64::new(0),
            },
        }
    }

    /// A disk with this fault at the given operation and all after it.
    pub fn failing_from(inner: D, operation: u64, fault: Fault) -> Self {
        let mut disk = Self::new(inner, []);
        disk.faults.from = Some((operation, fault));
        disk
    }

    /// How many operations there were, failed ones included.
    pub fn n_operations(&self) -> u64 {
        self.faults.n_operations.load(Ordering::Relaxed)
    }
}

impl Faults {
    /// Counts an operation; says whether it is a short write, or fails.
    fn pass(&self) -> io::Result<bool> {
        let number = self.n_operations.fetch_add(1, Ordering::Relaxed);
        let lasting = self
            .from
            .filter(|(from, _)| number >= *from)
            .map(|(_, fault)| fault);
        let errno = match self.planned.get(&number).copied().or(lasting) {
            None => return Ok(false),
            Some(Fault::ShortWrite) => return Ok(true),
            Some(Fault::NoSpace) => Errno::NOSPC,
            Some(Fault::Broken) => Errno::IO,
            Some(Fault::Interrupted) => Errno::INTR,
        };
        Err(errno.into())
    }
}

impl<D: Disk> Disk for FaultyDisk<D> {
    fn create_new(&self, path: &StorePath) -> io::Result<Box<dyn DiskFile + '_>> {
        self.faults.pass()?;
        let file = self.inner.create_new(path)?;
        Ok(Box::new(FaultyFile {
            file,
            faults: &self.faults,
        }))
    }

    fn rename(&self, from: &StorePath, to: &StorePath) -> io::Result<()> {
        self.faults.pass()?;
        self.inner.rename(from, to)
    }

    fn sync_dir(&self, path: &StorePath) -> io::Result<()> {
        self.faults.pass()?;
        self.inner.sync_dir(path)
    }

    fn remove(&self, path: &StorePath) -> io::Result<()> {
        self.faults.pass()?;
        self.inner.remove(path)
    }

    fn create_dir(&self, path: &StorePath) -> io::Result<()> {
        self.faults.pass()?;
        self.inner.create_dir(path)
    }

    fn read(&self, path: &StorePath, limit_bytes: u64) -> Result<Vec<u8>, LimitError> {
        self.faults.pass().map_err(LimitError::Io)?;
        self.inner.read(path, limit_bytes)
    }

    fn list(&self, path: &StorePath) -> io::Result<Vec<Entry>> {
        self.faults.pass()?;
        self.inner.list(path)
    }

    fn metadata(&self, path: &StorePath) -> io::Result<Metadata> {
        self.faults.pass()?;
        self.inner.metadata(path)
    }
}

#[derive(Debug)]
struct FaultyFile<'disk> {
    file: Box<dyn DiskFile + 'disk>,
    faults: &'disk Faults,
}

impl DiskFile for FaultyFile<'_> {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        let short = self.faults.pass()?;
        let length = if short {
            bytes.len().div_ceil(2)
        } else {
            bytes.len()
        };
        self.file
            .write_at(offset, bytes.get(..length).unwrap_or(bytes))
    }

    fn sync(&mut self) -> io::Result<()> {
        self.faults.pass()?;
        self.file.sync()
    }
}
