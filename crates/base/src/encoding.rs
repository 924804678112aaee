//! How are bytes written as text? Hexadecimal and base64, strict in both directions.
//!
//! Invariant: a text decodes in exactly one way, or not at all (no white space, no missing
//! padding, no stray bits); so equal bytes always have equal text.
//! Source: RFC 4648, sections 4 and 8.

use crate::ErrorKind;

const HEX_DIGITS: &[u8; 16] = b"0123456789abcdef";
const BASE64_DIGITS: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Why a text is not hexadecimal or base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodingError {
    /// The number of characters is not a multiple of the group.
    #[error("length {length} is not a multiple of {group}")]
    Length {
        /// Characters found.
        length: usize,
        /// Characters per group: 2 or 4.
        group: usize,
    },
    /// A byte that is no digit stands at this position.
    #[error("byte 0x{byte:02x} at offset {offset} is not a digit")]
    Digit {
        /// The offending byte.
        byte: u8,
        /// Its position from 0.
        offset: usize,
    },
    /// The last group carries bits that no encoder writes.
    #[error("the last group has bits set beyond its bytes")]
    StrayBits,
}

impl EncodingError {
    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Input
    }
}

/// The bytes as lower-case hexadecimal.
pub fn hex_encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for digit in [byte >> 4, byte & 0x0f] {
            text.push(digit_char(HEX_DIGITS, digit));
        }
    }
    text
}

/// The bytes of a hexadecimal text in either case.
///
/// # Errors
/// An odd length, or a character that is no hexadecimal digit.
pub fn hex_decode(text: &str) -> Result<Vec<u8>, EncodingError> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return Err(EncodingError::Length {
            length: digits.len(),
            group: 2,
        });
    }
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    let mut high = None;
    for (offset, byte) in digits.iter().copied().enumerate() {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ => return Err(EncodingError::Digit { byte, offset }),
        };
        match high.take() {
            None => high = Some(value << 4),
            Some(upper) => bytes.push(upper | value),
        }
    }
    Ok(bytes)
}

/// The bytes as base64 in the standard alphabet, padded with `=`.
pub fn base64_encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |idx: usize| u32::from(group.get(idx).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (idx, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = u8::try_from(bits >> shift & 0x3f).unwrap_or(0);
            text.push(if idx <= group.len() {
                digit_char(BASE64_DIGITS, digit)
            } else {
                '='
            });
        }
    }
    text
}

/// The bytes of a base64 text in the standard alphabet with padding.
///
/// # Errors
/// White space, characters of another alphabet, missing or misplaced padding, or set bits that
/// belong to no byte.
pub fn base64_decode(text: &str) -> Result<Vec<u8>, EncodingError> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(4) {
        return Err(EncodingError::Length {
            length: digits.len(),
            group: 4,
        });
    }
    let padding = digits
        .iter()
        .rev()
        .take(2)
        .take_while(|byte| **byte == b'=')
        .count();
    let body = digits.get(..digits.len() - padding).unwrap_or_default();
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3);
    let mut bits: u32 = 0;
    let mut n_bits: u32 = 0;
    for (offset, byte) in body.iter().copied().enumerate() {
        let value = base64_value(byte).ok_or(EncodingError::Digit { byte, offset })?;
        bits = bits << 6 | u32::from(value);
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push(u8::try_from(bits >> n_bits & 0xff).unwrap_or(0));
            bits &= (1 << n_bits) - 1;
        }
    }
    if bits != 0 {
        return Err(EncodingError::StrayBits);
    }
    Ok(bytes)
}

fn base64_value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

fn digit_char(alphabet: &[u8], digit: u8) -> char {
    alphabet
        .get(usize::from(digit))
        .copied()
        .map_or('?', char::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vectors_of_rfc_4648() {
        // RFC 4648, section 10.
        let cases = [
            ("", "", ""),
            ("f", "Zg==", "66"),
            ("fo", "Zm8=", "666f"),
            ("foo", "Zm9v", "666f6f"),
            ("foob", "Zm9vYg==", "666f6f62"),
            ("fooba", "Zm9vYmE=", "666f6f6261"),
            ("foobar", "Zm9vYmFy", "666f6f626172"),
        ];
        for (plain, base64, hex) in cases {
            assert_eq!(base64_encode(plain.as_bytes()), base64);
            assert_eq!(base64_decode(base64).unwrap(), plain.as_bytes());
            assert_eq!(hex_encode(plain.as_bytes()), hex);
            assert_eq!(hex_decode(hex).unwrap(), plain.as_bytes());
        }
        assert_eq!(base64_encode(&[0xfb, 0xff, 0xfe]), "+//+");
        assert_eq!(hex_decode("DEADbeef").unwrap(), [0xde, 0xad, 0xbe, 0xef]);
    }

    #[test]
    fn loose_texts_are_rejected() {
        for text in [
            "Zg", "Zg=", "Z===", "Zg==Zg==", "Zh==", "Zm9=", "Zm9v\n", "Zm9-", "====", "=Zg=",
        ] {
            assert!(base64_decode(text).is_err(), "{text}");
        }
        assert_eq!(base64_decode("Zh==").unwrap_err(), EncodingError::StrayBits);
        assert_eq!(
            hex_decode("abc").unwrap_err(),
            EncodingError::Length {
                length: 3,
                group: 2
            }
        );
        assert_eq!(
            hex_decode("0g").unwrap_err(),
            EncodingError::Digit {
                byte: b'g',
                offset: 1
            }
        );
        assert!(hex_decode("é").is_err());
    }

    proptest! {
        #[test]
        fn bytes_round_trip(bytes: Vec<u8>) {
            prop_assert_eq!(hex_decode(&hex_encode(&bytes)).unwrap(), bytes.clone());
            prop_assert_eq!(base64_decode(&base64_encode(&bytes)).unwrap(), bytes);
        }

        #[test]
        fn what_decodes_encodes_to_the_same_text(text in "[A-Za-z0-9+/=]{0,24}") {
            if let Ok(bytes) = base64_decode(&text) {
                prop_assert_eq!(base64_encode(&bytes), text);
            }
        }

        #[test]
        fn any_text_is_a_value_or_an_error(text: String) {
            let decoded = hex_decode(&text);
            prop_assert_eq!(decoded.is_ok(), text.len() % 2 == 0 && text.bytes().all(|b| b.is_ascii_hexdigit()));
            base64_decode(&text).ok();
        }
    }
}
