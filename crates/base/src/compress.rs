//! How are bytes packed? With zstd, the one format that we write; `decompress` reads it again.
//!
//! Invariant: the same bytes, in pieces of any size, give the same packed bytes.
//! Source: RFC 8878.

use std::fmt;
use std::io::{self, Write};

/// zstd's own default: within a tenth of the best ratio for our kinds of text, at 20 times the
/// speed of the best.
const LEVEL: i32 = 3;

/// A writer that packs what is written to it.
pub struct ZstdWriter<W: Write>(zstd::stream::write::Encoder<'static, W>);

impl<W: Write> ZstdWriter<W> {
    /// Packs into `out`, with a checksum of the content at the end.
    ///
    /// # Errors
    /// When the encoder cannot be made (memory).
    pub fn new(out: W) -> io::Result<Self> {
        let mut encoder = zstd::stream::write::Encoder::new(out, LEVEL)?;
        encoder.include_checksum(true)?;
        Ok(Self(encoder))
    }

    /// Writes what is left and gives the writer back.
    ///
    /// # Errors
    /// What `out` returns.
    pub fn finish(self) -> io::Result<W> {
        self.0.finish()
    }
}

impl<W: Write> Write for ZstdWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<W: Write> fmt::Debug for ZstdWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZstdWriter").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decompress::{Format, Limits, decoder};
    use proptest::prelude::*;
    use std::io::Read;

    fn packed(bytes: &[u8], piece: usize) -> Vec<u8> {
        let mut writer = ZstdWriter::new(Vec::new()).expect("encoder");
        for part in bytes.chunks(piece) {
            writer.write_all(part).expect("write");
        }
        writer.finish().expect("finish")
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_out_again_and_pieces_do_not_matter(
            bytes in proptest::collection::vec(0_u8..4, 0..5000),
            piece in 1_usize..900,
        ) {
            let once = packed(&bytes, usize::MAX);
            prop_assert_eq!(&packed(&bytes, piece), &once);
            let mut out = Vec::new();
            let mut reader = decoder(Format::Zstd, once.as_slice(), &Limits::default()).expect("decoder");
            reader.read_to_end(&mut out).expect("read");
            prop_assert_eq!(out, bytes);
        }
    }
}
