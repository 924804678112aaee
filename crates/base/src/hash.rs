//! Which digest do these bytes have? One enum over the algorithms that other people's files use
//! (MD5 for dpkg, SHA-1 and SHA-2 for rpm and signatures) and BLAKE3 for our own.
//!
//! Invariant: MD5 and SHA-1 only compare with what somebody else recorded; nothing of our own is
//! named or trusted by them.
//! Source: RFC 1321, FIPS 180-4, the BLAKE3 paper (2020).

mod many;

pub use many::md5_many;

use crate::ErrorKind;
use crate::encoding::{EncodingError, hex_decode, hex_encode};
use sha2::Digest as _;
use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

/// Bytes read at a time when a whole file is hashed.
const CHUNK_BYTES: usize = 64 * 1024;

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// MD5, 16 bytes; broken, for comparing with recorded sums alone.
    Md5,
    /// SHA-1, 20 bytes; broken, for comparing with recorded sums alone.
    Sha1,
    /// SHA-256, 32 bytes.
    Sha256,
    /// SHA-384, 48 bytes.
    Sha384,
    /// SHA-512, 64 bytes.
    Sha512,
    /// BLAKE3, 32 bytes.
    Blake3,
}

impl Algorithm {
    /// All algorithms, in the order of their declaration.
    pub const ALL: [Self; 6] = [
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Blake3,
    ];

    /// The name as it stands in file formats: lower case, no hyphen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::Blake3 => "blake3",
        }
    }

    /// Length of a digest in bytes.
    pub fn digest_bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 | Self::Blake3 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A digest in the making, for bytes that arrive in pieces.
#[derive(Debug, Clone)]
pub struct Hasher(State);

// The boxed state is 30 times the size of the others.
#[derive(Debug, Clone)]
enum State {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
    Blake3(Box<blake3::Hasher>),
}

impl Hasher {
    /// An empty digest of this algorithm.
    pub fn new(algorithm: Algorithm) -> Self {
        Self(match algorithm {
            Algorithm::Md5 => State::Md5(md5::Md5::new()),
            Algorithm::Sha1 => State::Sha1(sha1::Sha1::new()),
            Algorithm::Sha256 => State::Sha256(sha2::Sha256::new()),
            Algorithm::Sha384 => State::Sha384(sha2::Sha384::new()),
            Algorithm::Sha512 => State::Sha512(sha2::Sha512::new()),
            Algorithm::Blake3 => State::Blake3(Box::default()),
        })
    }

    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Md5(state) => state.update(bytes),
            State::Sha1(state) => state.update(bytes),
            State::Sha256(state) => state.update(bytes),
            State::Sha384(state) => state.update(bytes),
            State::Sha512(state) => state.update(bytes),
            State::Blake3(state) => {
                state.update(bytes);
            }
        }
    }

    /// The digest of all bytes so far.
    pub fn finish(self) -> Vec<u8> {
        match self.0 {
            State::Md5(state) => state.finalize().to_vec(),
            State::Sha1(state) => state.finalize().to_vec(),
            State::Sha256(state) => state.finalize().to_vec(),
            State::Sha384(state) => state.finalize().to_vec(),
            State::Sha512(state) => state.finalize().to_vec(),
            State::Blake3(state) => state.finalize().as_bytes().to_vec(),
        }
    }
}

/// The digest of these bytes.
pub fn digest(algorithm: Algorithm, bytes: &[u8]) -> Vec<u8> {
    let mut hasher = Hasher::new(algorithm);
    hasher.update(bytes);
    hasher.finish()
}

/// The digest of everything that a reader gives, and how many bytes that was. Memory stays at
/// one chunk; the reader bounds the length.
///
/// # Errors
/// The reader's first error, except interruptions, which are tried again.
pub fn digest_reader(
    algorithm: Algorithm,
    mut reader: impl Read,
) -> Result<(Vec<u8>, u64), io::Error> {
    let mut hasher = Hasher::new(algorithm);
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut length: u64 = 0;
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => return Ok((hasher.finish(), length)),
            Ok(n_read) => {
                hasher.update(chunk.get(..n_read).unwrap_or_default());
                length = length.saturating_add(n_read as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A digest of 32 bytes: BLAKE3 or SHA-256. Written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest32([u8; 32]);

impl Digest32 {
    /// A digest from its bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 lower-case hexadecimal digits.
    pub fn to_hex(&self) -> String {
        hex_encode(&self.0)
    }
}

impl fmt::Display for Digest32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for Digest32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

/// Why a text is no [`Digest32`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DigestError {
    /// The text is not hexadecimal.
    #[error("the digest is not hexadecimal")]
    Encoding(#[source] EncodingError),
    /// The text is hexadecimal of another length.
    #[error("the digest has {length_bytes} bytes instead of 32")]
    Length {
        /// Bytes found.
        length_bytes: usize,
    },
}

impl DigestError {
    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Input
    }
}

impl FromStr for Digest32 {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        // Longer texts are refused before they are decoded.
        if text.len() != 64 {
            return Err(DigestError::Length {
                length_bytes: text.len() / 2,
            });
        }
        let bytes = hex_decode(text).map_err(DigestError::Encoding)?;
        let length_bytes = bytes.len();
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| DigestError::Length { length_bytes })
    }
}

