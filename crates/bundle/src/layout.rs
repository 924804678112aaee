//! The head of a pack file: fixed bytes, the signer's key, the signature.
//!
//! ```text
//! offset  bytes  content (numbers little endian)
//!      0      8  magic `CASEPACK`
//!      8      2  layout, 1
//!     10      2  zero
//!     12      4  length of the manifest
//!     16     32  public key of the signer
//!     48     64  signature over PURPOSE, bytes 0 to 47 and the manifest
//!    112      n  manifest, canonical JSON
//!  112+n         sections, one after the other, in the manifest's order; nothing after the last
//! ```
//! The manifest holds each section's length and BLAKE3 digest, so the signature covers every byte.

use crate::PackError;

/// First bytes of a pack file.
pub const MAGIC: [u8; 8] = *b"CASEPACK";
/// Largest manifest in bytes: some 50,000 sources.
pub const MANIFEST_BYTES_MAX: u32 = 16 << 20;
/// Most sections.
pub const SECTIONS_MAX: usize = 50_000;

pub(crate) const LAYOUT: u16 = 1;
pub(crate) const HEAD_BYTES: usize = 112;
const SIGNED_BYTES: usize = 48;
/// Signed in front of everything, so that no signature of ours for another purpose fits a pack.
const PURPOSE: &[u8] = b"casemate pack, layout 1\0";

/// Whether a file that begins like this is a pack.
#[must_use]
pub fn is_pack(first: &[u8]) -> bool {
    first.starts_with(&MAGIC)
}

/// The head, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) manifest_bytes: u32,
    pub(crate) key: [u8; 32],
    pub(crate) signature: [u8; 64],
}

impl Head {
    /// Takes the first bytes apart; they may be fewer than a head.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, PackError> {
        let known = bytes.len().min(MAGIC.len());
        if bytes.get(..known) != MAGIC.get(..known) {
            return Err(PackError::NotAPack);
        }
        let Some(head) = bytes.first_chunk::<HEAD_BYTES>() else {
            return Err(PackError::Truncated {
                found: bytes.len() as u64,
                expected: HEAD_BYTES as u64,
            });
        };
        let layout = u16::from_le_bytes(field(head, 8));
        if layout != LAYOUT {
            return Err(PackError::Layout {
                found: layout,
                known: LAYOUT,
            });
        }
        if field::<2>(head, 10) != [0; 2] {
            return Err(PackError::Signature);
        }
        let manifest_bytes = u32::from_le_bytes(field(head, 12));
        if manifest_bytes > MANIFEST_BYTES_MAX {
            return Err(PackError::Limit {
                what: "the manifest in bytes",
                limit: u64::from(MANIFEST_BYTES_MAX),
            });
        }
        Ok(Self {
            manifest_bytes,
            key: field(head, 16),
            signature: field(head, SIGNED_BYTES),
        })
    }

    /// The head as bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = signed_part(self.manifest_bytes, &self.key);
        bytes.extend_from_slice(&self.signature);
        bytes
    }
}

/// What the signature covers.
pub(crate) fn message(manifest_bytes: u32, key: &[u8; 32], manifest: &[u8]) -> Vec<u8> {
    [PURPOSE, &signed_part(manifest_bytes, key), manifest].concat()
}

fn signed_part(manifest_bytes: u32, key: &[u8; 32]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&LAYOUT.to_le_bytes());
    bytes.extend_from_slice(&[0; 2]);
    bytes.extend_from_slice(&manifest_bytes.to_le_bytes());
    bytes.extend_from_slice(key);
    bytes
}

/// So many bytes of the head from an offset on; all callers stay within it.
fn field<const N: usize>(head: &[u8; HEAD_BYTES], offset: usize) -> [u8; N] {
    let mut bytes = [0; N];
    for (to, from) in bytes.iter_mut().zip(head.iter().skip(offset)) {
        *to = *from;
    }
    bytes
}
