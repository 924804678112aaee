//! How much may this reader give? Every read of bytes that somebody else wrote goes through a
//! cap, so that a file that grows, a device or an endless pipe cannot fill memory.
//!
//! Invariant: no more than the limit plus one byte is ever taken from the reader, and memory
//! grows with what arrived, never with what was announced.

use crate::ErrorKind;
use std::io::{self, Read};

/// Why bytes could not be read whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// There are more bytes than allowed.
    #[error("more than {limit_bytes} bytes")]
    Exceeded {
        /// The limit.
        limit_bytes: u64,
    },
    /// The reader failed.
    #[error("could not read")]
    Io(#[source] io::Error),
}

impl LimitError {
    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Exceeded { .. } => ErrorKind::Limit,
            Self::Io(error) => ErrorKind::of_io(error),
        }
    }
}

/// The first bytes of a reader, and whether that was all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix {
    /// At most as many bytes as asked for.
    pub bytes: Vec<u8>,
    /// Whether the reader ended here.
    pub complete: bool,
}

/// Everything that the reader gives, if that is not more than `limit_bytes`.
///
/// # Errors
/// [`LimitError::Exceeded`] if there is more, [`LimitError::Io`] if the reader fails.
pub fn read_capped(reader: impl Read, limit_bytes: u64) -> Result<Vec<u8>, LimitError> {
    let prefix = read_prefix(reader, limit_bytes).map_err(LimitError::Io)?;
    if prefix.complete {
        Ok(prefix.bytes)
    } else {
        Err(LimitError::Exceeded { limit_bytes })
    }
}

/// The first `limit_bytes` bytes that the reader gives, and whether there is nothing after them.
///
/// # Errors
/// The reader's first error, except interruptions, which are tried again.
pub fn read_prefix(mut reader: impl Read, limit_bytes: u64) -> Result<Prefix, io::Error> {
    let mut bytes = Vec::new();
    reader.by_ref().take(limit_bytes).read_to_end(&mut bytes)?;
    let complete = (bytes.len() as u64) < limit_bytes || at_end(&mut reader)?;
    Ok(Prefix { bytes, complete })
}

fn at_end(reader: &mut impl Read) -> Result<bool, io::Error> {
    loop {
        match reader.read(&mut [0]) {
            Ok(n_read) => return Ok(n_read == 0),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives one byte at a time, interrupted before each, and counts what was taken.
    struct Slow<'a> {
        bytes: &'a [u8],
        taken: usize,
        interrupted: bool,
    }

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.interrupted = !self.interrupted;
            if self.interrupted {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let n_read = (&self.bytes[self.taken..]).read(&mut buffer[..1])?;
            self.taken += n_read;
            Ok(n_read)
        }
    }

    #[test]
    fn an_endless_reader_is_cut() {
        let error = read_capped(io::repeat(7), 100_000).unwrap_err();
        assert!(matches!(
            error,
            LimitError::Exceeded {
                limit_bytes: 100_000
            }
        ));
        assert_eq!(error.kind(), ErrorKind::Limit);
        let prefix = read_prefix(io::repeat(7), 3).unwrap();
        assert_eq!(
            prefix,
            Prefix {
                bytes: vec![7; 3],
                complete: false
            }
        );
    }

    #[test]
    fn a_limit_of_zero_allows_only_nothing() {
        assert_eq!(read_capped(io::empty(), 0).unwrap(), b"");
        assert!(read_capped(&b"a"[..], 0).is_err());
    }

    #[test]
    fn a_reader_error_is_kept() {
        struct Failing;
        impl Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::from_raw_os_error(13))
            }
        }
        assert_eq!(
            read_capped(Failing, 10).unwrap_err().kind(),
            ErrorKind::Denied
        );
        let error = read_capped((&b"0123456789"[..]).chain(Failing), 10).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
    }

    proptest! {
        #[test]
        fn at_most_one_byte_beyond_the_limit_is_taken(bytes: Vec<u8>, limit in 0_usize..120) {
            let mut reader = Slow { bytes: &bytes, taken: 0, interrupted: false };
            let read = read_capped(&mut reader, limit as u64);
            prop_assert!(reader.taken <= limit + 1);
            match read {
                Ok(all) => prop_assert_eq!(all, bytes),
                Err(_) => prop_assert!(bytes.len() > limit),
            }
        }
    }
}
