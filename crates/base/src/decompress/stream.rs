//! One compressed stream as a reader of its content: gzip, zstd, xz, and layers of them.

use super::meter::{Gauge, Meter, Source};
use super::{DecompressError, Format, Limits, MAGIC_BYTES};
use std::fmt;
use std::io::{self, BufReader, Cursor, Read};

/// A reader of what is inside a compressed stream; see [`decoder`].
pub struct Decoder<R: Read> {
    inner: Inner<R>,
    format: Format,
    limits: Limits,
    meter: Meter,
    // The source of this stream, and the outermost one, which the ratio is measured against.
    source: Gauge,
    outermost: Gauge,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Ended,
    Failed,
}

enum Inner<R: Read> {
    Gzip(flate2::bufread::MultiGzDecoder<BufReader<Source<R>>>),
    Zstd(zstd::stream::read::Decoder<'static, BufReader<Source<R>>>),
    Xz(Box<lzma_rust2::XzReader<BufReader<Source<R>>>>),
}

/// A reader of what is inside a compressed stream, under limits. Several members, frames or
/// streams after each other are read as one, as the formats' own tools do.
///
/// Errors of the reader are [`io::Error`]s around a [`DecompressError`], unless the source itself
/// failed; that error is passed on unchanged.
///
/// # Errors
/// [`DecompressError::Archive`] for zip; [`DecompressError::Source`] if the decoder cannot start.
pub fn decoder<R: Read>(
    format: Format,
    reader: R,
    limits: &Limits,
) -> Result<Decoder<R>, DecompressError> {
    decoder_within(format, reader, limits, None)
}

fn decoder_within<R: Read>(
    format: Format,
    reader: R,
    limits: &Limits,
    outermost: Option<Gauge>,
) -> Result<Decoder<R>, DecompressError> {
    let (source, gauge) = Source::new(reader);
    let source = BufReader::new(source);
    let inner = match format {
        Format::Gzip => Inner::Gzip(flate2::bufread::MultiGzDecoder::new(source)),
        Format::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(source)
                .map_err(DecompressError::Source)?;
            // The library takes powers of two from 2^10 to 2^31.
            let window_log = limits
                .window_bytes_max
                .checked_ilog2()
                .unwrap_or(0)
                .clamp(10, 31);
            decoder
                .window_log_max(window_log)
                .map_err(DecompressError::Source)?;
            Inner::Zstd(decoder)
        }
        Format::Xz => {
            // The limit includes the decoder's own tables, about 100 KiB.
            let memory_kib = limits.window_bytes_max.saturating_add(1 << 20) >> 10;
            let memory_kib = u32::try_from(memory_kib).unwrap_or(u32::MAX);
            Inner::Xz(Box::new(lzma_rust2::XzReader::new_mem_limit(
                source, true, memory_kib,
            )))
        }
        Format::Zip => return Err(DecompressError::Archive { format }),
    };
    Ok(Decoder {
        inner,
        format,
        limits: *limits,
        meter: Meter::new(limits),
        outermost: outermost.unwrap_or_else(|| gauge.clone()),
        source: gauge,
        state: State::Running,
    })
}

impl<R: Read> Decoder<R> {
    fn read_inner(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.inner {
            Inner::Gzip(decoder) => decoder.read(buffer),
            Inner::Zstd(decoder) => decoder.read(buffer),
            Inner::Xz(decoder) => decoder.read(buffer),
        }
    }

    fn read_checked(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_read = self.read_inner(buffer).map_err(|error| {
            if self.source.failed() {
                return error;
            }
            DecompressError::of_decoder(self.format, &self.limits, error).into_io()
        })?;
        // Nothing at all is no stream, though one of the libraries takes it for an empty one.
        if n_read == 0 && self.source.n_bytes() == 0 {
            return Err(DecompressError::Cut {
                format: self.format,
            }
            .into_io());
        }
        let counted = self.meter.count(n_read, self.outermost.n_bytes());
        counted.map_err(DecompressError::into_io)?;
        Ok(n_read)
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // An empty buffer would look like the end of the stream below.
        if buffer.is_empty() || self.state == State::Ended {
            return Ok(0);
        }
        if self.state == State::Failed {
            // Not all decoders can be asked again.
            return Err(DecompressError::Stopped.into_io());
        }
        let room = self.meter.room(buffer.len());
        let read = self.read_checked(buffer.get_mut(..room).unwrap_or_default());
        match &read {
            Ok(0) => self.state = State::Ended,
            Ok(_) => {}
            Err(_) => self.state = State::Failed,
        }
        read
    }
}

impl<R: Read> fmt::Debug for Decoder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("format", &self.format)
            .field("meter", &self.meter)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// What is left when all layers of compression are taken off.
pub struct Peeled<'reader> {
    /// The layers, from the outside in; empty if the bytes were not compressed. A zip archive is
    /// no layer.
    pub layers: Vec<Format>,
    /// What the content announces to be: nothing known, or a zip archive.
    pub format: Option<Format>,
    /// The content.
    pub reader: Box<dyn Read + 'reader>,
}

impl fmt::Debug for Peeled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peeled")
            .field("layers", &self.layers)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

/// Takes off layers of compression until the content is no compressed stream.
///
/// # Errors
/// [`DecompressError::Depth`] if there are more layers than `limits.depth_max`; any other
/// [`DecompressError`] if the first bytes of a layer cannot be read.
pub fn peel<'reader>(
    reader: impl Read + 'reader,
    limits: &Limits,
) -> Result<Peeled<'reader>, DecompressError> {
    let (source, outermost) = Source::new(reader);
    let mut reader: Box<dyn Read + 'reader> = Box::new(source);
    let mut layers = Vec::new();
    let mut limits = *limits;
    loop {
        let head = head(&mut reader)?;
        let format = Format::detect(&head);
        reader = Box::new(Cursor::new(head).chain(reader));
        match format {
            None | Some(Format::Zip) => {
                return Ok(Peeled {
                    layers,
                    format,
                    reader,
                });
            }
            Some(layer) => {
                limits = limits.nested()?;
                let within = Some(outermost.clone());
                reader = Box::new(decoder_within(layer, reader, &limits, within)?);
                layers.push(layer);
            }
        }
    }
}

fn head(reader: &mut dyn Read) -> Result<Vec<u8>, DecompressError> {
    let mut head = Vec::with_capacity(MAGIC_BYTES);
    reader
        .take(MAGIC_BYTES as u64)
        .read_to_end(&mut head)
        .map_err(DecompressError::from_io)?;
    Ok(head)
}
