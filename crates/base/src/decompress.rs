//! What is inside these compressed bytes, and is it safe to look? Streaming decompression of
//! gzip, zstd, xz and zip under limits, so that a small hostile file cannot fill memory, disk or
//! time.
//!
//! Invariants:
//! - not one byte beyond a limit is handed out, and memory stays at the decoder's window;
//! - the ratio is measured against the bytes of the outermost source, so that layers do not
//!   multiply it and zip entries that share bytes do not hide it;
//! - a stream that is cut, damaged or followed by other bytes ends in an error, never in a
//!   shorter success; what came before the error is right as far as its checksums reach;
//! - once failed, a reader stays failed.
//!
//! Source: RFC 1952 (gzip), RFC 8878 (zstd), the .xz file format 1.2, APPNOTE 6.3 (zip); D.
//! Fifield, "A better zip bomb" (WOOT 2019); R. Cox, "Zip Files All The Way Down" (2010).

mod archive;
mod meter;
mod stream;

pub use archive::{EntryFault, EntryProblem, ZipEntry, zip_entries};
pub use stream::{Decoder, Peeled, decoder, peel};

use crate::ErrorKind;
use std::fmt;
use std::io;

/// Bytes that [`Format::detect`] needs to see.
pub const MAGIC_BYTES: usize = 6;

/// A compressed format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// gzip, also of several members.
    Gzip,
    /// zstd, also of several and of skippable frames.
    Zstd,
    /// xz, also of several streams.
    Xz,
    /// A zip archive; its entries are read with [`zip_entries`].
    Zip,
}

impl Format {
    /// The format that these first bytes announce, if any.
    pub fn detect(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1f, 0x8b, 0x08, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Self::Zip),
            _ => None,
        }
    }

    /// The name of the format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Zip => "zip",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How much may come out. Every value is allowed; 0 allows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes out, over all entries of an archive; default 4 GiB.
    pub bytes_max: u64,
    /// Most bytes out for each byte in; default 200. Logs reach 30, deflate can reach 1032.
    pub ratio_max: u64,
    /// Bytes out before the ratio counts, since tiny files of zeros are harmless; default 1 MiB.
    pub ratio_free_bytes: u64,
    /// Most entries of a zip archive, directories included; default 10,000.
    pub entries_max: u64,
    /// Most layers around each other; default 4.
    pub depth_max: u32,
    /// Largest window of a decoder, which is its memory; default 128 MiB, what `zstd` and `xz -9`
    /// files need at most without special options.
    pub window_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_max: 4 << 30,
            ratio_max: 200,
            ratio_free_bytes: 1 << 20,
            entries_max: 10_000,
            depth_max: 4,
            window_bytes_max: 128 << 20,
        }
    }
}

impl Limits {
    /// The limits for what lies inside of something opened under these.
    ///
    /// # Errors
    /// [`DecompressError::Depth`] if there may be nothing inside.
    pub fn nested(&self) -> Result<Self, DecompressError> {
        match self.depth_max.checked_sub(1) {
            Some(depth_max) => Ok(Self { depth_max, ..*self }),
            None => Err(DecompressError::Depth),
        }
    }
}

/// Why decompression stopped. From a reader it comes inside of an [`io::Error`];
/// [`DecompressError::of`] finds it there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecompressError {
    /// More bytes come out than allowed.
    #[error("more than {limit_bytes} bytes come out")]
    Bytes {
        /// The limit.
        limit_bytes: u64,
    },
    /// More bytes come out for each byte in than allowed.
    #[error("{output_bytes} bytes come out of {input_bytes}, more than {ratio_max} for each")]
    Ratio {
        /// Bytes read from the source.
        input_bytes: u64,
        /// Bytes that came out, including those refused.
        output_bytes: u64,
        /// The limit.
        ratio_max: u64,
    },
    /// The archive has more entries than allowed.
    #[error("the archive has {entries} entries, more than {entries_max}")]
    Entries {
        /// Entries announced.
        entries: u64,
        /// The limit.
        entries_max: u64,
    },
    /// There are more layers around each other than allowed.
    #[error("too many layers of compression")]
    Depth,
    /// The decoder would need more memory than allowed.
    #[error("{format} data need a window of more than {window_bytes_max} bytes")]
    Window {
        /// The format.
        format: Format,
        /// The limit.
        window_bytes_max: u64,
    },
    /// The data end too early.
    #[error("{format} data end too early")]
    Cut {
        /// The format.
        format: Format,
    },
    /// The data are damaged, or something else follows them.
    #[error("{format} data are damaged")]
    Damaged {
        /// The format.
        format: Format,
        /// The decoder's words.
        #[source]
        source: io::Error,
    },
    /// An archive is not one stream of bytes.
    #[error("{format} is an archive, not a stream")]
    Archive {
        /// The format.
        format: Format,
    },
    /// The reader was used again after it had failed.
    #[error("read on after a failure")]
    Stopped,
    /// The source of the compressed bytes failed.
    #[error("could not read the compressed bytes")]
    Source(#[source] io::Error),
}

impl DecompressError {
    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Bytes { .. }
            | Self::Ratio { .. }
            | Self::Entries { .. }
            | Self::Depth
            | Self::Window { .. } => ErrorKind::Limit,
            Self::Cut { .. } | Self::Damaged { .. } => ErrorKind::Corrupt,
            Self::Archive { .. } => ErrorKind::Input,
            Self::Stopped => ErrorKind::Bug,
            Self::Source(error) => ErrorKind::of_io(error),
        }
    }

    /// The error of decompression inside of a reader's error, if that is what it is.
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    fn from_io(error: io::Error) -> Self {
        error.downcast().unwrap_or_else(Self::Source)
    }

    /// As a reader's error, of a kind that [`ErrorKind::of_io`] reads back.
    fn into_io(self) -> io::Error {
        let kind = match (&self, self.kind()) {
            (Self::Cut { .. }, _) => io::ErrorKind::UnexpectedEof,
            (_, ErrorKind::Limit) => io::ErrorKind::FileTooLarge,
            (_, ErrorKind::Corrupt) => io::ErrorKind::InvalidData,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, self)
    }

    /// What a decoder's own error means.
    fn of_decoder(format: Format, limits: &Limits, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Cut { format },
            io::ErrorKind::OutOfMemory => Self::Window {
                format,
                window_bytes_max: limits.window_bytes_max,
            },
            _ if error.to_string() == ZSTD_WINDOW_TOO_LARGE => Self::Window {
                format,
                window_bytes_max: limits.window_bytes_max,
            },
            _ => Self::Damaged {
                format,
                source: error,
            },
        }
    }
}

/// The library gives its error codes as text alone; a test holds this one.
const ZSTD_WINDOW_TOO_LARGE: &str = "Frame requires too much memory for decoding";

#[cfg(test)]
mod archive_tests;
#[cfg(test)]
mod tests;
