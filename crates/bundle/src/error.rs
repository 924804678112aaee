//! Why a pack or a key is refused, as facts.

use casemate_base::ErrorKind;
use std::io;

/// Why a pack file is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// The file cannot be read or written.
    #[error("it cannot be read or written")]
    Io(#[source] io::Error),
    /// It does not begin like a pack.
    #[error("it is no pack file")]
    NotAPack,
    /// It is a pack of a later layout.
    #[error("it is a pack of layout {found}; this program reads layout {known}")]
    Layout {
        /// The layout that it names.
        found: u16,
        /// The layout that is read.
        known: u16,
    },
    /// It ends too early.
    #[error("it is cut short: {found} of {expected} bytes are there")]
    Truncated {
        /// Bytes that are there.
        found: u64,
        /// Bytes that there must be at least.
        expected: u64,
    },
    /// Bytes follow its end.
    #[error("{extra} bytes were appended to it")]
    Appended {
        /// Bytes after the end.
        extra: u64,
    },
    /// The signature does not fit.
    #[error("its signature does not fit: its head or manifest was altered")]
    Signature,
    /// A section is not what the manifest says.
    #[error("its section {number} (`{source_name}`) was altered")]
    Section {
        /// Which one, from 1.
        number: usize,
        /// The source that it holds.
        source_name: String,
    },
    /// A section stands where another belongs.
    #[error("its sections were reordered: section {found} stands in the place of section {number}")]
    Reordered {
        /// The place, from 1.
        number: usize,
        /// The section that is there, from 1.
        found: usize,
    },
    /// Nobody has said that the signer is to be trusted.
    #[error("it is signed with a key that is not pinned here: {fingerprint}")]
    Unpinned {
        /// The signer's key.
        fingerprint: String,
    },
    /// It is signed with another key than the one that was named.
    #[error("it is signed with the key {found}, not with {expected}")]
    WrongKey {
        /// The key that was named.
        expected: String,
        /// The signer's key.
        found: String,
    },
    /// The manifest, although signed, is not a manifest.
    #[error("its manifest is wrong: {reason}")]
    Manifest {
        /// What is wrong.
        reason: String,
    },
    /// Something is larger than a pack may be.
    #[error("{what} is larger than {limit}")]
    Limit {
        /// What is too large.
        what: &'static str,
        /// The limit, in its own unit.
        limit: u64,
    },
    /// A record of a section, although signed, cannot be read.
    #[error("section {number} (`{source_name}`), record {record}: {reason}")]
    Record {
        /// The section, from 1.
        number: usize,
        /// The source that it holds.
        source_name: String,
        /// The record, from 1.
        record: u64,
        /// What is wrong.
        reason: String,
    },
}

impl PackError {
    /// The class that decides the exit code.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Io(error) => match ErrorKind::of_io(error) {
                // A cut or damaged stream is the file's fault.
                ErrorKind::Corrupt => ErrorKind::Input,
                kind => kind,
            },
            Self::Unpinned { .. } | Self::WrongKey { .. } => ErrorKind::Denied,
            Self::Limit { .. } => ErrorKind::Limit,
            _ => ErrorKind::Input,
        }
    }
}

/// Why a key is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is no key of this kind.
    #[error("it is no {kind} key of casemate: {reason}")]
    Text {
        /// `public` or `secret`.
        kind: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// The key is a point that fits signatures of nobody.
    #[error("it is a weak key, which nobody generates by accident")]
    Weak,
}

impl KeyError {
    /// The class that decides the exit code.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Input
    }
}
