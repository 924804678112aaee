//! The journal of what people decided: append only, each entry bound to the one before.
//!
//! An entry is canonical JSON; its digest is BLAKE3 over the digest of the entry before, a newline
//! and the entry. Whoever alters, removes or reorders entries has to make all later digests anew,
//! and then the last digest is another one than the one that was noted elsewhere.

use super::{CaseChange, RecordsError};
use casemate_base::hash;
use casemate_schema::{Decision, Text, to_canonical};
use casemate_triage::Member;
use serde::{Deserialize, Serialize};

/// The digest before the first entry.
pub const ORIGIN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What a person did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Entry {
    /// Decided about a finding.
    Decision {
        /// The finding's key.
        key: Text,
        /// What.
        decision: Decision,
    },
    /// Set the state or verdict of a case.
    Case {
        /// What.
        change: CaseChange,
    },
    /// Took a merged finding apart.
    Split {
        /// Key of the finding that the others had joined.
        key: Text,
        /// The records that are not to be merged with each other again.
        members: Vec<SplitMember>,
        /// Who, when and why.
        decision: Decision,
    },
}

/// One tool's record in a finding that was taken apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SplitMember {
    /// The tool.
    pub tool: Text,
    /// Its rule.
    pub check: Text,
    /// The id that it has alone.
    pub id: Text,
    /// Whether it is taken out; the others may stay together.
    pub out: bool,
}

impl SplitMember {
    pub(super) fn member(&self) -> Member {
        Member {
            tool: self.tool.clone(),
            check: self.check.clone(),
            id: self.id.clone(),
        }
    }
}

impl Entry {
    /// The entry as it is stored.
    pub(super) fn body(&self) -> Result<String, RecordsError> {
        let bytes = to_canonical(self)?;
        String::from_utf8(bytes).map_err(|error| RecordsError::Stored {
            what: "entry",
            reason: error.to_string(),
        })
    }

    /// The kind, as it stands in the entry.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Decision { .. } => "decision",
            Self::Case { .. } => "case",
            Self::Split { .. } => "split",
        }
    }

    /// What it is about: a finding's key or a case's name.
    pub(super) fn subject(&self) -> &str {
        match self {
            Self::Decision { key, .. } | Self::Split { key, .. } => key,
            Self::Case { change } => &change.case,
        }
    }
}

/// Digest of an entry that follows another.
pub(super) fn digest(previous: &str, body: &str) -> String {
    hash::blake3(format!("{previous}\n{body}").as_bytes()).to_hex()
}

/// The end of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainEnd {
    /// Entries.
    pub entries: u64,
    /// Digest of the last one; note it elsewhere to see that nothing was cut off.
    pub digest: Text,
}

/// Follows a chain entry by entry.
#[derive(Debug)]
pub(super) struct Follow {
    end: ChainEnd,
}

impl Follow {
    pub(super) fn new() -> Self {
        Self {
            end: ChainEnd {
                entries: 0,
                digest: ORIGIN.into(),
            },
        }
    }

    /// Takes the next entry as it is stored.
    pub(super) fn step(
        &mut self,
        number: i64,
        previous: &str,
        body: &str,
        stored: &str,
    ) -> Result<(), RecordsError> {
        let expected = self.end.entries + 1;
        let altered = |reason| RecordsError::Altered {
            number: expected,
            reason,
        };
        if u64::try_from(number) != Ok(expected) {
            return Err(altered("it is missing"));
        }
        if previous != &*self.end.digest {
            return Err(altered("it does not follow the entry before"));
        }
        if digest(previous, body) != stored {
            return Err(altered("its text is not what its digest says"));
        }
        self.end = ChainEnd {
            entries: expected,
            digest: stored.into(),
        };
        Ok(())
    }

    pub(super) fn end(self) -> ChainEnd {
        self.end
    }
}
