//! Is this record whole? A frame around bytes that says what they are, how many, and carries a
//! checksum over all of it, so that a torn, cut or exchanged record is noticed before it is read.
//!
//! Invariant: [`unframe`] returns exactly the payload that [`frame`] received, or an error; no
//! prefix, mixture or bit flip of a frame is accepted (BLAKE3, 256 bits).
//!
//! ```text
//! offset  bytes  content
//!      0      4  magic "RFM1"
//!      4      4  kind, chosen by the owner of the format
//!      8      2  version of the payload, little endian
//!     10      2  zero
//!     12      8  length of the payload in bytes, little endian
//!     20     32  BLAKE3 over bytes 0 to 19 and the payload
//!     52         payload; after it the next frame may follow
//! ```
//! The page for readers is docs/formats/record-frame.md.

use crate::ErrorKind;

const MAGIC: &[u8; 4] = b"RFM1";
const LENGTH_OFFSET: usize = 12;
const CHECKSUM_OFFSET: usize = 20;
const CHECKSUM_BYTES: usize = 32;
/// Bytes before the payload.
pub const FRAME_HEADER_BYTES: usize = CHECKSUM_OFFSET + CHECKSUM_BYTES;

const _: () = assert!(LENGTH_OFFSET + size_of::<u64>() == CHECKSUM_OFFSET);
const _: () = assert!(FRAME_HEADER_BYTES == 52);

/// A checked record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'bytes> {
    /// The version that the writer gave.
    pub version: u16,
    /// The payload.
    pub payload: &'bytes [u8],
    /// What follows the frame.
    pub rest: &'bytes [u8],
}

/// Why bytes are no whole record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The bytes end before the record does.
    #[error("record of {expected_bytes} bytes is cut after {found_bytes}")]
    Cut {
        /// Length of header and payload; of the header alone where that is incomplete.
        expected_bytes: u64,
        /// Bytes present.
        found_bytes: u64,
    },
    /// The bytes do not begin as a record does.
    #[error("not a record")]
    Magic,
    /// It is a record of another kind.
    #[error("record of kind {found:?} instead of {expected:?}")]
    Kind {
        /// The kind asked for.
        expected: [u8; 4],
        /// The kind found.
        found: [u8; 4],
    },
    /// The bytes are not those that were written.
    #[error("checksum of the record does not match")]
    Checksum,
}

impl FrameError {
    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Kind { .. } => ErrorKind::Input,
            _ => ErrorKind::Corrupt,
        }
    }
}

/// The payload with its frame.
pub fn frame(kind: [u8; 4], version: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(FRAME_HEADER_BYTES + payload.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&kind);
    bytes.extend_from_slice(&version.to_le_bytes());
    bytes.extend_from_slice(&[0, 0]);
    bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    let checksum = checksum(&bytes, payload);
    bytes.extend_from_slice(&checksum);
    bytes.extend_from_slice(payload);
    bytes
}

/// The first record of these bytes.
///
/// # Errors
/// [`FrameError`] if they are anything but a whole record of this kind.
pub fn unframe(kind: [u8; 4], bytes: &[u8]) -> Result<Frame<'_>, FrameError> {
    let found_bytes = bytes.len() as u64;
    if !bytes.starts_with(MAGIC) && bytes.len() >= MAGIC.len() {
        return Err(FrameError::Magic);
    }
    let cut = |expected_bytes| FrameError::Cut {
        expected_bytes,
        found_bytes,
    };
    let header_cut = || cut(FRAME_HEADER_BYTES as u64);
    let (fields, rest) = bytes
        .split_at_checked(CHECKSUM_OFFSET)
        .ok_or_else(header_cut)?;
    let (expected, rest) = rest
        .split_first_chunk::<CHECKSUM_BYTES>()
        .ok_or_else(header_cut)?;
    let length = u64::from_le_bytes(array(fields, LENGTH_OFFSET));
    let (payload, rest) = usize::try_from(length)
        .ok()
        .and_then(|length| rest.split_at_checked(length))
        .ok_or_else(|| cut(length.saturating_add(FRAME_HEADER_BYTES as u64)))?;
    if *expected != checksum(fields, payload) {
        return Err(FrameError::Checksum);
    }
    let found = array(fields, 4);
    if found != kind {
        return Err(FrameError::Kind {
            expected: kind,
            found,
        });
    }
    Ok(Frame {
        version: u16::from_le_bytes(array(fields, 8)),
        payload,
        rest,
    })
}

