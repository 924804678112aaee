//! Why did a storage not do what it was asked? Facts only; words for people are made above.

use crate::ErrorKind;
use std::io;

/// A failed storage operation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The disk refused or failed.
    #[error("could not {action} `{path}`")]
    Io {
        /// What was attempted, as a verb.
        action: &'static str,
        /// The path below the root, printable.
        path: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The file is larger than the caller wants to read.
    #[error("`{path}` holds more than {limit_bytes} bytes")]
    Limit {
        /// The path below the root, printable.
        path: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// The path is not one that a storage may name.
    #[error("`{path}` cannot be a path in the storage: {reason}")]
    Path {
        /// The rejected path, printable.
        path: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Too many temporary files of interrupted writes lie in the directory.
    #[error("found no free temporary name in `{directory}` after {tries} tries")]
    TempNames {
        /// The directory below the root, printable.
        directory: String,
        /// Names tried.
        tries: u64,
    },
}

impl StorageError {
    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Io { source, .. } => ErrorKind::of_io(source),
            Self::Limit { .. } => ErrorKind::Limit,
            Self::Path { .. } => ErrorKind::Input,
            Self::TempNames { .. } => ErrorKind::Conflict,
        }
    }

    /// Whether the path does not exist.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }
}
