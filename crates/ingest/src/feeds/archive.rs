//! Files of feeds inside of archives: OSV's `all.zip`, Red Hat's and Ubuntu's tar files.
//!
//! Each file is unpacked into memory and read alone; its records are handed on when it was read to
//! its end, so that a damaged one leaves nothing behind.
//!
//! Source: POSIX pax and ustar (IEEE Std 1003.1), with GNU's long names.

use super::out::Out;
use crate::error::ImportError;
use crate::input::{Bytes, Source};
use casemate_base::decompress::{DecompressError, Format, Limits, peel, zip_entries};
use std::io::{self, Cursor, Read};

/// Largest zip archive: its directory is at its end, so it is held in memory.
const ZIP_BYTES_MAX: u64 = 1 << 30;
/// Largest file in an archive.
const ENTRY_BYTES_MAX: u64 = 256 << 20;
/// Bytes of a block of a tar archive.
const BLOCK: usize = 512;
/// Longest name in a tar archive.
const NAME_BYTES_MAX: u64 = 64 << 10;

/// Npm alone has more than 200,000 advisories, one a file; Red Hat's VEX unpacks to some 40 GB.
fn limits() -> Limits {
    Limits {
        bytes_max: 64 << 30,
        entries_max: 2_000_000,
        ..Limits::default()
    }
}

/// A source without its layers of compression.
struct Unpacked<'a>(&'a dyn Source);

impl Source for Unpacked<'_> {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        let peeled = peel(self.0.open()?, &limits()).map_err(unpack_io)?;
        Ok(peeled.reader)
    }
}

fn unpack_io(error: DecompressError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// The reader of a source, with what is damaged about its compression as a fact about the file.
fn open<'a>(source: &'a Unpacked<'_>) -> Result<Box<dyn Read + 'a>, ImportError> {
    source.open().map_err(of_io)
}

fn of_io(error: io::Error) -> ImportError {
    match DecompressError::of(&error) {
        Some(inner) => ImportError::damaged("the compressed data", inner.to_string()),
        None => ImportError::Read(error),
    }
}

/// Reads a file, or those of an archive.
pub(crate) fn read(
    name: &str,
    source: &dyn Source,
    depth: u32,
    out: &mut Out<'_>,
) -> Result<(), ImportError> {
    let source = Unpacked(source);
    let mut head = Vec::new();
    open(&source)?
        .take(BLOCK as u64)
        .read_to_end(&mut head)
        .map_err(of_io)?;
    let is_zip = Format::detect(&head) == Some(Format::Zip);
    if !is_zip && !is_tar(&head) {
        return super::file(name, &source, out).map_err(|error| match error {
            ImportError::Read(error) => of_io(error),
            other => other,
        });
    }
    let Some(depth) = depth.checked_sub(1) else {
        return Err(ImportError::Limit {
            place: name.to_owned(),
            reason: "an archive in an archive in an archive".to_owned(),
        });
    };
    if is_zip {
        zip(&source, depth, out)?;
    } else {
        tar(open(&source)?, depth, out)?;
    }
    if out.n_files() == 0 {
        return Err(ImportError::NoFeed {
            reason: format!("the archive `{name}` holds no file of a feed"),
        });
    }
    Ok(())
}

/// Reads one file of an archive.
fn entry(name: &str, bytes: &[u8], depth: u32, out: &mut Out<'_>) {
    let mut records = Vec::new();
    let mut push = |record| records.push(record);
    let mut inner = Out::new(name, &mut push);
    let done = read(name, &Bytes(bytes), depth, &mut inner);
    let read = inner.finish();
    match done {
        Ok(()) => out.absorb(name, read, records),
        Err(error) => out.reject(name, error.to_string()),
    }
}

fn too_large(name: &str) -> ImportError {
    ImportError::Limit {
        place: name.to_owned(),
        reason: "a file in an archive has at most 256 MiB".to_owned(),
    }
}

fn zip(source: &Unpacked<'_>, depth: u32, out: &mut Out<'_>) -> Result<(), ImportError> {
    let mut bytes = Vec::new();
    let mut reader = open(source)?.take(ZIP_BYTES_MAX + 1);
    reader.read_to_end(&mut bytes).map_err(of_io)?;
    if bytes.len() as u64 > ZIP_BYTES_MAX {
        return Err(ImportError::Limit {
            place: format!("byte {ZIP_BYTES_MAX}"),
            reason: "a zip archive of a feed has at most 1 GiB".to_owned(),
        });
    }
    let damaged =
        |error: DecompressError| ImportError::damaged("the zip archive", error.to_string());
    let problems = zip_entries(Cursor::new(&bytes), &limits(), |file| {
        let name = file.name().to_owned();
        let mut content = Vec::new();
        file.take(ENTRY_BYTES_MAX + 1).read_to_end(&mut content)?;
        if content.len() as u64 > ENTRY_BYTES_MAX {
            out.reject(&name, too_large(&name).to_string());
        } else {
            entry(&name, &content, depth, out);
        }
        Ok(())
    })
    .map_err(damaged)?;
    for problem in problems {
        out.reject(&problem.name, problem.fault.to_string());
    }
    Ok(())
}

/// Whether these bytes are the first block of a tar archive: its magic and its checksum.
fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar") && checksum_fits(head)
}

