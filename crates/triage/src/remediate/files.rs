//! The files that a plan may change, as the caller hands them in: triage opens nothing itself.

use casemate_base::hash;
use std::collections::BTreeMap;

/// A file's text with its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileText {
    /// The whole text.
    pub text: String,
    /// BLAKE3 of its bytes, in hex.
    pub digest: String,
}

impl FileText {
    /// A text with the digest that follows from it.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let digest = hash::blake3(text.as_bytes()).to_hex();
        Self { text, digest }
    }
}

/// What is known of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    /// It is there, with this text.
    Text(FileText),
    /// It is known not to be there.
    Absent,
    /// Nothing is known, for this reason.
    Unknown(String),
}

/// Texts of the scanned host's files.
pub trait Files {
    /// What is known of the file at an absolute path of the scanned host.
    fn file(&self, path: &str) -> FileState;
}

/// No file is at hand, as for a report that came from elsewhere.
#[derive(Clone, Debug)]
pub struct NoFiles {
    /// Why, for the action's reader.
    pub reason: String,
}

impl Files for NoFiles {
    fn file(&self, _path: &str) -> FileState {
        FileState::Unknown(self.reason.clone())
    }
}

/// Files in memory; every other path is known to be absent.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(pub BTreeMap<String, String>);

impl Files for MemoryFiles {
    fn file(&self, path: &str) -> FileState {
        self.0.get(path).map_or(FileState::Absent, |text| {
            FileState::Text(FileText::new(text.as_str()))
        })
    }
}
