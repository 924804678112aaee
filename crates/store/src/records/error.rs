//! Why the records could not be read or written, as facts.

use casemate_base::ErrorKind;
use std::path::PathBuf;

/// What can go wrong with the records.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordsError {
    /// The file or its folder cannot be made or opened.
    #[error("cannot open the records `{}`: {reason}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system or the database says.
        reason: String,
    },
    /// A newer casemate wrote them.
    #[error(
        "the records `{}` are of version {found}, and this casemate knows versions up to \
         {supported}", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest that is known.
        supported: i64,
    },
    /// It is a database, but not ours.
    #[error("`{}` is a database of another program", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// The file is damaged.
    #[error("the records `{}` are damaged: {detail}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the integrity check found.
        detail: String,
    },
    /// Another process held the records for too long.
    #[error("another process is writing the records `{}`", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The database refused something.
    #[error("the records' database failed")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An entry of the journal is not what its digest says, or does not follow the one before.
    #[error("entry {number} of the journal was altered: {reason}")]
    Altered {
        /// The entry.
        number: u64,
        /// What does not fit.
        reason: &'static str,
    },
    /// Records are taken in only where there are none.
    #[error("there are records already")]
    NotEmpty,
    /// A line of exported records cannot be taken.
    #[error("line {line}: {reason}")]
    Line {
        /// One-based line.
        line: u64,
        /// Why.
        reason: String,
    },
    /// What is stored cannot be read back.
    #[error("a stored {what} cannot be read: {reason}")]
    Stored {
        /// Which.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// Exported records cannot be read or written.
    #[error("{0}")]
    Io(#[source] std::io::Error),
}

impl RecordsError {
    /// The class that decides exit codes and HTTP status.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Open { .. } | Self::Busy { .. } => ErrorKind::Unavailable,
            Self::Database(_) => ErrorKind::Unavailable,
            Self::Newer { .. } | Self::NotOurs { .. } | Self::Line { .. } => ErrorKind::Input,
            Self::Damaged { .. } | Self::Altered { .. } | Self::Stored { .. } => ErrorKind::Corrupt,
            Self::NotEmpty => ErrorKind::Conflict,
            Self::Io(error) => ErrorKind::of_io(error),
        }
    }
}

impl From<serde_json::Error> for RecordsError {
    fn from(error: serde_json::Error) -> Self {
        Self::Stored {
            what: "value",
            reason: error.to_string(),
        }
    }
}

impl From<casemate_schema::Error> for RecordsError {
    fn from(error: casemate_schema::Error) -> Self {
        Self::Stored {
            what: "value",
            reason: error.to_string(),
        }
    }
}
