//! What a pack says of itself: its name and version, and each section with its source.

use crate::PackError;
use crate::layout::SECTIONS_MAX;
use casemate_base::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The word that tells a manifest of a pack from others.
pub(crate) const FORMAT: &str = "casemate-pack";
/// Most bytes of all sections, unpacked.
const RAW_BYTES_MAX: u64 = 64 << 30;
/// Longest text of the manifest, in bytes.
const TEXT_BYTES_MAX: usize = 4096;

/// What a pack says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `casemate-pack`.
    pub format: String,
    /// The pack's name; see [`is_name`].
    pub name: String,
    /// Grows with each pack of this name.
    pub version: u64,
    /// When it was built, RFC 3339 UTC.
    pub created: String,
    /// The youngest date of its sources, RFC 3339 UTC.
    pub as_of: String,
    /// Fingerprint of the key that signed it.
    pub key: String,
    /// The sections in the order of the file.
    pub sections: Vec<Section>,
}

/// One section: the records of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// The source's file name, without folders.
    pub source: String,
    /// The feed, such as `kev` or `debian-tracker`.
    pub feed: String,
    /// BLAKE3 digest of the source file as it was read.
    pub digest: String,
    /// The date that the source carries, RFC 3339 UTC, if it carries one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Its licence, in words, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Records of each kind.
    pub records: BTreeMap<String, u64>,
    /// Records of the source that could not be taken.
    #[serde(default)]
    pub rejected: u64,
    /// Bytes in the file.
    pub packed_bytes: u64,
    /// Bytes when unpacked.
    pub raw_bytes: u64,
    /// BLAKE3 digest of the bytes in the file.
    pub blake3: String,
}

/// Whether this can be the name of a pack: 1 to 64 of `a-z 0-9 . _ -`, the first one a letter or a
/// digit. Such a name is a file name too.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let first = name.bytes().next().is_some_and(plain);
    first
        && name.len() <= 64
        && name
            .bytes()
            .all(|byte| plain(byte) || b"._-".contains(&byte))
}

impl Manifest {
    /// Records of each kind, over all sections.
    #[must_use]
    pub fn records(&self) -> BTreeMap<String, u64> {
        let mut sum = BTreeMap::new();
        for (kind, count) in self.sections.iter().flat_map(|section| &section.records) {
            let total: &mut u64 = sum.entry(kind.clone()).or_default();
            *total = total.saturating_add(*count);
        }
        sum
    }

    /// Records in all.
    #[must_use]
    pub fn n_records(&self) -> u64 {
        self.records()
            .values()
            .fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// Reads a manifest whose signature has been found good.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, PackError> {
        let wrong = |reason: String| PackError::Manifest { reason };
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
        manifest.check().map_err(wrong)?;
        let canonical =
            casemate_schema::to_canonical(&manifest).map_err(|error| wrong(error.to_string()))?;
        if canonical != bytes {
            return Err(wrong("it is not in canonical form".to_owned()));
        }
        Ok(manifest)
    }

    /// What is wrong with it, if anything.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.format != FORMAT {
            return Err(format!("its format is `{}`", self.format));
        }
        if !is_name(&self.name) {
            return Err(format!("`{}` cannot be the name of a pack", self.name));
        }
        if self.sections.len() > SECTIONS_MAX {
            return Err(format!("it has {} sections", self.sections.len()));
        }
        time("created", &self.created)?;
        time("as_of", &self.as_of)?;
        let mut raw = 0_u64;
        for section in &self.sections {
            if let Some(date) = &section.as_of {
                time("as_of of a section", date)?;
            }
            for text in [
                &section.source,
                &section.feed,
                &section.digest,
                &section.blake3,
            ] {
                if text.is_empty() || text.len() > TEXT_BYTES_MAX {
                    return Err(format!("a text of {} bytes", text.len()));
                }
            }
            raw = raw
                .saturating_add(section.raw_bytes)
                .saturating_add(section.packed_bytes);
        }
        if raw > RAW_BYTES_MAX {
            return Err(format!(
                "its sections hold {raw} bytes, at most {RAW_BYTES_MAX}"
            ));
        }
        Ok(())
    }
}

fn time(field: &str, text: &str) -> Result<(), String> {
    match text.parse::<Timestamp>() {
        Ok(time) if time.to_string() == text => Ok(()),
        Ok(_) => Err(format!(
            "`{field}` is not written as we write times: `{text}`"
        )),
        Err(error) => Err(format!("`{field}`: {error}")),
    }
}
