//! Which paths may a storage name? Relative ones that cannot leave the root.
//!
//! Invariant: a [`StorePath`] has only plain names, so joining it to a root stays below the root
//! (as long as no link stands in the way; the disk refuses to follow those).

use super::StorageError;
use super::protocol::TEMP_PREFIX;
use crate::text::{lossy_path, printable};
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

/// Longest name that common file systems take.
const NAME_BYTES_MAX: usize = 255;
/// Longest path; far below the 4096 of Linux, so that a root in front still fits.
const PATH_BYTES_MAX: usize = 1024;
/// Most directories above a file.
const DEPTH_MAX: usize = 32;

/// A checked path below the root of a storage; the root itself is the empty path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StorePath(PathBuf);

impl StorePath {
    /// The root of the storage.
    pub fn root() -> Self {
        Self(PathBuf::new())
    }

    /// A path below the root.
    ///
    /// # Errors
    /// [`StorageError::Path`] if it is absolute, empty, too long or too deep, has `.` or `..`, a
    /// NUL byte, or a name that is reserved for temporary files.
    pub fn new(path: impl AsRef<Path>) -> Result<Self, StorageError> {
        let path = path.as_ref();
        match fault(path) {
            None => Ok(Self(path.components().collect())),
            Some(reason) => Err(StorageError::Path {
                path: shown(path),
                reason,
            }),
        }
    }

    /// This path with one or more names after it.
    ///
    /// # Errors
    /// As [`StorePath::new`].
    pub fn join(&self, below: impl AsRef<Path>) -> Result<Self, StorageError> {
        let below = below.as_ref();
        // Joining an absolute path would replace this one.
        if below.is_absolute() {
            return Err(StorageError::Path {
                path: shown(below),
                reason: "it is absolute",
            });
        }
        Self::new(self.0.join(below))
    }

    /// The directory of this path, or `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        self.0.parent().map(|parent| Self(parent.to_path_buf()))
    }

    /// The last name, or `None` for the root.
    pub fn file_name(&self) -> Option<&OsStr> {
        self.0.file_name()
    }

    /// The path without its root.
    pub fn as_path(&self) -> &Path {
        &self.0
    }

    /// The names from the root down.
    pub fn names(&self) -> impl Iterator<Item = &OsStr> {
        self.0.iter()
    }

    /// A file of this directory with a reserved name.
    pub(super) fn temp(&self, number: u64) -> Self {
        Self(self.0.join(format!("{TEMP_PREFIX}{number}")))
    }

    /// A name that a disk listed, reserved ones included.
    pub(super) fn listed(&self, name: &OsStr) -> Self {
        Self(self.0.join(name))
    }
}

impl fmt::Display for StorePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.0))
    }
}

/// The path in a form that can stand in a message.
pub(super) fn shown(path: &Path) -> String {
    if path.as_os_str().is_empty() {
        return ".".to_owned();
    }
    printable(&lossy_path(path.as_os_str().as_bytes()).0).into_owned()
}

fn fault(path: &Path) -> Option<&'static str> {
    let bytes = path.as_os_str().as_bytes();
    if bytes.is_empty() {
        return Some("it is empty");
    }
    if bytes.len() > PATH_BYTES_MAX {
        return Some("it is longer than 1024 bytes");
    }
    if bytes.contains(&0) {
        return Some("it holds a NUL byte");
    }
    if bytes.starts_with(b"/") {
        return Some("it is absolute");
    }
    // `components` drops a `.` in the middle, so the names are looked at as written.
    if bytes
        .split(|byte| *byte == b'/')
        .any(|name| matches!(name, b"." | b".."))
    {
        return Some("it holds `.` or `..`");
    }
    if path.components().count() > DEPTH_MAX {
        return Some("it is deeper than 32 directories");
    }
    path.components().find_map(|component| match component {
        Component::Normal(name) if name.len() > NAME_BYTES_MAX => {
            Some("a name is longer than 255 bytes")
        }
        Component::Normal(name) if name.as_bytes().starts_with(TEMP_PREFIX.as_bytes()) => {
            Some("a name is reserved for temporary files")
        }
        Component::Normal(_) => None,
        _ => Some("it is not plain"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_that_could_leave_the_root_are_rejected() {
        let long = "a".repeat(256);
        let deep = "a/".repeat(33);
        let cases = [
            ("", "it is empty"),
            ("/etc/passwd", "it is absolute"),
            ("a/../b", "it holds `.` or `..`"),
            ("..", "it holds `.` or `..`"),
            ("./a", "it holds `.` or `..`"),
            ("a\0b", "it holds a NUL byte"),
            (&long, "a name is longer than 255 bytes"),
            (&deep, "it is deeper than 32 directories"),
            (".durable-tmp-0", "a name is reserved for temporary files"),
        ];
        for (path, expected) in cases {
            let error = StorePath::new(path).unwrap_err();
            assert!(
                matches!(error, StorageError::Path { reason, .. } if reason == expected),
                "{path}"
            );
        }
        assert!(StorePath::new("a").unwrap().join("/b").is_err());
        assert!(StorePath::root().join("../b").is_err());
    }

    #[test]
    fn plain_paths_are_taken_apart() {
        let path = StorePath::root().join("a//b/").unwrap().join("c").unwrap();
        assert_eq!(path.as_path(), Path::new("a/b/c"));
        assert_eq!(path.parent(), Some(StorePath::new("a/b").unwrap()));
        assert_eq!(path.file_name(), Some(OsStr::new("c")));
        assert_eq!(
            StorePath::new("a").unwrap().parent(),
            Some(StorePath::root())
        );
        assert_eq!(StorePath::root().parent(), None);
        assert_eq!(StorePath::root().to_string(), ".");
        let odd = StorePath::new(OsStr::from_bytes(b"a\xff\x1b")).unwrap();
        assert_eq!(odd.to_string(), "a\\xff\\u{1b}");
    }

    proptest! {
        #[test]
        fn accepted_paths_hold_only_plain_names(text in "[a./\\PC]{0,20}") {
            if let Ok(path) = StorePath::new(&text) {
                prop_assert!(path.as_path().components().all(|part| matches!(part, Component::Normal(_))));
                prop_assert_eq!(StorePath::new(path.as_path()).unwrap(), path);
            }
        }
    }
}
