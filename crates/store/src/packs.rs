//! Imported packs: one read-only table file a pack version, and one pointer to those in use.
//!
//! # Constraints and limits
//! - Any number of readers, one import at a time (a lock file; the system frees it when the
//!   importer dies).
//! - A table file never changes after it has its name; a version in use and the one before it are
//!   kept, older ones are removed.
//! - At most 1,000 packs, 64 MiB a record.
//! - Looking up one id is one b-tree descent: some microseconds.
//!
//! # Not here
//! No reading of pack files or feeds, no signatures, no clock: who imports brings records and says
//! what they are.
//!
//! # Layout
//! ```text
//! <data_dir>/packs/
//!   active.json                     which version of which pack is in use, and the one before
//!   NAME@VERSION-DIGEST.db          SQLite, one a pack version
//!   building.db                     an import on its way, or left by a crash
//!   lock                            held by the importer
//! ```
//! A table file has `meta` (what the pack says of itself, as JSON) and `record`, keyed by kind, key
//! (id, or ecosystem), second key (package) and what tells records under one key apart; the body is
//! the record's JSON. An advisory stands under each of its packages with that package's part alone,
//! a pattern under each of its weaknesses, a countermeasure under each technique.
//!
//! # Write
//! Fill `building.db`, sync it, rename it, sync the directory, then replace `active.json` in one
//! step. That is the commit point.
//!
//! # Read
//! Read `active.json`, open each file read-only and immutable, compare length, application id,
//! layout and schema with what we write; anything else is an error that names the file.
//!
//! # Recover after a crash
//! Nothing to do for readers. The next import removes `building.db` and files that the pointer does
//! not name.

mod active;
mod build;
mod error;
mod folder;
mod layers;
mod open;
mod table;

pub use active::{Standing, Version};
pub use build::Builder;
pub use error::PacksError;
pub use folder::{Import, Listed, Packs};
pub use layers::{Layers, MemoryLayer};
pub use open::PackFile;
pub use table::{Layer, Row, Table};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is known of an imported pack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackDetail {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// The youngest date of its sources, RFC 3339 UTC.
    pub as_of: String,
    /// When it was built, RFC 3339 UTC; absent for feeds that were imported as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was imported, RFC 3339 UTC.
    pub imported_at: String,
    /// Fingerprint of the key that signed it; absent when nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// What tells its content from that of others: BLAKE3 of the manifest, or of the feeds' digests.
    pub digest: String,
    /// Records of each kind.
    pub records: BTreeMap<String, u64>,
    /// Where they come from.
    pub sources: Vec<PackSource>,
}

/// One source of a pack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackSource {
    /// The file's name.
    pub name: String,
    /// The feed.
    pub feed: String,
    /// The date that it carries, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Its licence, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// BLAKE3 digest of the file.
    pub digest: String,
    /// Records of each kind.
    pub records: BTreeMap<String, u64>,
    /// Records that could not be taken.
    #[serde(default)]
    pub rejected: u64,
}

impl PackDetail {
    /// What triage is told of the pack.
    #[must_use]
    pub fn info(&self) -> casemate_schema::PackInfo {
        casemate_schema::PackInfo {
            name: self.name.as_str().into(),
            version: self.version,
            as_of: self.as_of.as_str().into(),
            records: self.records.clone(),
        }
    }

    /// Records in all.
    #[must_use]
    pub fn n_records(&self) -> u64 {
        self.records
            .values()
            .fold(0, |sum, n| sum.saturating_add(*n))
    }
}
