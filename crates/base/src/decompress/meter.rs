//! How much came in, and how much may still come out? The counting that all formats share.

use super::{DecompressError, Limits};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A source of compressed bytes that counts them, and remembers whether it failed itself, so
/// that a broken disk is not reported as damaged data.
#[derive(Debug)]
pub(super) struct Source<R> {
    reader: R,
    gauge: Gauge,
}

/// What a [`Source`] knows, to be looked at while a decoder owns it.
#[derive(Debug, Clone, Default)]
pub(super) struct Gauge {
    n_bytes: Arc<AtomicU64>,
    failed: Arc<AtomicBool>,
}

impl Gauge {
    pub(super) fn n_bytes(&self) -> u64 {
        self.n_bytes.load(Ordering::Relaxed)
    }

    pub(super) fn failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if result.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        result
    }
}

impl<R> Source<R> {
    pub(super) fn new(reader: R) -> (Self, Gauge) {
        let gauge = Gauge::default();
        (
            Self {
                reader,
                gauge: gauge.clone(),
            },
            gauge,
        )
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Some decoders cannot go on after an interruption, so none sees one.
        let read = loop {
            match self.reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => break done,
            }
        };
        let n_read = self.gauge.note(read)?;
        self.gauge
            .n_bytes
            .fetch_add(n_read as u64, Ordering::Relaxed);
        Ok(n_read)
    }
}

impl<R: Seek> Seek for Source<R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        // A position before the start comes from damaged data, not from the source.
        match self.reader.seek(position) {
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Err(error),
            sought => self.gauge.note(sought),
        }
    }
}

/// Counts what comes out, and says when it is too much.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    limits: Limits,
    n_out: u64,
}

impl Meter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            limits: *limits,
            n_out: 0,
        }
    }

    /// How much of a buffer may be filled: one byte beyond the limit at most, to see that there
    /// is more.
    pub(super) fn room(&self, wanted: usize) -> usize {
        let room = self
            .limits
            .bytes_max
            .saturating_sub(self.n_out)
            .saturating_add(1);
        usize::try_from(room).map_or(wanted, |room| room.min(wanted))
    }

    /// Counts bytes that came out of `n_in` bytes so far.
    pub(super) fn count(&mut self, n_bytes: usize, n_in: u64) -> Result<(), DecompressError> {
        self.n_out = self.n_out.saturating_add(n_bytes as u64);
        self.check(n_in)
    }

    /// Whether the counts are within the limits.
    pub(super) fn check(&self, n_in: u64) -> Result<(), DecompressError> {
        let Limits {
            bytes_max,
            ratio_max,
            ratio_free_bytes,
            ..
        } = self.limits;
        if self.n_out > bytes_max {
            return Err(DecompressError::Bytes {
                limit_bytes: bytes_max,
            });
        }
        if self.n_out > ratio_free_bytes && self.n_out > n_in.saturating_mul(ratio_max) {
            let (input_bytes, output_bytes) = (n_in, self.n_out);
            return Err(DecompressError::Ratio {
                input_bytes,
                output_bytes,
                ratio_max,
            });
        }
        Ok(())
    }
}