fn checksum(fields: &[u8], payload: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(fields).update(payload);
    *hasher.finalize().as_bytes()
}

/// `N` bytes at this offset of the fixed part, which holds them.
fn array<const N: usize>(fields: &[u8], offset: usize) -> [u8; N] {
    fields
        .get(offset..)
        .and_then(|rest| rest.first_chunk())
        .copied()
        .unwrap_or([0; N])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::hex_encode;
    use proptest::prelude::*;

    const KIND: [u8; 4] = *b"test";

    #[test]
    fn layout_is_the_documented_one() {
        let bytes = frame(KIND, 0x0102, b"abc");
        assert_eq!(bytes.len(), FRAME_HEADER_BYTES + 3);
        assert_eq!(
            hex_encode(&bytes[..20]),
            "52464d31746573740201000003000000000000\
00"
            .replace(['\n', ' '], "")
        );
        assert_eq!(&bytes[52..], b"abc");
        let mut checked = bytes[..20].to_vec();
        checked.extend_from_slice(b"abc");
        assert_eq!(bytes[20..52], *blake3::hash(&checked).as_bytes());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let bytes = frame(KIND, 1, b"abc");
        assert_eq!(
            unframe(*b"else", &bytes).unwrap_err(),
            FrameError::Kind {
                expected: *b"else",
                found: KIND
            }
        );
        assert_eq!(
            unframe(KIND, b"").unwrap_err(),
            FrameError::Cut {
                expected_bytes: 52,
                found_bytes: 0
            }
        );
        assert_eq!(
            unframe(KIND, &bytes[..54]).unwrap_err(),
            FrameError::Cut {
                expected_bytes: 55,
                found_bytes: 54
            }
        );
        assert_eq!(unframe(KIND, b"XXXXYYYY").unwrap_err(), FrameError::Magic);
        let mut huge = bytes;
        huge[12..20].fill(0xff);
        assert_eq!(
            unframe(KIND, &huge).unwrap_err(),
            FrameError::Cut {
                expected_bytes: u64::MAX,
                found_bytes: 55
            }
        );
    }

    proptest! {
        #[test]
        fn records_follow_each_other(first: Vec<u8>, second: Vec<u8>, version: u16) {
            let mut bytes = frame(KIND, version, &first);
            bytes.extend(frame(KIND, 7, &second));
            let read = unframe(KIND, &bytes).unwrap();
            prop_assert_eq!((read.version, read.payload), (version, &first[..]));
            let read = unframe(KIND, read.rest).unwrap();
            prop_assert_eq!((read.version, read.payload, read.rest), (7, &second[..], &[][..]));
        }

        #[test]
        fn every_changed_bit_and_every_prefix_is_noticed(payload in prop::collection::vec(any::<u8>(), 0..40)) {
            let bytes = frame(KIND, 1, &payload);
            for bit in 0..bytes.len() * 8 {
                let mut changed = bytes.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                prop_assert!(unframe(KIND, &changed).is_err(), "bit {}", bit);
            }
            for length in 0..bytes.len() {
                prop_assert!(unframe(KIND, &bytes[..length]).is_err(), "length {}", length);
            }
        }

        #[test]
        fn any_bytes_are_a_record_or_an_error(bytes: Vec<u8>) {
            prop_assert!(unframe(KIND, &bytes).is_err());
        }
    }
}