fn checksum_fits(block: &[u8]) -> bool {
    let sum: u64 = block
        .iter()
        .enumerate()
        .map(|(at, byte)| match at {
            148..156 => u64::from(b' '),
            _ => u64::from(*byte),
        })
        .sum();
    octal(block.get(148..156).unwrap_or_default()) == Some(sum)
}

/// A number in octal digits, or in base 256 with the highest bit set.
fn octal(field: &[u8]) -> Option<u64> {
    if field.first().is_some_and(|first| *first >= 0x80) {
        let tail = field.last_chunk::<8>()?;
        let before = field.get(1..field.len() - 8)?;
        return before
            .iter()
            .all(|byte| *byte == 0)
            .then(|| u64::from_be_bytes(*tail));
    }
    let text = std::str::from_utf8(field).ok()?;
    let digits = text.trim_matches(|c| c == ' ' || c == '\0');
    if digits.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(digits, 8).ok()
}

fn tar(mut reader: Box<dyn Read + '_>, depth: u32, out: &mut Out<'_>) -> Result<(), ImportError> {
    let mut offset: u64 = 0;
    let mut long_name: Option<String> = None;
    loop {
        let mut block = [0; BLOCK];
        let n_read = fill(&mut reader, &mut block)?;
        let place = format!("byte {offset}");
        offset += n_read as u64;
        // Two blocks of zeros end an archive; some writers leave them away.
        if n_read == 0 || block.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        if n_read < BLOCK || !checksum_fits(&block) {
            return Err(ImportError::damaged(place, "the tar header is damaged"));
        }
        let size = octal(block.get(124..136).unwrap_or_default())
            .ok_or_else(|| ImportError::damaged(&place, "the tar header has no size"))?;
        let kind = block.get(156).copied().unwrap_or_default();
        let is_name = matches!(kind, b'L' | b'x');
        let is_file = matches!(kind, b'0' | 0);
        let name = long_name.take().unwrap_or_else(|| header_name(&block));
        let bytes_max = match (is_file, is_name) {
            (true, _) => ENTRY_BYTES_MAX,
            (_, true) => NAME_BYTES_MAX,
            _ => 0,
        };
        let content = take(&mut reader, size, bytes_max)?;
        offset += size.next_multiple_of(BLOCK as u64);
        match content {
            Some(content) if kind == b'L' => long_name = Some(c_text(&content)),
            Some(content) if kind == b'x' => long_name = pax_path(&content),
            Some(content) if is_file => entry(&name, &content, depth, out),
            None if is_file => out.reject(&name, too_large(&name).to_string()),
            // Folders, links and devices hold no records.
            _ => {}
        }
    }
}

/// The content of an entry, `None` when it is larger than allowed; passes over its padding.
fn take(
    reader: &mut Box<dyn Read + '_>,
    size: u64,
    bytes_max: u64,
) -> Result<Option<Vec<u8>>, ImportError> {
    let cut = || ImportError::damaged("the tar archive", "it ends too early");
    let mut content = Vec::new();
    let mut padded = size
        .checked_next_multiple_of(BLOCK as u64)
        .ok_or_else(cut)?;
    if size <= bytes_max {
        let n_read = reader.take(size).read_to_end(&mut content).map_err(of_io)?;
        padded -= size;
        if n_read as u64 != size {
            return Err(cut());
        }
    }
    let n_passed = io::copy(&mut reader.take(padded), &mut io::sink()).map_err(of_io)?;
    if n_passed != padded {
        return Err(cut());
    }
    Ok((size <= bytes_max).then_some(content))
}

fn fill(reader: &mut dyn Read, block: &mut [u8]) -> Result<usize, ImportError> {
    let mut n_read = 0;
    while let Some(rest) = block.get_mut(n_read..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(n) => n_read += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(of_io(error)),
        }
    }
    Ok(n_read)
}

fn header_name(block: &[u8]) -> String {
    let name = c_text(block.get(..100).unwrap_or_default());
    let prefix = c_text(block.get(345..500).unwrap_or_default());
    // GNU's old format has times where ustar has the prefix.
    let is_ustar = block.get(257..263) == Some(b"ustar\0");
    if is_ustar && !prefix.is_empty() {
        format!("{prefix}/{name}")
    } else {
        name
    }
}

fn c_text(bytes: &[u8]) -> String {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

/// The path among the extended records `LENGTH KEY=VALUE\n`.
fn pax_path(content: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(content);
    let found = text.lines().find_map(|line| {
        let (_, record) = line.split_once(' ')?;
        record.strip_prefix("path=")
    });
    found.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_headers() {
        assert_eq!(octal(b"0000644\0"), Some(0o644));
        assert_eq!(octal(b"\x80\0\0\0\0\0\0\0\0\0\x10\0"), Some(4096));
        assert_eq!(octal(b"12x"), None);
        assert_eq!(
            pax_path(b"20 path=a/b c.json\n").as_deref(),
            Some("a/b c.json")
        );
    }
}