/// BLAKE3 of these bytes.
pub fn blake3(bytes: &[u8]) -> Digest32 {
    Digest32(*blake3::hash(bytes).as_bytes())
}

/// SHA-256 of these bytes.
pub fn sha256(bytes: &[u8]) -> Digest32 {
    Digest32(sha2::Sha256::digest(bytes).into())
}

/// SHA-1 of these bytes; for comparing with recorded sums alone.
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    sha1::Sha1::digest(bytes).into()
}

/// MD5 of these bytes; for comparing with recorded sums alone.
pub fn md5(bytes: &[u8]) -> [u8; 16] {
    md5::Md5::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Known answers: RFC 1321 A.5; FIPS 180-4 examples; BLAKE3 official test vectors (length 0)
    /// and `b3sum` for "abc".
    const KNOWN: [(Algorithm, &str, &str); 12] = [
        (Algorithm::Md5, "", "d41d8cd98f00b204e9800998ecf8427e"),
        (Algorithm::Md5, "abc", "900150983cd24fb0d6963f7d28e17f72"),
        (
            Algorithm::Sha1,
            "",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        ),
        (
            Algorithm::Sha1,
            "abc",
            "a9993e364706816aba3e25717850c26c9cd0d89d",
        ),
        (
            Algorithm::Sha256,
            "",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            Algorithm::Sha256,
            "abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            Algorithm::Sha384,
            "abc",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            Algorithm::Sha384,
            "",
            "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
        ),
        (
            Algorithm::Sha512,
            "abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
        (
            Algorithm::Sha512,
            "",
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        ),
        (
            Algorithm::Blake3,
            "",
            "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        ),
        (
            Algorithm::Blake3,
            "abc",
            "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
        ),
    ];

    #[test]
    fn known_answers() {
        for (algorithm, text, hex) in KNOWN {
            assert_eq!(
                hex_encode(&digest(algorithm, text.as_bytes())),
                hex,
                "{algorithm} {text:?}"
            );
            assert_eq!(hex.len(), algorithm.digest_bytes() * 2);
        }
        assert_eq!(hex_encode(&md5(b"abc")), KNOWN[1].2);
        assert_eq!(hex_encode(&sha1(b"abc")), KNOWN[3].2);
        assert_eq!(sha256(b"abc").to_string(), KNOWN[5].2);
        assert_eq!(blake3(b"abc").to_string(), KNOWN[11].2);
    }

    #[test]
    fn digest_text_round_trips_and_is_strict() {
        let written = sha256(b"abc");
        assert_eq!(written.to_hex().parse::<Digest32>().unwrap(), written);
        assert_eq!(
            "ab".parse::<Digest32>().unwrap_err(),
            DigestError::Length { length_bytes: 1 }
        );
        assert!(matches!(
            "zz".repeat(32).parse::<Digest32>(),
            Err(DigestError::Encoding(_))
        ));
    }

    #[test]
    fn a_failing_reader_gives_no_digest() {
        struct Failing;
        impl Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::from_raw_os_error(5))
            }
        }
        let reader = io::Cursor::new(b"abc").chain(Failing);
        assert_eq!(
            digest_reader(Algorithm::Sha256, reader)
                .unwrap_err()
                .raw_os_error(),
            Some(5)
        );
    }

    proptest! {
        #[test]
        fn pieces_hash_as_the_whole(bytes: Vec<u8>, cut in 0_usize..300) {
            let cut = cut.min(bytes.len());
            for algorithm in Algorithm::ALL {
                let mut hasher = Hasher::new(algorithm);
                hasher.update(&bytes[..cut]);
                hasher.update(&bytes[cut..]);
                let whole = digest(algorithm, &bytes);
                prop_assert_eq!(&hasher.finish(), &whole);
                let (read, length) = digest_reader(algorithm, &bytes[..]).unwrap();
                prop_assert_eq!(read, whole);
                prop_assert_eq!(length, bytes.len() as u64);
            }
        }
    }
}
