//! The disk of the machine, below one root directory.
//!
//! Invariants: every path is walked name by name from an open root, no link below the root is
//! followed (so the tree may be exchanged while we work, and nothing outside is reached); only
//! regular files are opened, and opening never blocks on a pipe or a device.

use super::disk::{Disk, DiskFile, Entry, EntryKind, Metadata};
use super::path::shown;
use super::{StorageError, StorePath, protocol};
use crate::bytes::{LimitError, read_capped};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// The permissions of what is created; the process's umask takes away from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modes {
    /// Permissions of new files; the default is 0600.
    pub file: u32,
    /// Permissions of new directories; the default is 0700.
    pub directory: u32,
}

impl Modes {
    /// What other programs use, 0666 and 0777 less the umask: for files that the user asked for.
    pub const SHARED: Self = Self {
        file: 0o666,
        directory: 0o777,
    };
}

impl Default for Modes {
    fn default() -> Self {
        Self {
            file: 0o600,
            directory: 0o700,
        }
    }
}

/// A directory of the machine as a disk.
#[derive(Debug)]
pub struct RealDisk {
    root: OwnedFd,
    modes: Modes,
}

impl RealDisk {
    /// The disk below an existing directory. Links in `root` itself are followed: the operator
    /// chose them.
    ///
    /// # Errors
    /// [`StorageError::Io`] if it is not there, no directory, or may not be opened.
    pub fn open(root: &Path, modes: Modes) -> Result<Self, StorageError> {
        let flags = DIRECTORY.difference(OFlags::NOFOLLOW);
        let place = if root.as_os_str().is_empty() {
            Path::new(".")
        } else {
            root
        };
        match rustix::fs::open(place, flags, Mode::empty()) {
            Ok(root) => Ok(Self { root, modes }),
            Err(error) => Err(StorageError::Io {
                action: "open directory",
                path: shown(place),
                source: error.into(),
            }),
        }
    }

    /// The disk below a directory that is made, with all above it, where it is missing; what was
    /// made is durable.
    ///
    /// # Errors
    /// As [`RealDisk::open`], and if a directory cannot be made.
    pub fn create(root: &Path, modes: Modes) -> Result<Self, StorageError> {
        let existing = root.ancestors().find(|place| is_directory(place));
        let existing = existing.unwrap_or_else(|| Path::new(""));
        let missing = root.strip_prefix(existing).unwrap_or(root);
        if !missing.as_os_str().is_empty() {
            let above = Self::open(existing, modes)?;
            protocol::create_dir_all(&above, &StorePath::new(missing)?)?;
        }
        Self::open(root, modes)
    }

    fn directory<'path>(&self, names: impl Iterator<Item = &'path OsStr>) -> io::Result<OwnedFd> {
        let mut directory = rustix::fs::openat(&self.root, c".", DIRECTORY, Mode::empty())?;
        for name in names {
            directory = rustix::fs::openat(&directory, name, DIRECTORY, Mode::empty())?;
        }
        Ok(directory)
    }

    /// The open directory of a path, and its last name.
    fn place<'path>(&self, path: &'path StorePath) -> io::Result<(OwnedFd, &'path OsStr)> {
        let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
        let depth = path.names().count();
        Ok((
            self.directory(path.names().take(depth.saturating_sub(1)))?,
            name,
        ))
    }
}

impl Disk for RealDisk {
    fn create_new(&self, path: &StorePath) -> io::Result<Box<dyn DiskFile + '_>> {
        let (directory, name) = self.place(path)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(self.modes.file);
        let file = rustix::fs::openat(&directory, name, flags, mode)?;
        Ok(Box::new(RealFile(File::from(file))))
    }

    fn rename(&self, from: &StorePath, to: &StorePath) -> io::Result<()> {
        let (from_directory, from_name) = self.place(from)?;
        let (to_directory, to_name) = self.place(to)?;
        let found = rustix::fs::statat(&from_directory, from_name, AtFlags::SYMLINK_NOFOLLOW)?;
        if FileType::from_raw_mode(found.st_mode) == FileType::Directory {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        rustix::fs::renameat(&from_directory, from_name, &to_directory, to_name)?;
        Ok(())
    }

    fn sync_dir(&self, path: &StorePath) -> io::Result<()> {
        rustix::fs::fsync(self.directory(path.names())?)?;
        Ok(())
    }

    fn remove(&self, path: &StorePath) -> io::Result<()> {
        let (directory, name) = self.place(path)?;
        rustix::fs::unlinkat(&directory, name, AtFlags::empty())?;
        Ok(())
    }

    fn create_dir(&self, path: &StorePath) -> io::Result<()> {
        let (directory, name) = self.place(path)?;
        rustix::fs::mkdirat(&directory, name, Mode::from_raw_mode(self.modes.directory))?;
        Ok(())
    }

    fn read(&self, path: &StorePath, limit_bytes: u64) -> Result<Vec<u8>, LimitError> {
        // Without NONBLOCK, opening a pipe would wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened = || -> io::Result<File> {
            let (directory, name) = self.place(path)?;
            let file = File::from(rustix::fs::openat(&directory, name, flags, Mode::empty())?);
            let kind = file.metadata()?.file_type();
            if kind.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            if !kind.is_file() {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "not a regular file",
                ));
            }
            Ok(file)
        };
        read_capped(opened().map_err(LimitError::Io)?, limit_bytes)
    }

    fn list(&self, path: &StorePath) -> io::Result<Vec<Entry>> {
        let directory = self.directory(path.names())?;
        let mut entries = Vec::new();
        for found in Dir::read_from(&directory)? {
            let found = found?;
            let name = OsString::from_vec(found.file_name().to_bytes().to_vec());
            if name == "." || name == ".." {
                continue;
            }
            // Some file systems do not say the kind in the listing.
            let file_type = match found.file_type() {
                FileType::Unknown => {
                    let flags = AtFlags::SYMLINK_NOFOLLOW;
                    match rustix::fs::statat(&directory, found.file_name(), flags) {
                        Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                        // It went away in between, as if it had before the listing.
                        Err(rustix::io::Errno::NOENT) => continue,
                        Err(error) => return Err(error.into()),
                    }
                }
                known => known,
            };
            entries.push(Entry {
                name,
                kind: entry_kind(file_type),
            });
        }
        Ok(entries)
    }

    fn metadata(&self, path: &StorePath) -> io::Result<Metadata> {
        if path.file_name().is_none() {
            return Ok(Metadata {
                kind: EntryKind::Directory,
                size_bytes: 0,
            });
        }
        let (directory, name) = self.place(path)?;
        let stat = rustix::fs::statat(&directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let kind = entry_kind(FileType::from_raw_mode(stat.st_mode));
        let size_bytes = match kind {
            EntryKind::File => u64::try_from(stat.st_size).unwrap_or(0),
            _ => 0,
        };
        Ok(Metadata { kind, size_bytes })
    }
}

