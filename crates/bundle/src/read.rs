//! Reading a pack: first the signature, then who signed, then every byte's digest, then records.
//!
//! [`Unchecked`] holds bytes whose signature fits the key that stands beside it, which says nothing
//! yet: anybody can sign. [`Unchecked::check`] asks whether that key is trusted, and only then reads
//! the manifest and compares all digests; what comes out is a [`Pack`]. While records are read the
//! digests are taken once more, so a file that is exchanged under our hands is noticed too.

use crate::key::PublicKey;
use crate::layout::{HEAD_BYTES, Head, message};
use crate::manifest::{Manifest, Section};
use crate::{KeyError, PackError};
use casemate_base::decompress::{DecompressError, Format, Limits, decoder};
use casemate_base::hash::{Algorithm, Hasher};
use casemate_base::{encoding, hash};
use casemate_schema::PackRecord;
use std::fmt;
use std::io::{BufRead as _, BufReader, Read, Seek, SeekFrom};

/// Largest record.
const RECORD_BYTES_MAX: u64 = 64 << 20;
const CHUNK_BYTES: usize = 1 << 18;

/// A file whose signature fits the key that it brings along.
pub struct Unchecked<R> {
    reader: R,
    signer: PublicKey,
    manifest: Vec<u8>,
}

/// A pack whose signer is trusted and whose every byte is as it was signed.
pub struct Pack<R> {
    reader: R,
    signer: PublicKey,
    manifest: Manifest,
    digest: String,
    first: u64,
}

impl<R: Read + Seek> Unchecked<R> {
    /// Reads head and manifest and checks the signature. Nothing of the manifest is parsed.
    ///
    /// # Errors
    /// [`PackError::NotAPack`], [`PackError::Layout`], [`PackError::Truncated`],
    /// [`PackError::Signature`], [`PackError::Limit`], [`PackError::Io`].
    pub fn open(mut reader: R) -> Result<Self, PackError> {
        reader.seek(SeekFrom::Start(0)).map_err(PackError::Io)?;
        let head = Head::parse(&take(&mut reader, HEAD_BYTES as u64)?)?;
        let length = u64::from(head.manifest_bytes);
        let manifest = take(&mut reader, length)?;
        if (manifest.len() as u64) < length {
            return Err(PackError::Truncated {
                found: (HEAD_BYTES + manifest.len()) as u64,
                expected: HEAD_BYTES as u64 + length,
            });
        }
        // A key that is none, or a weak one, has signed nothing.
        let signer =
            PublicKey::from_bytes(&head.key).map_err(|_: KeyError| PackError::Signature)?;
        let message = message(head.manifest_bytes, &head.key, &manifest);
        if !signer.signed(&message, &head.signature) {
            return Err(PackError::Signature);
        }
        Ok(Self {
            reader,
            signer,
            manifest,
        })
    }

    /// The key that signed it, which is not trusted by that.
    #[must_use]
    pub const fn signer(&self) -> &PublicKey {
        &self.signer
    }

    /// Refuses the pack unless one of these keys signed it, then reads the manifest and compares
    /// length and digests of everything. `progress` hears the bytes that were compared so far, and
    /// of how many.
    ///
    /// # Errors
    /// [`PackError::Unpinned`]; [`PackError::Manifest`], [`PackError::Truncated`],
    /// [`PackError::Appended`], [`PackError::Section`], [`PackError::Reordered`],
    /// [`PackError::Io`].
    pub fn check(
        mut self,
        trusted: &[PublicKey],
        progress: &dyn Fn(u64, u64),
    ) -> Result<Pack<R>, PackError> {
        if !trusted
            .iter()
            .any(|key| key.as_bytes() == self.signer.as_bytes())
        {
            return Err(PackError::Unpinned {
                fingerprint: self.signer.fingerprint(),
            });
        }
        let manifest = Manifest::parse(&self.manifest)?;
        if manifest.key != self.signer.fingerprint() {
            return Err(PackError::Manifest {
                reason: "it names another key than the one that signed it".to_owned(),
            });
        }
        let first = (HEAD_BYTES + self.manifest.len()) as u64;
        let expected = first + sum(&manifest.sections);
        let found = self.reader.seek(SeekFrom::End(0)).map_err(PackError::Io)?;
        if found < expected {
            return Err(PackError::Truncated { found, expected });
        }
        if found > expected {
            return Err(PackError::Appended {
                extra: found - expected,
            });
        }
        let mut at = first;
        for (number, section) in (1..).zip(&manifest.sections) {
            if digest_of(&mut self.reader, at, section.packed_bytes)? != section.blake3 {
                return Err(self.altered(&manifest, number, at));
            }
            at += section.packed_bytes;
            progress(at - first, expected - first);
        }
        Ok(Pack {
            reader: self.reader,
            signer: self.signer,
            digest: hash::blake3(&self.manifest).to_hex(),
            manifest,
            first,
        })
    }

    /// Whether the section at this place is another one of the manifest, or none.
    fn altered(&mut self, manifest: &Manifest, number: usize, at: u64) -> PackError {
        for (other, section) in (1..).zip(&manifest.sections) {
            let digest = digest_of(&mut self.reader, at, section.packed_bytes);
            if other != number && digest.is_ok_and(|digest| digest == section.blake3) {
                return PackError::Reordered {
                    number,
                    found: other,
                };
            }
        }
        let section = manifest.sections.get(number - 1);
        PackError::Section {
            number,
            source_name: section.map(|it| it.source.clone()).unwrap_or_default(),
        }
    }
}

