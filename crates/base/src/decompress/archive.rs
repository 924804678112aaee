//! The entries of a zip archive, one after the other, as named readers.
//!
//! Invariants: the directory of the archive is walked, not loaded; an entry whose name could
//! leave a directory, that is a link, or that cannot be read is skipped and reported; bytes out
//! are counted over all entries against the length of the archive, so entries that share their
//! compressed bytes gain nothing.

use super::meter::{Gauge, Meter, Source};
use super::{DecompressError, Format, Limits};
use crate::text::printable;
use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use zip::CompressionMethod;
use zip::read::{Config, ZipFileEntry};
use zip::result::ZipError;
// The stable reader loads the whole directory first, before its entries could be counted.
use zip::unstable::read::ZipIterable;

/// Longest accepted name; what the storage takes too.
const NAME_BYTES_MAX: usize = 1024;
/// Longest part of a rejected name in a report.
const NAME_SHOWN_CHARS: usize = 200;
/// The bits of a unix mode that say what an entry is, and their value for files and directories.
const TYPE_MASK: u32 = 0o170_000;
const TYPE_FILE: u32 = 0o100_000;
const TYPE_DIRECTORY: u32 = 0o040_000;

/// Why an entry was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryFault {
    /// The name is empty or longer than 1024 bytes.
    NameLength,
    /// The name begins at a root or a drive.
    Absolute,
    /// The name has a part `.` or `..`, or an empty one.
    Parent,
    /// The name holds a NUL byte.
    Nul,
    /// The name holds a backslash, which is a separator elsewhere.
    Backslash,
    /// The entry is a symbolic link.
    Symlink,
    /// The entry is a device, a pipe or a socket.
    Special,
    /// The entry is encrypted.
    Encrypted,
    /// The entry is compressed by a method that is not read here.
    Method {
        /// The method.
        name: String,
    },
    /// The entry's own header is damaged.
    Header {
        /// What is wrong.
        detail: String,
    },
}

impl fmt::Display for EntryFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameLength => f.write_str("the name is empty or longer than 1024 bytes"),
            Self::Absolute => f.write_str("the name is absolute"),
            Self::Parent => f.write_str("the name holds `.`, `..` or an empty part"),
            Self::Nul => f.write_str("the name holds a NUL byte"),
            Self::Backslash => f.write_str("the name holds a backslash"),
            Self::Symlink => f.write_str("it is a symbolic link"),
            Self::Special => f.write_str("it is neither file nor directory"),
            Self::Encrypted => f.write_str("it is encrypted"),
            Self::Method { name } => write!(f, "compression `{name}` is not read"),
            Self::Header { detail } => write!(f, "its header is damaged: {detail}"),
        }
    }
}

/// An entry that was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryProblem {
    /// The position in the archive, from 0.
    pub entry_idx: u64,
    /// The beginning of the name, made printable.
    pub name: String,
    /// Why.
    pub fault: EntryFault,
}

/// A file in a zip archive: its name and a reader of its content.
pub struct ZipEntry<'archive> {
    name: String,
    size_declared: u64,
    content: &'archive mut dyn Read,
    totals: &'archive mut Totals,
}

/// What is counted over all entries.
#[derive(Debug)]
struct Totals {
    meter: Meter,
    archive_bytes: u64,
    source: Gauge,
}

impl ZipEntry<'_> {
    /// The name: relative, without `..`, parts separated by `/`. Use it for looking up and for
    /// messages (made printable); nothing says that it is unique.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The length that the archive claims; what the reader gives is what counts.
    pub fn size_declared(&self) -> u64 {
        self.size_declared
    }
}

impl Read for ZipEntry<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let totals = &mut *self.totals;
        totals
            .meter
            .check(totals.archive_bytes)
            .map_err(DecompressError::into_io)?;
        let room = totals.meter.room(buffer.len());
        let n_read = self
            .content
            .read(buffer.get_mut(..room).unwrap_or_default());
        let n_read = n_read.map_err(|error| {
            if totals.source.failed() {
                error
            } else {
                damaged(error).into_io()
            }
        })?;
        totals
            .meter
            .count(n_read, totals.archive_bytes)
            .map_err(DecompressError::into_io)?;
        Ok(n_read)
    }
}

impl fmt::Debug for ZipEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZipEntry")
            .field("name", &self.name)
            .field("size_declared", &self.size_declared)
            .finish_non_exhaustive()
    }
}