#[derive(Debug)]
struct RealFile(File);

impl DiskFile for RealFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_at(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}

fn entry_kind(file_type: FileType) -> EntryKind {
    match file_type {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Directory,
        _ => EntryKind::Other,
    }
}

fn is_directory(place: &Path) -> bool {
    place.as_os_str().is_empty() || place.is_dir()
}

#[cfg(test)]
mod tests {
    use super::super::{DiskStorage, Storage};
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn path(text: &str) -> StorePath {
        StorePath::new(text).unwrap()
    }

    fn storage(root: &Path) -> DiskStorage<RealDisk> {
        DiskStorage::new(RealDisk::open(root, Modes::default()).unwrap())
    }

    #[test]
    fn files_and_directories_are_private_by_default() {
        let root = tempfile::tempdir().unwrap();
        let storage = storage(root.path());
        storage.create_dir_all(&path("a/b")).unwrap();
        storage.write_atomic(&path("a/b/c"), b"x").unwrap();
        let mode = |name: &str| {
            root.path()
                .join(name)
                .metadata()
                .unwrap()
                .permissions()
                .mode()
        };
        assert_eq!(mode("a/b/c") & 0o777, 0o600);
        assert_eq!(mode("a") & 0o777, 0o700);
    }

    #[test]
    fn links_are_not_followed() {
        let outside = tempfile::tempdir().unwrap();
        let root = tempfile::tempdir().unwrap();
        let secret = outside.path().join("secret");
        DiskStorage::new(RealDisk::open(outside.path(), Modes::default()).unwrap())
            .write_atomic(&path("secret"), b"secret")
            .unwrap();
        symlink(&secret, root.path().join("link")).unwrap();
        symlink(outside.path(), root.path().join("directory")).unwrap();
        let storage = storage(root.path());
        assert!(storage.read(&path("link"), 100).is_err());
        assert!(storage.read(&path("directory/secret"), 100).is_err());
        assert!(storage.write_atomic(&path("directory/new"), b"x").is_err());
        assert!(storage.create_dir_all(&path("directory/below")).is_err());
        assert_eq!(
            storage.metadata(&path("link")).unwrap().unwrap().kind,
            EntryKind::Other
        );
        // A written name replaces the link, not what it points to.
        storage.write_atomic(&path("link"), b"new").unwrap();
        assert_eq!(storage.read(&path("link"), 100).unwrap(), b"new");
        assert_eq!(std::fs::read(&secret).unwrap(), b"secret");
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_pipe_is_refused_without_waiting() {
        let root = tempfile::tempdir().unwrap();
        let fifo = root.path().join("pipe");
        let mode = Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, FileType::Fifo, mode, 0).unwrap();
        assert!(storage(root.path()).read(&path("pipe"), 100).is_err());
    }

    #[test]
    fn a_missing_root_is_made_with_all_above() {
        let base = tempfile::tempdir().unwrap();
        let root = base.path().join("a/b/c");
        assert!(RealDisk::open(&root, Modes::default()).is_err());
        RealDisk::create(&root, Modes::default()).unwrap();
        RealDisk::create(&root, Modes::default()).unwrap();
        assert!(root.is_dir());
        let file = base.path().join("file");
        DiskStorage::new(RealDisk::open(base.path(), Modes::SHARED).unwrap())
            .write_atomic(&path("file"), b"x")
            .unwrap();
        let error = RealDisk::create(&file.join("below"), Modes::default()).unwrap_err();
        assert!(
            error.to_string().contains("below") || error.to_string().contains("file"),
            "{error}"
        );
    }
}