impl<R: Read + Seek> Pack<R> {
    /// What the pack says of itself.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The key that signed it.
    #[must_use]
    pub const fn signer(&self) -> &PublicKey {
        &self.signer
    }

    /// BLAKE3 digest of the manifest, which stands for the whole pack.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Hands the records of a section, counted from 0, to `sink`.
    ///
    /// # Errors
    /// [`PackError::Record`] for a record that cannot be read, or for other numbers of records or
    /// bytes than the manifest says; [`PackError::Section`] if the file was exchanged meanwhile;
    /// what `sink` returns.
    pub fn records<E: From<PackError>>(
        &mut self,
        index: usize,
        sink: &mut dyn FnMut(PackRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(section) = self.manifest.sections.get(index) else {
            return Ok(());
        };
        let before = self.manifest.sections.get(..index).unwrap_or_default();
        let at = self.first + sum(before);
        self.reader
            .seek(SeekFrom::Start(at))
            .map_err(PackError::Io)?;
        let mut digested = Digested {
            inner: self.reader.by_ref().take(section.packed_bytes),
            hasher: Hasher::new(Algorithm::Blake3),
        };
        read_section(&mut digested, index + 1, section, sink)?;
        // The decoder may leave bytes that it does not need.
        std::io::copy(&mut digested, &mut std::io::sink()).map_err(PackError::Io)?;
        if encoding::hex_encode(&digested.hasher.finish()) != section.blake3 {
            return Err(E::from(PackError::Section {
                number: index + 1,
                source_name: section.source.clone(),
            }));
        }
        Ok(())
    }
}

fn read_section<E: From<PackError>>(
    reader: &mut dyn Read,
    number: usize,
    section: &Section,
    sink: &mut dyn FnMut(PackRecord) -> Result<(), E>,
) -> Result<(), E> {
    let mut record = 0;
    let wrong = |record: u64, reason: String| PackError::Record {
        number,
        source_name: section.source.clone(),
        record,
        reason,
    };
    let limits = Limits {
        bytes_max: section.raw_bytes,
        // Signed and with its length known; feeds repeat themselves a thousandfold.
        ratio_max: 100_000,
        ..Limits::default()
    };
    let unpacked = decoder(Format::Zstd, reader, &limits)
        .map_err(|error: DecompressError| wrong(0, error.to_string()))?;
    let mut lines = BufReader::with_capacity(CHUNK_BYTES, unpacked);
    let mut line = Vec::new();
    let mut raw_bytes = 0;
    loop {
        line.clear();
        let n_bytes = lines
            .by_ref()
            .take(RECORD_BYTES_MAX)
            .read_until(b'\n', &mut line)
            .map_err(|error| wrong(record + 1, reason_of(&error)))?;
        if n_bytes == 0 {
            break;
        }
        raw_bytes += n_bytes as u64;
        record += 1;
        let value = serde_json::from_slice(&line).map_err(|e| wrong(record, e.to_string()))?;
        sink(value)?;
    }
    let promised: u64 = section
        .records
        .values()
        .fold(0, |sum, n| sum.saturating_add(*n));
    if record != promised || raw_bytes != section.raw_bytes {
        let reason = format!("the section ends here; {promised} records were promised");
        return Err(E::from(wrong(record, reason)));
    }
    Ok(())
}

fn reason_of(error: &std::io::Error) -> String {
    let reason = DecompressError::of(error).map(ToString::to_string);
    reason.unwrap_or_else(|| error.to_string())
}

/// Bytes of the sections in the file.
fn sum(sections: &[Section]) -> u64 {
    sections
        .iter()
        .fold(0, |sum, section| sum.saturating_add(section.packed_bytes))
}

/// So many bytes, or fewer at the end of the file.
fn take(reader: &mut impl Read, length: u64) -> Result<Vec<u8>, PackError> {
    let mut bytes = Vec::new();
    reader
        .take(length)
        .read_to_end(&mut bytes)
        .map_err(PackError::Io)?;
    Ok(bytes)
}

/// BLAKE3 of so many bytes of the file.
fn digest_of(reader: &mut (impl Read + Seek), at: u64, length: u64) -> Result<String, PackError> {
    reader.seek(SeekFrom::Start(at)).map_err(PackError::Io)?;
    let mut digested = Digested {
        inner: reader.take(length),
        hasher: Hasher::new(Algorithm::Blake3),
    };
    let mut chunk = vec![0; CHUNK_BYTES];
    while digested.read(&mut chunk).map_err(PackError::Io)? > 0 {}
    Ok(encoding::hex_encode(&digested.hasher.finish()))
}

/// A reader that digests what passes through it.
struct Digested<R> {
    inner: R,
    hasher: Hasher,
}

impl<R: Read> Read for Digested<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n_bytes = self.inner.read(buffer)?;
        self.hasher
            .update(buffer.get(..n_bytes).unwrap_or_default());
        Ok(n_bytes)
    }
}

impl<R> fmt::Debug for Unchecked<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unchecked")
            .field("signer", &self.signer)
            .finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for Pack<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pack")
            .field("manifest", &self.manifest)
            .finish_non_exhaustive()
    }
}
