//! Which values does a record hold?
//!
//! Source: <https://www.sqlite.org/fileformat2.html>, section 2.1, "Record Format".

use crate::packages::bytes::array;

/// SQLite's own hard limit of columns.
const COLUMNS_MAX: usize = 32_767;

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `NULL`; also an `INTEGER PRIMARY KEY`, whose value is the row id.
    Null,
    /// A number.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(String),
    /// Text that is not valid in the database's encoding, as its bytes.
    BrokenText(Vec<u8>),
    /// Bytes.
    Blob(Vec<u8>),
}

/// How the texts of a database are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// A variable-length integer and its length: seven bits a byte, eight in the ninth (section 1.6).
pub(super) fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for length in 1..=8_usize {
        let byte = *bytes.get(at.checked_add(length - 1)?)?;
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((value, length));
        }
    }
    let last = *bytes.get(at.checked_add(8)?)?;
    Some((value << 8 | u64::from(last), 9))
}

/// The values of a record, or what is wrong with it.
pub(super) fn values(payload: &[u8], encoding: Encoding) -> Result<Vec<Value>, &'static str> {
    let (header_bytes, mut at) = varint(payload, 0).ok_or("a record without header")?;
    let header_end = usize::try_from(header_bytes)
        .ok()
        .filter(|&end| end <= payload.len())
        .ok_or("a record header longer than the record")?;
    let mut body = payload.get(header_end..).unwrap_or_default();
    let header = payload.get(..header_end).unwrap_or_default();
    let mut values = Vec::new();
    while at < header_end {
        let (kind, length) = varint(header, at).ok_or("a record header that ends early")?;
        at += length;
        if values.len() == COLUMNS_MAX {
            return Err("a record of too many columns");
        }
        let n_bytes = body_bytes(kind).ok_or("a serial type that is reserved")?;
        let (bytes, rest) = body
            .split_at_checked(n_bytes)
            .ok_or("a value that ends after its record")?;
        body = rest;
        values.push(value(kind, bytes, encoding));
    }
    Ok(values)
}

/// How many bytes of the body a serial type takes.
fn body_bytes(kind: u64) -> Option<usize> {
    match kind {
        0 | 8 | 9 => Some(0),
        1..=4 => usize::try_from(kind).ok(),
        5 => Some(6),
        6 | 7 => Some(8),
        10 | 11 => None,
        _ => usize::try_from((kind - 12) / 2).ok(),
    }
}

fn value(kind: u64, bytes: &[u8], encoding: Encoding) -> Value {
    match kind {
        0 => Value::Null,
        1..=6 => Value::Integer(integer(bytes)),
        7 => Value::Real(f64::from_be_bytes(array(bytes, 0).unwrap_or_default())),
        8 => Value::Integer(0),
        9 => Value::Integer(1),
        _ if kind.is_multiple_of(2) => Value::Blob(bytes.to_vec()),
        _ => match text(bytes, encoding) {
            Some(text) => Value::Text(text),
            None => Value::BrokenText(bytes.to_vec()),
        },
    }
}

/// A big-endian two's complement number of up to eight bytes.
fn integer(bytes: &[u8]) -> i64 {
    let is_negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let start: i64 = if is_negative { -1 } else { 0 };
    bytes
        .iter()
        .fold(start, |value, &byte| value << 8 | i64::from(byte))
}

fn text(bytes: &[u8], encoding: Encoding) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match encoding {
        Encoding::Utf8 => return String::from_utf8(bytes.to_vec()).ok(),
        Encoding::Utf16Le => u16::from_le_bytes,
        Encoding::Utf16Be => u16::from_be_bytes,
    };
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    char::decode_utf16(pairs.iter().map(|&pair| unit(pair)))
        .collect::<Result<_, _>>()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::{Encoding, Value, integer, values, varint};
    use proptest::prelude::*;

    #[test]
    fn varints_of_every_length() {
        assert_eq!(varint(&[0x7f], 0), Some((127, 1)));
        assert_eq!(varint(&[0x81, 0x00], 0), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9], 0), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0x80; 8], 0), None);
        assert_eq!(varint(&[0x81], 0), None);
        assert_eq!(varint(&[], usize::MAX), None);
    }

    #[test]
    fn integers_carry_their_sign() {
        assert_eq!(integer(&[0xff]), -1);
        assert_eq!(integer(&[0x80, 0, 0]), -8_388_608);
        assert_eq!(integer(&[0x7f, 0xff]), 32_767);
        assert_eq!(integer(&i64::MIN.to_be_bytes()), i64::MIN);
    }

    #[test]
    fn a_record_holds_each_kind() {
        let record = [
            9, 0, 1, 8, 9, 7, 0x11, 0x14, 0x0d, // header: nine bytes, eight types
            0xfe, // -2
            0x3f, 0xf8, 0, 0, 0, 0, 0, 0, // 1.5
            b'h', b'i', // text of two
            1, 2, 3, 4, // blob of four
        ];
        assert_eq!(
            values(&record, Encoding::Utf8).unwrap(),
            [
                Value::Null,
                Value::Integer(-2),
                Value::Integer(0),
                Value::Integer(1),
                Value::Real(1.5),
                Value::Text("hi".to_owned()),
                Value::Blob(vec![1, 2, 3, 4]),
                Value::Text(String::new()),
            ]
        );
    }

    #[test]
    fn texts_follow_the_encoding() {
        let record = |bytes: &[u8]| {
            let kind = u8::try_from(bytes.len() * 2 + 13).unwrap();
            [&[2, kind], bytes].concat()
        };
        let text = |text: &str| vec![Value::Text(text.to_owned())];
        let little = record(&[0x3d, 0xd8, 0x00, 0xde]);
        assert_eq!(values(&little, Encoding::Utf16Le).unwrap(), text("😀"));
        let big = record(&[0x00, 0xe9]);
        assert_eq!(values(&big, Encoding::Utf16Be).unwrap(), text("é"));
        for encoding in [Encoding::Utf8, Encoding::Utf16Be] {
            let broken = values(&record(&[0xd8, 0x00]), encoding).unwrap();
            assert_eq!(broken, [Value::BrokenText(vec![0xd8, 0x00])]);
        }
        let odd = values(&record(&[0x41, 0, 0x42]), Encoding::Utf16Le).unwrap();
        assert_eq!(odd, [Value::BrokenText(vec![0x41, 0, 0x42])]);
    }

    #[test]
    fn records_that_contradict_themselves_are_refused() {
        for record in [&[][..], &[5, 0], &[2, 10], &[2, 11], &[2, 4, 1], &[2, 0x80]] {
            assert!(values(record, Encoding::Utf8).is_err(), "{record:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end_as_values_or_a_reason(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be] {
                if let Ok(values) = values(&bytes, encoding) {
                    prop_assert!(values.len() <= bytes.len());
                }
            }
        }
    }
}