/// Calls `visit` for every file of an archive, in the order of its directory, and returns the
/// entries that were skipped. Directories are not visited.
///
/// What `visit` leaves unread is not decompressed. If it returns an error, that ends the walk; a
/// limit that was reached ends it too, also if `visit` swallowed the error.
///
/// # Errors
/// [`DecompressError`]; errors of `visit` that are none come as [`DecompressError::Source`].
pub fn zip_entries<R: Read + Seek>(
    mut reader: R,
    limits: &Limits,
    mut visit: impl FnMut(&mut ZipEntry<'_>) -> io::Result<()>,
) -> Result<Vec<EntryProblem>, DecompressError> {
    let archive_bytes = reader
        .seek(SeekFrom::End(0))
        .map_err(DecompressError::Source)?;
    let (source, gauge) = Source::new(reader);
    let failed = |error| zip_error(error, &gauge);
    let mut archive = ZipIterable::try_new(source, Config::default()).map_err(failed)?;
    let (entries, entries_max) = (archive.len() as u64, limits.entries_max);
    if entries > entries_max {
        return Err(DecompressError::Entries {
            entries,
            entries_max,
        });
    }
    let meter = Meter::new(limits);
    let mut totals = Totals {
        meter,
        archive_bytes,
        source: gauge.clone(),
    };
    let mut problems = Vec::new();
    let files = archive.files().map_err(failed)?;
    for entry_idx in 0.. {
        let Some(entry) = files.next() else { break };
        let entry = entry.map_err(failed)?;
        let raw_name = entry.name_raw().to_vec();
        let problem = |fault| EntryProblem {
            entry_idx,
            name: shown(&raw_name),
            fault,
        };
        let name = match checked(&entry) {
            Ok(Some(name)) => name,
            Ok(None) => continue,
            Err(fault) => {
                problems.push(problem(fault));
                continue;
            }
        };
        let size_declared = entry.size();
        match entry.with_reader(files.reader_mut(), zip::ZipReadOptions::default()) {
            Err(error) if gauge.failed() => return Err(failed(error)),
            Err(error) => problems.push(problem(EntryFault::Header {
                detail: error.to_string(),
            })),
            Ok(mut file) => {
                let (content, totals) = (&mut file, &mut totals);
                visit(&mut ZipEntry {
                    name,
                    size_declared,
                    content,
                    totals,
                })
                .map_err(DecompressError::from_io)?;
            }
        }
        totals.meter.check(archive_bytes)?;
    }
    Ok(problems)
}

/// The name of an entry that may be visited, `None` for a directory.
fn checked(entry: &ZipFileEntry<'_>) -> Result<Option<String>, EntryFault> {
    let header = |error: ZipError| EntryFault::Header {
        detail: error.to_string(),
    };
    let name = entry.name().map_err(header)?.into_owned();
    if entry.is_symlink() {
        return Err(EntryFault::Symlink);
    }
    if !matches!(
        entry.unix_mode().unwrap_or(0) & TYPE_MASK,
        0 | TYPE_FILE | TYPE_DIRECTORY
    ) {
        return Err(EntryFault::Special);
    }
    if let Some(fault) = name_fault(name.strip_suffix('/').unwrap_or(&name)) {
        return Err(fault);
    }
    if entry.is_dir() {
        return Ok(None);
    }
    if entry.encrypted() {
        return Err(EntryFault::Encrypted);
    }
    match entry.compression() {
        CompressionMethod::Stored | CompressionMethod::Deflated => Ok(Some(name)),
        other => Err(EntryFault::Method {
            name: format!("{other:?}"),
        }),
    }
}

fn name_fault(name: &str) -> Option<EntryFault> {
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Some(EntryFault::NameLength);
    }
    if name.contains('\0') {
        return Some(EntryFault::Nul);
    }
    if name.contains('\\') {
        return Some(EntryFault::Backslash);
    }
    let drive = matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if drive || name.starts_with('/') {
        return Some(EntryFault::Absolute);
    }
    let plain = name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if plain {
        None
    } else {
        Some(EntryFault::Parent)
    }
}

fn shown(raw_name: &[u8]) -> String {
    let name: String = crate::text::lossy_path(raw_name)
        .0
        .chars()
        .take(NAME_SHOWN_CHARS)
        .collect();
    printable(&name).into_owned()
}

fn zip_error(error: ZipError, source: &Gauge) -> DecompressError {
    let error = match error {
        ZipError::Io(error) => error,
        other => io::Error::from(other),
    };
    if source.failed() {
        DecompressError::Source(error)
    } else {
        damaged(error)
    }
}

fn damaged(error: io::Error) -> DecompressError {
    DecompressError::of_decoder(Format::Zip, &Limits::default(), error)
}
