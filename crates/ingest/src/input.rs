//! One file to import, whatever its size and encoding.

use crate::error::ImportError;
use crate::{decode, json, xml};
use serde_json::Value;
use std::io::{self, Read};
use std::sync::OnceLock;

/// Largest file that is held whole; larger ones are read as a stream, twice.
const WHOLE_BYTES: u64 = 8 << 20;
/// Largest file of a format that can only be read whole.
const WHOLE_BYTES_MAX: u64 = 256 << 20;

/// Where the bytes of a file come from, unpacked already. It can be read again.
pub trait Source: Sync {
    /// Starts from the first byte.
    ///
    /// # Errors
    /// Whatever keeps the file from being opened.
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;
}

/// Bytes in memory as a source.
#[derive(Debug)]
pub struct Bytes<'a>(pub &'a [u8]);

impl Source for Bytes<'_> {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.0))
    }
}

/// A file to import.
pub struct Input<'a> {
    name: String,
    source: &'a dyn Source,
    /// All of the text, or only its beginning.
    text: String,
    is_whole: bool,
    parsed: OnceLock<Value>,
}

impl std::fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input")
            .field("name", &self.name)
            .field("is_whole", &self.is_whole)
            .finish_non_exhaustive()
    }
}

impl<'a> Input<'a> {
    /// Reads the beginning of a file, or all of it if it is small.
    ///
    /// # Errors
    /// [`ImportError::Read`], and [`ImportError::Encoding`] for bytes that are no text.
    pub fn new(name: &str, source: &'a dyn Source) -> Result<Self, ImportError> {
        Self::with_whole_bytes(name, source, WHOLE_BYTES)
    }

    /// As [`Input::new`], with another size from which a file is read as a stream.
    ///
    /// # Errors
    /// As there.
    pub fn with_whole_bytes(
        name: &str,
        source: &'a dyn Source,
        whole_bytes: u64,
    ) -> Result<Self, ImportError> {
        let mut head = read(source, whole_bytes + 1)?;
        let mut is_whole = head.len() as u64 <= whole_bytes;
        if !is_whole && !decode::is_utf8(&head) {
            head = read_whole(source)?;
            is_whole = true;
        }
        let text = if is_whole {
            decode::text(head)?
        } else {
            beginning(head)?
        };
        Ok(Self {
            name: name.to_owned(),
            source,
            text,
            is_whole,
            parsed: OnceLock::new(),
        })
    }

    /// The file's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, or its beginning (a few MiB) when the file is larger than that.
    pub(crate) fn head(&self) -> &str {
        &self.text
    }

    /// Whether the text is held whole.
    pub(crate) const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// All of the text.
    pub(crate) fn text(&self) -> Result<std::borrow::Cow<'_, str>, ImportError> {
        if self.is_whole {
            return Ok(self.text.as_str().into());
        }
        Ok(decode::text(read_whole(self.source)?)?.into())
    }

    /// The document as JSON (several after each other are a list of them).
    pub(crate) fn json(&self) -> Result<&Value, ImportError> {
        self.parsed(json::whole)
    }

    /// The XML document as a value (see [`crate::xml`]).
    pub(crate) fn xml(&self) -> Result<&Value, ImportError> {
        self.parsed(|text| xml::read(text.as_bytes(), None, &mut |_, _| Ok(())))
    }

    fn parsed(
        &self,
        parse: impl FnOnce(&str) -> Result<Value, ImportError>,
    ) -> Result<&Value, ImportError> {
        if let Some(value) = self.parsed.get() {
            return Ok(value);
        }
        let value = parse(&self.text()?)?;
        Ok(self.parsed.get_or_init(|| value))
    }

    /// The bytes from the first one, without a byte order mark, in UTF-8.
    pub(crate) fn reader(&self) -> Result<Box<dyn Read + '_>, ImportError> {
        if self.is_whole {
            return Ok(Box::new(self.text.as_bytes()));
        }
        let mut reader = self.source.open().map_err(ImportError::Read)?;
        let mut mark = Vec::new();
        (&mut reader)
            .take(3)
            .read_to_end(&mut mark)
            .map_err(ImportError::Read)?;
        if mark == b"\xef\xbb\xbf" {
            mark.clear();
        }
        Ok(Box::new(io::Cursor::new(mark).chain(reader)))
    }
}

fn read(source: &dyn Source, bytes_max: u64) -> Result<Vec<u8>, ImportError> {
    let mut out = Vec::new();
    let reader = source.open().map_err(ImportError::Read)?;
    reader
        .take(bytes_max)
        .read_to_end(&mut out)
        .map_err(ImportError::Read)?;
    Ok(out)
}

fn read_whole(source: &dyn Source) -> Result<Vec<u8>, ImportError> {
    let bytes = read(source, WHOLE_BYTES_MAX + 1)?;
    if bytes.len() as u64 > WHOLE_BYTES_MAX {
        return Err(ImportError::Limit {
            place: format!("byte {WHOLE_BYTES_MAX}"),
            reason: "a file of this format or encoding is read whole, up to 256 MiB".to_owned(),
        });
    }
    Ok(bytes)
}

/// The beginning of a text, up to the last whole character.
fn beginning(mut head: Vec<u8>) -> Result<String, ImportError> {
    if let Err(error) = std::str::from_utf8(&head)
        && error.error_len().is_none()
    {
        head.truncate(error.valid_up_to());
    }
    decode::text(head)
}
