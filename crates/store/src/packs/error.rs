//! Why packs cannot be kept or asked, as facts.

use casemate_base::ErrorKind;
use casemate_base::storage::StorageError;
use std::io;
use std::path::PathBuf;

/// Why packs cannot be kept or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PacksError {
    /// The folder of the packs cannot be read or written.
    #[error("cannot keep packs in `{}`", path.display())]
    Storage {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: StorageError,
    },
    /// A file of the packs cannot be read or written.
    #[error("cannot use `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what an import wrote.
    #[error("`{}` is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The table file cannot be written.
    #[error("cannot write `{}`: {reason}", path.display())]
    Build {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// Another import runs.
    #[error("another import into `{}` is running", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// A newer version has been imported already.
    #[error(
        "version {version} of pack `{name}` is older than version {newest}, which was imported before"
    )]
    Older {
        /// The pack.
        name: String,
        /// The version that was to be imported.
        version: u64,
        /// The newest version that was ever imported.
        newest: u64,
    },
    /// The same version was imported with another content.
    #[error("version {version} of pack `{name}` was imported before with another content")]
    OtherContent {
        /// The pack.
        name: String,
        /// The version.
        version: u64,
    },
    /// There is no such pack.
    #[error("there is no imported pack `{name}`")]
    NoSuchPack {
        /// The name.
        name: String,
    },
    /// There is no former version.
    #[error("pack `{name}` has no former version to restore")]
    NoFormer {
        /// The pack.
        name: String,
    },
    /// More packs than are kept.
    #[error("there are more than {limit} packs")]
    TooMany {
        /// The limit.
        limit: usize,
    },
}

impl PacksError {
    /// The class that decides the exit code.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Storage { source, .. } => source.kind(),
            Self::Io { source, .. } => ErrorKind::of_io(source),
            Self::Damaged { .. } => ErrorKind::Corrupt,
            Self::Build { .. } => ErrorKind::Unavailable,
            Self::Busy { .. } => ErrorKind::Conflict,
            Self::Older { .. } | Self::OtherContent { .. } => ErrorKind::Input,
            Self::NoSuchPack { .. } | Self::NoFormer { .. } => ErrorKind::NotFound,
            Self::TooMany { .. } => ErrorKind::Limit,
        }
    }
}
