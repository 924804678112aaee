//! The only way to a host's bytes: a read-only tree of files.
//!
//! Paths are absolute inside the tree; absolute links resolve inside it, and nothing outside is
//! ever opened. Two implementations: [`LiveTree`] over a real folder (`/` for the running host),
//! [`MemoryTree`] for fixtures. Reading never blocks on a FIFO or device: only regular files are
//! opened, and every read is capped.

mod live;
mod memory;

pub use live::LiveTree;
pub use memory::{MemoryTree, Node};

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest file that [`read`] takes when the caller names no other limit.
pub const READ_BYTES_MAX: u64 = 4 << 20;
/// Most entries that [`list`] takes of one folder; a larger one is an error, not a long wait.
pub const LIST_ENTRIES_MAX: usize = 200_000;

/// What kind of file an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Regular file.
    File,
    /// Folder.
    Directory,
    /// Symbolic link.
    Link,
    /// Named pipe.
    Fifo,
    /// Socket in the file system.
    Socket,
    /// Character device.
    Character,
    /// Block device.
    Block,
}

/// Facts about a file, as stat(2) gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Kind of file.
    pub kind: Kind,
    /// Permission bits with set-id and sticky bits: `mode & 0o7777`.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Size in bytes.
    pub size: u64,
    /// Number of the device that holds it.
    pub device: u64,
    /// Inode number on that device.
    pub inode: u64,
    /// Number of hard links.
    pub links: u64,
    /// Time of the last change of content, seconds since 1970.
    pub modified_s: i64,
}

impl Metadata {
    /// Whether anybody may write.
    #[must_use]
    pub const fn world_writable(&self) -> bool {
        self.mode & 0o002 != 0
    }

    /// Whether anybody may read.
    #[must_use]
    pub const fn world_readable(&self) -> bool {
        self.mode & 0o004 != 0
    }

    /// Whether the group may write.
    #[must_use]
    pub const fn group_writable(&self) -> bool {
        self.mode & 0o020 != 0
    }

    /// Whether the sticky bit is set.
    #[must_use]
    pub const fn sticky(&self) -> bool {
        self.mode & 0o1000 != 0
    }

    /// The mode as people write it: `0644`, `4755`.
    #[must_use]
    pub fn mode_text(&self) -> String {
        format!("{:04o}", self.mode)
    }
}

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// There is no such file.
    #[error("`{}` is not there", .0.display())]
    NotFound(PathBuf),
    /// This user may not read it.
    #[error("no permission to read `{}`", .0.display())]
    Denied(PathBuf),
    /// It is of a kind that is never opened (FIFO, device, socket), or no folder.
    #[error("`{}` is not of the expected kind", .0.display())]
    Kind(PathBuf),
    /// It holds more than the limit.
    #[error("`{}` is larger than {limit} {unit}", path.display())]
    TooLarge {
        /// The file or folder.
        path: PathBuf,
        /// The limit.
        limit: u64,
        /// `bytes` or `entries`.
        unit: &'static str,
    },
    /// Links lead in a circle, or too far.
    #[error("links of `{}` lead in a circle", .0.display())]
    Loop(PathBuf),
    /// Any other failure of the system.
    #[error("cannot read `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
}

impl TreeError {
    /// Whether there is no such file (it may also have vanished).
    #[must_use]
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound(_))
    }

    /// Whether this user may not read it.
    #[must_use]
    pub const fn is_denied(&self) -> bool {
        matches!(self, Self::Denied(_))
    }

    pub(crate) fn from_io(path: &Path, source: std::io::Error) -> Self {
        use std::io::ErrorKind;
        let path = path.to_path_buf();
        // ESRCH is how /proc says that a process ended while its files were read.
        const ESRCH: i32 = 3;
        const ELOOP: i32 = 40;
        match source.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::NotFound(path),
            _ if source.raw_os_error() == Some(ESRCH) => Self::NotFound(path),
            ErrorKind::PermissionDenied => Self::Denied(path),
            _ if source.raw_os_error() == Some(ELOOP) => Self::Loop(path),
            _ => Self::Io { path, source },
        }
    }
}

/// What [`Tree::look`] gives: facts about a path, and the file if it is a regular one.
pub type Look = (Metadata, Option<Box<dyn Read + Send>>);

/// A read-only tree of files.
pub trait Tree: Send + Sync + std::fmt::Debug {
    /// Facts about what a path leads to, links followed inside the tree.
    ///
    /// # Errors
    /// See [`TreeError`].
    fn metadata(&self, path: &Path) -> Result<Metadata, TreeError>;

