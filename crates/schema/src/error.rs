//! What can be wrong with a document that claims to be a casemate report.

use casemate_base::error::ErrorKind;

/// Why a report could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no JSON, or JSON of another shape.
    #[error("not a casemate report: {reason} at line {line}, column {column}")]
    Json {
        /// What the parser expected or met.
        reason: String,
        /// One-based line.
        line: usize,
        /// One-based column.
        column: usize,
    },
    /// The document is of a schema version that this program does not know.
    #[error("schema version `{found}` is not supported; this program reads `{supported}`")]
    Version {
        /// What the document says.
        found: String,
        /// What this program reads.
        supported: &'static str,
    },
    /// An NDJSON line is of an unknown kind, or a line that must be there is missing.
    #[error("line {line}: {reason}")]
    Line {
        /// One-based line; 0 when the document as a whole lacks something.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A number that canonical JSON cannot carry (RFC 8785, section 3.2.2.3).
    #[error("number `{value}` cannot be written as canonical JSON")]
    Number {
        /// The number as text.
        value: String,
    },
    /// The place to write to failed.
    #[error("cannot write the report")]
    Write(#[source] std::io::Error),
}

impl Error {
    /// The class that decides exit codes and HTTP status.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Json { .. } | Self::Version { .. } | Self::Line { .. } => ErrorKind::Input,
            Self::Number { .. } => ErrorKind::Bug,
            Self::Write(error) => ErrorKind::of_io(error),
        }
    }

    /// Wraps a parser's error, keeping its place.
    pub(crate) fn from_json(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let reason = match text.rfind(" at line ") {
            Some(end) => text.get(..end).unwrap_or(&text).to_owned(),
            None => text,
        };
        Self::Json {
            reason,
            line: error.line(),
            column: error.column(),
        }
    }
}
