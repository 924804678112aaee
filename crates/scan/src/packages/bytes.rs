//! How are fixed-width numbers read from untrusted bytes without a panic?
//!
//! Every function answers `None` when the range lies outside the slice.

/// The `N` bytes at `at`.
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// Big-endian 16-bit number.
pub(crate) fn u16_be(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_be_bytes)
}

/// Big-endian 32-bit number.
pub(crate) fn u32_be(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_be_bytes)
}

/// Big-endian 64-bit number.
pub(crate) fn u64_be(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_be_bytes)
}

/// Little-endian 32-bit number.
pub(crate) fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

/// Lower-case hexadecimal text of bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|nibble| DIGITS.get(usize::from(nibble)))
        .map(|&digit| char::from(digit))
        .collect()
}

/// A length or index of the file format as a position in memory; saturates where `usize` is small.
pub(crate) fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// A position in memory as a position in a file.
pub(crate) fn offset(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{hex, u16_be, u32_be, u32_le, u64_be};

    #[test]
    fn numbers_outside_the_slice_are_none() {
        assert_eq!(u16_be(&[1, 2], 0), Some(0x0102));
        assert_eq!(u16_be(&[1, 2], 1), None);
        assert_eq!(u32_be(&[0, 0, 1, 0, 9], 0), Some(256));
        assert_eq!(u32_le(&[0, 0, 1, 0, 9], 1), Some(0x0900_0100));
        assert_eq!(u64_be(&[0; 7], 0), None);
        assert_eq!(u64_be(&[0; 8], usize::MAX), None);
    }

    #[test]
    fn hex_is_lower_case_and_padded() {
        assert_eq!(hex(&[0, 0x0f, 0xab, 255]), "000fabff");
    }
}