    /// Facts about the path itself; a link at its end is not followed.
    ///
    /// # Errors
    /// See [`TreeError`].
    fn link_metadata(&self, path: &Path) -> Result<Metadata, TreeError>;

    /// The text of a symbolic link.
    ///
    /// # Errors
    /// See [`TreeError`].
    fn read_link(&self, path: &Path) -> Result<PathBuf, TreeError>;

    /// Opens a regular file, links followed inside the tree. FIFOs, sockets and devices are refused.
    ///
    /// # Errors
    /// See [`TreeError`].
    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>, TreeError>;

    /// Facts about the path itself and, when it is a regular file, the file opened: for those who
    /// read many files and would otherwise look each of them up twice.
    ///
    /// # Errors
    /// See [`TreeError`].
    fn look(&self, path: &Path) -> Result<Look, TreeError> {
        let metadata = self.link_metadata(path)?;
        let is_file = metadata.kind == Kind::File;
        let reader = is_file.then(|| self.open(path)).transpose()?;
        Ok((metadata, reader))
    }

    /// Calls `visit` for each entry of a folder with the entry's own facts (links not followed), in
    /// the order of the file system, in bounded memory. An entry that vanished meanwhile is left
    /// out. `visit` returns whether to go on.
    ///
    /// # Errors
    /// See [`TreeError`]; [`TreeError::Denied`] also after the last entry, when the facts of some
    /// could not be had.
    fn visit(
        &self,
        path: &Path,
        visit: &mut dyn FnMut(&OsStr, Metadata) -> bool,
    ) -> Result<(), TreeError>;

    /// Names of the entries of a folder, in the order of the file system, without their facts.
    ///
    /// # Errors
    /// See [`TreeError`].
    fn visit_names(
        &self,
        path: &Path,
        visit: &mut dyn FnMut(&OsStr) -> bool,
    ) -> Result<(), TreeError>;

    /// The extended attribute `security.capability` of a file, or `None` if it has none.
    ///
    /// # Errors
    /// See [`TreeError`].
    fn capability(&self, path: &Path) -> Result<Option<Vec<u8>>, TreeError>;

    /// Whether the memory file that a `/proc/PID/exe` leads to is sealed against every change
    /// (memfd_create(2), `F_SEAL_WRITE` and the others). False where that cannot be asked.
    fn is_sealed(&self, path: &Path) -> bool {
        let _no_memory_files = path;
        false
    }

    /// Whether this is the running host, whose `/proc` and `/sys` speak of this very kernel.
    fn is_live(&self) -> bool;
}

/// Reads a whole regular file of at most `limit` bytes.
///
/// # Errors
/// [`TreeError::TooLarge`] beyond the limit; see [`TreeError`] for the others.
pub fn read_up_to(tree: &dyn Tree, path: &Path, limit: u64) -> Result<Vec<u8>, TreeError> {
    let mut bytes = Vec::new();
    tree.open(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|source| TreeError::from_io(path, source))?;
    if bytes.len() as u64 > limit {
        return Err(TreeError::TooLarge {
            path: path.to_path_buf(),
            limit,
            unit: "bytes",
        });
    }
    Ok(bytes)
}

/// Reads a whole regular file of at most [`READ_BYTES_MAX`].
///
/// # Errors
/// As [`read_up_to`].
pub fn read(tree: &dyn Tree, path: impl AsRef<Path>) -> Result<Vec<u8>, TreeError> {
    read_up_to(tree, path.as_ref(), READ_BYTES_MAX)
}

/// Names of the entries of a folder, sorted by their bytes.
///
/// # Errors
/// [`TreeError::TooLarge`] beyond [`LIST_ENTRIES_MAX`] entries; see [`TreeError`] for the others.
pub fn list(tree: &dyn Tree, path: impl AsRef<Path>) -> Result<Vec<OsString>, TreeError> {
    let path = path.as_ref();
    let mut names = Vec::new();
    tree.visit_names(path, &mut |name| {
        names.push(name.to_owned());
        names.len() <= LIST_ENTRIES_MAX
    })?;
    if names.len() > LIST_ENTRIES_MAX {
        let limit = LIST_ENTRIES_MAX as u64;
        return Err(TreeError::TooLarge {
            path: path.to_path_buf(),
            limit,
            unit: "entries",
        });
    }
    names.sort();
    Ok(names)
}
