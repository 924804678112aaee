//! A named file as one or more sources: packed or not, an archive, or standard input.

use crate::error::{Error, InputError};
use casemate_base::decompress::{DecompressError, Format, Limits, peel, zip_entries};
use casemate_base::hash::{self, Algorithm, Hasher};
use casemate_ingest::{ImportError, Source};
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};

/// Most bytes of a file, before and after unpacking.
const FILE_BYTES_MAX: u64 = 64 << 30;
/// Most bytes of standard input, or of an entry of an archive: these are held in memory.
const HELD_BYTES_MAX: u64 = 1 << 30;

fn limits() -> Limits {
    Limits {
        bytes_max: FILE_BYTES_MAX,
        ..Limits::default()
    }
}

/// A file that can be read from the beginning as often as needed.
pub(crate) struct Opened {
    /// As it was named, for messages.
    pub(crate) shown: String,
    /// Without folders, for the report.
    pub(crate) name: String,
    bytes: Held,
}

enum Held {
    File(PathBuf),
    Memory(Vec<u8>),
}

impl Source for Opened {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        let raw: Box<dyn Read + '_> = match &self.bytes {
            Held::File(path) => Box::new(std::fs::File::open(path)?),
            Held::Memory(bytes) => Box::new(bytes.as_slice()),
        };
        let peeled = peel(BufReader::with_capacity(1 << 18, raw), &limits());
        peeled
            .map(|peeled| peeled.reader)
            .map_err(|error| readable(&error))
    }
}

/// A decompression error in words that name what is wrong with the file.
fn readable(error: &DecompressError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

impl Opened {
    /// BLAKE3 of the bytes as they lie there, in hex.
    pub(crate) fn digest(&self) -> Result<String, ImportError> {
        match &self.bytes {
            Held::Memory(bytes) => Ok(hash::blake3(bytes).to_hex()),
            Held::File(path) => {
                let mut file = std::fs::File::open(path).map_err(ImportError::Read)?;
                let mut hasher = Hasher::new(Algorithm::Blake3);
                let mut buffer = vec![0; 1 << 18];
                loop {
                    match file.read(&mut buffer).map_err(ImportError::Read)? {
                        0 => break,
                        n => hasher.update(buffer.get(..n).unwrap_or_default()),
                    }
                }
                Ok(casemate_base::encoding::hex_encode(&hasher.finish()))
            }
        }
    }
}

/// Bytes that were read already.
pub(super) fn in_memory(name: &str, bytes: Vec<u8>) -> Opened {
    Opened {
        shown: name.to_owned(),
        name: name.to_owned(),
        bytes: Held::Memory(bytes),
    }
}

/// Opens what is named as the one file that it is, archive or not.
pub(crate) fn whole(name: &str) -> Result<Opened, Error> {
    let wrong = |source: InputError| Error::Input {
        name: name.to_owned(),
        source,
    };
    if name == "-" {
        return Ok(Opened {
            shown: "standard input".to_owned(),
            name: "-".to_owned(),
            bytes: Held::Memory(standard_input().map_err(wrong)?),
        });
    }
    let path = Path::new(name);
    let metadata = std::fs::metadata(path).map_err(|error| wrong(InputError::Read(error)))?;
    if metadata.is_dir() {
        let error = io::Error::new(io::ErrorKind::IsADirectory, "it is a folder");
        return Err(wrong(InputError::Read(error)));
    }
    let base = path.file_name().unwrap_or(path.as_os_str());
    Ok(Opened {
        shown: name.to_owned(),
        name: base.to_string_lossy().into_owned(),
        bytes: Held::File(path.to_owned()),
    })
}

fn standard_input() -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(HELD_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(InputError::Read)?;
    if bytes.len() as u64 > HELD_BYTES_MAX {
        let reason = "standard input is read up to 1 GiB; name the file instead".to_owned();
        return Err(InputError::Unpack(reason));
    }
    Ok(bytes)
}

/// Opens what is named; an archive is all of its files.
pub(super) fn open(name: &str) -> Result<Vec<Opened>, Error> {
    let wrong = |source: InputError| Error::Input {
        name: name.to_owned(),
        source,
    };
    if name == "-" {
        let bytes = standard_input().map_err(wrong)?;
        let is_archive = Format::detect(&bytes) == Some(Format::Zip);
        if is_archive {
            return archive(name, name, Cursor::new(bytes)).map_err(wrong);
        }
        return Ok(vec![Opened {
            shown: "standard input".to_owned(),
            name: "-".to_owned(),
            bytes: Held::Memory(bytes),
        }]);
    }
    let path = Path::new(name);
    let mut file = std::fs::File::open(path).map_err(|error| wrong(InputError::Read(error)))?;
    let metadata = file
        .metadata()
        .map_err(|error| wrong(InputError::Read(error)))?;
    if metadata.is_dir() {
        let error = io::Error::new(io::ErrorKind::IsADirectory, "it is a folder");
        return Err(wrong(InputError::Read(error)));
    }
    let base = path.file_name().map_or_else(
        || name.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let mut head = Vec::new();
    (&mut file)
        .take(8)
        .read_to_end(&mut head)
        .map_err(|error| wrong(InputError::Read(error)))?;
    if Format::detect(&head) == Some(Format::Zip) {
        file.rewind()
            .map_err(|error| wrong(InputError::Read(error)))?;
        return archive(name, &base, BufReader::new(file)).map_err(wrong);
    }
    Ok(vec![Opened {
        shown: name.to_owned(),
        name: base,
        bytes: Held::File(path.to_owned()),
    }])
}

fn archive(name: &str, base: &str, reader: impl Read + Seek) -> Result<Vec<Opened>, InputError> {
    let mut out = Vec::new();
    let limits = Limits {
        bytes_max: HELD_BYTES_MAX,
        ..Limits::default()
    };
    let problems = zip_entries(reader, &limits, |entry| {
        let inner = entry.name().to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        out.push(Opened {
            shown: format!("{name}/{inner}"),
            name: format!("{base}/{inner}"),
            bytes: Held::Memory(bytes),
        });
        Ok(())
    })
    .map_err(|error| InputError::Unpack(error.to_string()))?;
    if let Some(problem) = problems.first() {
        return Err(InputError::Unpack(format!(
            "entry `{}`: {:?}",
            problem.name, problem.fault
        )));
    }
    if out.is_empty() {
        return Err(InputError::Unpack("the archive holds no file".to_owned()));
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(out)
}
