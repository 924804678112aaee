//! Reports as files: reading what is named, keeping what is saved.

use crate::error::{Error, InputError};
use casemate_base::decompress::{self, DecompressError, Limits};
use casemate_base::storage::{DiskStorage, Modes, RealDisk, Storage, StorePath};
use casemate_base::{bytes, hash};
use casemate_schema::Report;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Largest report that is read, before and after unpacking.
pub const REPORT_BYTES_MAX: u64 = 4 << 30;

/// Reads one report: JSON or NDJSON, plain or packed with gzip, zstd or xz; `-` is standard input.
///
/// # Errors
/// [`Error::Input`] with the name and the reason.
pub fn read(name: &str) -> Result<Report, Error> {
    let wrong = |source: InputError| Error::Input {
        name: name.to_owned(),
        source,
    };
    let raw = read_raw(name).map_err(wrong)?;
    let plain = unpack(&raw).map_err(wrong)?;
    casemate_schema::read_report(&plain).map_err(|error| wrong(error.into()))
}

/// The bytes of a file or, for `-`, of standard input, unpacked, with the name to show for it.
///
/// # Errors
/// [`Error::Input`] with the name and the reason.
pub fn read_bytes(name: &str) -> Result<(String, Vec<u8>), Error> {
    let shown = if name == "-" { "standard input" } else { name };
    let wrong = |source: InputError| Error::Input {
        name: shown.to_owned(),
        source,
    };
    let raw = read_raw(name).map_err(wrong)?;
    let plain = unpack(&raw).map_err(wrong)?;
    Ok((shown.to_owned(), plain))
}

fn read_raw(name: &str) -> Result<Vec<u8>, InputError> {
    let reader: Box<dyn Read> = if name == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        let file = std::fs::File::open(name).map_err(InputError::Read)?;
        let metadata = file.metadata().map_err(InputError::Read)?;
        if metadata.is_dir() {
            let error = std::io::Error::new(std::io::ErrorKind::IsADirectory, "it is a folder");
            return Err(InputError::Read(error));
        }
        Box::new(file)
    };
    bytes::read_capped(reader, REPORT_BYTES_MAX)
        .map_err(|error| InputError::Unpack(error.to_string()))
}

fn unpack(raw: &[u8]) -> Result<Vec<u8>, InputError> {
    let limits = Limits {
        bytes_max: REPORT_BYTES_MAX,
        ..Limits::default()
    };
    let mut peeled =
        decompress::peel(raw, &limits).map_err(|error| InputError::Unpack(error.to_string()))?;
    let mut plain = Vec::new();
    peeled.reader.read_to_end(&mut plain).map_err(|error| {
        let reason = DecompressError::of(&error).map(ToString::to_string);
        InputError::Unpack(reason.unwrap_or_else(|| error.to_string()))
    })?;
    Ok(plain)
}

/// Keeps a report under the data directory by the digest of its bytes, and returns its path.
/// Saving the same report twice keeps one file.
///
/// # Errors
/// [`Error::Write`].
pub fn save(data_dir: &Path, canonical: &[u8]) -> Result<PathBuf, Error> {
    let name = format!("{}.json", hash::blake3(canonical).to_hex());
    let folder = data_dir.join("reports");
    write(&folder, &name, canonical)?;
    Ok(folder.join(name))
}

/// Writes a file whole or not at all; the folder is created if missing.
///
/// # Errors
/// [`Error::Write`].
pub fn write(folder: &Path, name: &str, content: &[u8]) -> Result<(), Error> {
    write_with(folder, name, &mut |out| out.write_all(content))
}

/// As [`write`](fn@write), with content that is written piece by piece.
///
/// # Errors
/// [`Error::Write`].
pub fn write_with(
    folder: &Path,
    name: &str,
    fill: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Error> {
    let path = folder.join(name);
    let wrong = |source| Error::Write {
        path: path.clone(),
        source,
    };
    let disk = RealDisk::create(folder, Modes::default()).map_err(wrong)?;
    let target = StorePath::new(name).map_err(wrong)?;
    DiskStorage::new(disk)
        .write_atomic_with(&target, fill)
        .map_err(wrong)
}
