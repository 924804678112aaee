//! Why a report could not be written.

use casemate_base::ErrorKind;

/// What can go wrong while a report is written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The report holds a value that canonical JSON cannot carry.
    #[error("writing the report as JSON")]
    Json(#[from] casemate_schema::Error),
    /// The page's template could not be filled in.
    #[error("writing the report as HTML")]
    Template(#[from] askama::Error),
    /// Nobody decided anything about the findings, and the format has no empty document.
    #[error("nobody has decided anything about these findings, so there is nothing to state")]
    NoDecision,
    /// The report's time is none that the format can carry.
    #[error("writing the report: `{time}` is no time with a time zone")]
    Time {
        /// What the report says.
        time: String,
    },
    /// The place to write to failed.
    #[error("writing the report")]
    Write(#[source] std::io::Error),
}

impl Error {
    /// The class that decides exit codes and HTTP status.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Json(error) => error.kind(),
            Self::NoDecision => ErrorKind::Input,
            Self::Template(_) => ErrorKind::Bug,
            Self::Time { .. } => ErrorKind::Input,
            Self::Write(error) => ErrorKind::of_io(error),
        }
    }
}
