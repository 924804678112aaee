//! What can go wrong between a command and its result, as facts; the words are in [`crate::explain`].

use casemate_base::ErrorKind;
use std::path::PathBuf;

/// Why a command could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration is wrong.
    #[error("{}: {reason}", place(path.as_ref(), *line))]
    Config {
        /// The file, if the value came from one.
        path: Option<PathBuf>,
        /// One-based line in the file.
        line: Option<usize>,
        /// What is wrong.
        reason: String,
    },
    /// An input file cannot be used as a whole.
    #[error("cannot take `{name}`")]
    Input {
        /// The file as it was named.
        name: String,
        /// Why.
        source: InputError,
    },
    /// None of the named inputs could be used.
    #[error("none of the {} named files could be taken", reasons.len())]
    NoInput {
        /// Why each was refused.
        reasons: Vec<Self>,
    },
    /// The tree to scan cannot be opened.
    #[error("cannot open the tree `{}`", path.display())]
    Root {
        /// The folder as it was named.
        path: PathBuf,
        /// Why.
        source: casemate_scan::tree::TreeError,
    },
    /// A file cannot be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: casemate_base::storage::StorageError,
    },
    /// A report cannot be written in a format.
    #[error("cannot write the report as {format}")]
    Format {
        /// The format.
        format: &'static str,
        /// Why.
        source: casemate_report::Error,
    },
    /// The controls that are part of the program cannot be read.
    #[error(transparent)]
    Controls(#[from] casemate_triage::ComplianceError),
    /// No place for the data directory is known.
    #[error("no data directory: neither `data_dir`, XDG_DATA_HOME nor HOME is set")]
    NoDataDir,
    /// There is no check of that name.
    #[error("there is no check `{id}`")]
    UnknownCheck {
        /// The name as given.
        id: String,
        /// The nearest name that exists.
        nearest: Option<String>,
    },
}

/// Why one input cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// The file cannot be read.
    #[error("{0}")]
    Read(std::io::Error),
    /// It is too large, or unpacks to too much.
    #[error("{0}")]
    Unpack(String),
    /// It is no report that this program reads.
    #[error(transparent)]
    Report(#[from] casemate_schema::Error),
    /// It cannot be imported.
    #[error(transparent)]
    Import(#[from] casemate_ingest::ImportError),
}

impl Error {
    /// The class that decides the exit code.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Config { .. } | Self::NoDataDir => ErrorKind::Config,
            Self::Input { source, .. } => match source {
                InputError::Read(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    ErrorKind::NotFound
                }
                InputError::Read(_) => ErrorKind::Unavailable,
                InputError::Unpack(_) => ErrorKind::Limit,
                InputError::Report(error) => error.kind(),
                // Damage is the file's fault, not ours: it is refused like any wrong input.
                InputError::Import(error) => match error.kind() {
                    ErrorKind::Corrupt => ErrorKind::Input,
                    kind => kind,
                },
            },
            Self::NoInput { .. } => ErrorKind::Input,
            Self::Root { .. } | Self::UnknownCheck { .. } => ErrorKind::NotFound,
            Self::Write { .. } => ErrorKind::Unavailable,
            Self::Format { source, .. } if source.kind() == ErrorKind::Input => ErrorKind::Input,
            Self::Format { .. } | Self::Controls(_) => ErrorKind::Bug,
        }
    }
}

fn place(path: Option<&PathBuf>, line: Option<usize>) -> String {
    match (path, line) {
        (Some(path), Some(line)) => format!("{}:{line}", path.display()),
        (Some(path), None) => path.display().to_string(),
        (None, _) => "configuration".to_owned(),
    }
}
