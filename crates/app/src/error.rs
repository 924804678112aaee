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
    /// The workflow ended before its end.
    #[error("the workflow failed: {reason}")]
    Workflow {
        /// Which stage, and why.
        reason: String,
    },
    /// The packs cannot answer.
    #[error(transparent)]
    Knowledge(#[from] casemate_triage::KnowledgeError),
    /// A file of a feed is refused.
    #[error("cannot take the feed `{name}`")]
    Feed {
        /// The file as it was named.
        name: String,
        /// Why.
        source: casemate_ingest::ImportError,
    },
    /// A pack file is refused.
    #[error("cannot take the pack `{name}`")]
    Pack {
        /// The file as it was named.
        name: String,
        /// Why.
        source: casemate_bundle::PackError,
    },
    /// The packs of the site cannot be kept or asked.
    #[error(transparent)]
    Packs(#[from] casemate_store::packs::PacksError),
    /// A key file holds no key.
    #[error("cannot use the key `{}`", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        source: casemate_bundle::KeyError,
    },
    /// A key file cannot be read or made.
    #[error("cannot use the key file `{}`", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others may read a secret key.
    #[error("the secret key `{}` may be read by others (mode {mode:04o})", path.display())]
    KeyMode {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The controls that are part of the program cannot be read.
    #[error(transparent)]
    Controls(#[from] casemate_triage::ComplianceError),
    /// No place for the data directory is known.
    #[error("no data directory: neither `data_dir`, XDG_DATA_HOME nor HOME is set")]
    NoDataDir,
    /// The plan has no action of that id.
    #[error("there is no action `{id}` in this plan")]
    UnknownAction {
        /// The id as given.
        id: String,
    },
    /// The records of what people decided cannot be read or written.
    #[error(transparent)]
    Records(#[from] casemate_store::records::RecordsError),
    /// A selector of findings is wrong.
    #[error("`{selector}`: {reason}")]
    Selector {
        /// The selector as given.
        selector: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No finding or case of the records is meant.
    #[error("{what} is not in the records")]
    NotRecorded {
        /// What was asked for.
        what: String,
    },
    /// A decision is not complete, or not allowed as it stands.
    #[error("{reason}")]
    Decision {
        /// What is wrong.
        reason: String,
    },
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
                InputError::Import(error) => import_kind(error),
            },
            Self::Feed { source, .. } => import_kind(source),
            // When all were refused for one reason, that is the reason.
            Self::NoInput { reasons } => {
                let first = reasons.first().map_or(ErrorKind::Input, Self::kind);
                let same = reasons.iter().all(|reason| reason.kind() == first);
                if same && first == ErrorKind::Denied {
                    first
                } else {
                    ErrorKind::Input
                }
            }
            Self::Pack { source, .. } => source.kind(),
            Self::Packs(error) => error.kind(),
            Self::Key { source, .. } => source.kind(),
            Self::KeyFile { source, .. } => match ErrorKind::of_io(source) {
                ErrorKind::Conflict => ErrorKind::Input,
                kind => kind,
            },
            Self::KeyMode { .. } => ErrorKind::Denied,
            Self::Selector { .. } | Self::Decision { .. } => ErrorKind::Input,
            Self::Records(error) => error.kind(),
            Self::Write { .. } | Self::Knowledge(_) => ErrorKind::Unavailable,
            Self::Format { source, .. } if source.kind() == ErrorKind::Input => ErrorKind::Input,
            Self::Format { .. } | Self::Workflow { .. } | Self::Controls(_) => ErrorKind::Bug,
            Self::Root { .. }
            | Self::UnknownAction { .. }
            | Self::NotRecorded { .. }
            | Self::UnknownCheck { .. } => ErrorKind::NotFound,
        }
    }
}

/// Damage is the file's fault, not ours: it is refused like any wrong input.
fn import_kind(error: &casemate_ingest::ImportError) -> ErrorKind {
    match error.kind() {
        ErrorKind::Corrupt => ErrorKind::Input,
        kind => kind,
    }
}

fn place(path: Option<&PathBuf>, line: Option<usize>) -> String {
    match (path, line) {
        (Some(path), Some(line)) => format!("{}:{line}", path.display()),
        (Some(path), None) => path.display().to_string(),
        (None, _) => "configuration".to_owned(),
    }
}
