//! Why a file cannot be taken, as facts.

use casemate_base::ErrorKind;
use std::io;

/// Why a file, or a record of it, cannot be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file cannot be read.
    #[error("cannot be read")]
    Read(#[source] io::Error),
    /// The bytes are no text that is known here.
    #[error("{place}: {reason}")]
    Encoding {
        /// Byte offset.
        place: String,
        /// What is there.
        reason: String,
    },
    /// The file is cut or damaged, or no file of its format.
    #[error("{place}: {reason}")]
    Damaged {
        /// A line and column, a byte, or an element's path.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// It holds more than is read.
    #[error("{place}: {reason}")]
    Limit {
        /// Where the limit was met.
        place: String,
        /// Which limit.
        reason: String,
    },
    /// No kind fits.
    #[error("no known kind of report: {reason}")]
    Unknown {
        /// What was seen.
        reason: String,
    },
    /// It is no feed of knowledge.
    #[error("no known feed: {reason}")]
    NoFeed {
        /// What was seen.
        reason: String,
    },
    /// There is no kind of this name.
    #[error("there is no kind `{name}`")]
    NoSuchKind {
        /// The name.
        name: String,
        /// The nearest that exists.
        nearest: Option<String>,
    },
    /// It is not what its kind looks like.
    #[error("not a {kind} report: {reason}")]
    NotThisKind {
        /// The kind that was asked for, or found.
        kind: String,
        /// What is missing.
        reason: String,
    },
    /// The report itself says that the scan failed, so that it says nothing of what was scanned.
    #[error("the tool reports that it failed: {reason}")]
    ToolFailed {
        /// The tool's words.
        reason: String,
    },
    /// A mapping is wrong.
    #[error("mapping `{name}`: {reason}")]
    Mapping {
        /// The mapping.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl ImportError {
    /// The class that decides exit codes.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Read(error) => ErrorKind::of_io(error),
            Self::Limit { .. } => ErrorKind::Limit,
            Self::NoSuchKind { .. } => ErrorKind::NotFound,
            Self::Mapping { .. } => ErrorKind::Config,
            Self::Encoding { .. } | Self::Damaged { .. } => ErrorKind::Corrupt,
            Self::NoFeed { .. }
            | Self::Unknown { .. }
            | Self::NotThisKind { .. }
            | Self::ToolFailed { .. } => ErrorKind::Input,
        }
    }

    /// Damage at a place.
    pub(crate) fn damaged(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Damaged {
            place: place.into(),
            reason: reason.into(),
        }
    }

    /// A parser's error with its place.
    pub(crate) fn of_json(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let reason = text.split(" at line ").next().unwrap_or(&text).to_owned();
        Self::Damaged {
            place: format!("line {}, column {}", error.line(), error.column()),
            reason,
        }
    }
}
