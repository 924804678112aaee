//! Making a pack: records in, sections packed as they come, one signed file out.
//!
//! The manifest stands in front of the sections and names their digests, so the packed sections are
//! held in memory until the file is written: a tenth of what the feeds take on disk.

use crate::layout::{Head, MANIFEST_BYTES_MAX, SECTIONS_MAX, message};
use crate::manifest::{FORMAT, Manifest, Section, is_name};
use crate::{PackError, SecretKey};
use casemate_base::compress::ZstdWriter;
use casemate_base::{Timestamp, hash};
use casemate_schema::PackRecord;
use std::collections::BTreeMap;
use std::io::Write;

/// Where a section's records come from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's name, without folders.
    pub name: String,
    /// The feed.
    pub feed: String,
    /// BLAKE3 digest of the file.
    pub digest: String,
    /// The date that it carries.
    pub as_of: Option<Timestamp>,
    /// Its licence, in words.
    pub licence: Option<String>,
    /// Records of it that could not be taken.
    pub rejected: u64,
}

/// A pack in the making.
#[derive(Debug)]
pub struct PackWriter {
    name: String,
    version: u64,
    created: Timestamp,
    sections: Vec<(Section, Vec<u8>)>,
}

/// A section in the making.
#[derive(Debug)]
pub struct SectionWriter {
    out: ZstdWriter<Vec<u8>>,
    raw_bytes: u64,
    records: BTreeMap<String, u64>,
    line: Vec<u8>,
}

impl SectionWriter {
    /// Adds a record.
    ///
    /// # Errors
    /// [`PackError::Io`] when it cannot be packed.
    pub fn add(&mut self, record: &PackRecord) -> Result<(), PackError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, record).map_err(|e| PackError::Io(e.into()))?;
        self.line.push(b'\n');
        self.out.write_all(&self.line).map_err(PackError::Io)?;
        self.raw_bytes += self.line.len() as u64;
        *self.records.entry(record.kind().to_owned()).or_default() += 1;
        Ok(())
    }

    /// Records of each kind so far.
    #[must_use]
    pub fn records(&self) -> &BTreeMap<String, u64> {
        &self.records
    }
}

impl PackWriter {
    /// A pack without sections.
    ///
    /// # Errors
    /// [`PackError::Manifest`] when the name cannot be one.
    pub fn new(name: &str, version: u64, created: Timestamp) -> Result<Self, PackError> {
        if !is_name(name) {
            let reason = format!(
                "`{name}` cannot be the name of a pack: at most 64 of a-z, 0-9, `.`, `_` and `-`"
            );
            return Err(PackError::Manifest { reason });
        }
        Ok(Self {
            name: name.to_owned(),
            version,
            created,
            sections: Vec::new(),
        })
    }

    /// A section to fill, which becomes part of the pack with [`PackWriter::push`].
    ///
    /// # Errors
    /// [`PackError::Io`] when nothing can be packed.
    pub fn section(&self) -> Result<SectionWriter, PackError> {
        Ok(SectionWriter {
            out: ZstdWriter::new(Vec::new()).map_err(PackError::Io)?,
            raw_bytes: 0,
            records: BTreeMap::new(),
            line: Vec::new(),
        })
    }

    /// Takes a section that is complete.
    ///
    /// # Errors
    /// [`PackError::Limit`] for too many sections.
    pub fn push(&mut self, source: Source, section: SectionWriter) -> Result<(), PackError> {
        if self.sections.len() >= SECTIONS_MAX {
            return Err(PackError::Limit {
                what: "the number of sources",
                limit: SECTIONS_MAX as u64,
            });
        }
        let packed = section.out.finish().map_err(PackError::Io)?;
        let entry = Section {
            source: source.name,
            feed: source.feed,
            digest: source.digest,
            as_of: source.as_of.map(|date| date.to_string()),
            licence: source.licence,
            records: section.records,
            rejected: source.rejected,
            packed_bytes: packed.len() as u64,
            raw_bytes: section.raw_bytes,
            blake3: hash::blake3(&packed).to_hex(),
        };
        self.sections.push((entry, packed));
        Ok(())
    }

    /// Signs the pack and writes it. The same sections, times and key give the same bytes.
    ///
    /// # Errors
    /// [`PackError::Manifest`] when a text of a source is too long or empty, [`PackError::Limit`]
    /// for too large a manifest, [`PackError::Io`] when `out` fails.
    pub fn write(&self, key: &SecretKey, out: &mut dyn Write) -> Result<Manifest, PackError> {
        let manifest = self.manifest(key);
        let wrong = |reason: String| PackError::Manifest { reason };
        manifest.check().map_err(wrong)?;
        let bytes = casemate_schema::to_canonical(&manifest).map_err(|e| wrong(e.to_string()))?;
        let manifest_bytes = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        if manifest_bytes > MANIFEST_BYTES_MAX {
            return Err(PackError::Limit {
                what: "the manifest in bytes",
                limit: u64::from(MANIFEST_BYTES_MAX),
            });
        }
        let public = *key.public().as_bytes();
        let head = Head {
            manifest_bytes,
            key: public,
            signature: key.sign(&message(manifest_bytes, &public, &bytes)),
        };
        out.write_all(&head.to_bytes()).map_err(PackError::Io)?;
        out.write_all(&bytes).map_err(PackError::Io)?;
        for (_, packed) in &self.sections {
            out.write_all(packed).map_err(PackError::Io)?;
        }
        Ok(manifest)
    }

    fn manifest(&self, key: &SecretKey) -> Manifest {
        let dates = self.sections.iter().filter_map(|(section, _)| {
            let date = section.as_of.as_ref()?;
            date.parse::<Timestamp>().ok()
        });
        Manifest {
            format: FORMAT.to_owned(),
            name: self.name.clone(),
            version: self.version,
            created: self.created.to_string(),
            // Sources without a date are as old as the pack at least.
            as_of: dates.max().unwrap_or(self.created).to_string(),
            key: key.public().fingerprint(),
            sections: self
                .sections
                .iter()
                .map(|(section, _)| section.clone())
                .collect(),
        }
    }
}
