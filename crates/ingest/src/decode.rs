//! Which characters do these bytes mean? UTF-8 and UTF-16 with and without mark, and the single-byte
//! encodings that XML declarations name.

use crate::error::ImportError;

/// Text of a file; byte order marks are taken off.
pub(crate) fn text(bytes: Vec<u8>) -> Result<String, ImportError> {
    match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest.to_vec(), 3),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [b'<' | b'{' | b'[', 0, ..] => utf16(&bytes, u16::from_le_bytes),
        [0, b'<' | b'{' | b'[', ..] => utf16(&bytes, u16::from_be_bytes),
        _ => match declared(&bytes) {
            Some(encoding) => single_byte(&bytes, &encoding),
            None => utf8(bytes, 0),
        },
    }
}

/// Whether a file begins in an encoding that is decoded as a whole before it is read.
pub(crate) fn is_utf8(head: &[u8]) -> bool {
    !matches!(
        head,
        [0xff, 0xfe, ..]
            | [0xfe, 0xff, ..]
            | [b'<' | b'{' | b'[', 0, ..]
            | [0, b'<' | b'{' | b'[', ..]
    ) && declared(head).is_none()
}

fn utf8(bytes: Vec<u8>, skipped: usize) -> Result<String, ImportError> {
    String::from_utf8(bytes).map_err(|error| ImportError::Encoding {
        place: format!("byte {}", error.utf8_error().valid_up_to() + skipped),
        reason: "it is no UTF-8".to_owned(),
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, ImportError> {
    let wrong = |at: usize| ImportError::Encoding {
        place: format!("byte {at}"),
        reason: "it is no UTF-16".to_owned(),
    };
    if !bytes.len().is_multiple_of(2) {
        return Err(wrong(bytes.len()));
    }
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut out = String::with_capacity(bytes.len() / 2);
    let mut at = 2;
    for decoded in char::decode_utf16(units) {
        let character = decoded.map_err(|_| wrong(at))?;
        at += 2 * character.len_utf16();
        out.push(character);
    }
    Ok(out)
}

/// The single-byte encoding that an XML declaration names.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..bytes.len().min(200))?;
    let head = String::from_utf8_lossy(head);
    let declaration = head.trim_start().strip_prefix("<?xml")?;
    let (declaration, _) = declaration.split_once("?>")?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let name = value.get(1..)?.split(quote).next()?.to_ascii_lowercase();
    let single = matches!(
        name.as_str(),
        "iso-8859-1" | "latin1" | "iso-8859-15" | "windows-1252" | "cp1252"
    );
    single.then_some(name)
}

/// Characters 0x80 to 0x9f of windows-1252; the WHATWG table, which fills its five holes with the
/// control characters of ISO 8859-1.
const WINDOWS_1252: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}',
    '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}', '\u{17e}', '\u{178}',
];

fn single_byte(bytes: &[u8], encoding: &str) -> Result<String, ImportError> {
    // Tools declare what their template says and write UTF-8: believe the bytes first.
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    let euro = encoding == "iso-8859-15";
    Ok(bytes
        .iter()
        .map(|byte| match byte {
            0x80..=0x9f => WINDOWS_1252
                .get(usize::from(byte - 0x80))
                .copied()
                .unwrap_or('\u{fffd}'),
            0xa4 if euro => '\u{20ac}',
            byte => char::from(*byte),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_as_tools_write_them() {
        assert_eq!(text(b"\xef\xbb\xbfa".to_vec()).expect("utf-8"), "a");
        assert_eq!(text(b"\xff\xfe{\0}\0".to_vec()).expect("utf-16"), "{}");
        assert_eq!(text(b"\0<\0a".to_vec()).expect("utf-16"), "<a");
        let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe9\x80</a>".to_vec();
        assert!(
            text(latin)
                .expect("latin")
                .ends_with("<a>\u{e9}\u{20ac}</a>")
        );
        let error = text(b"ab\xff".to_vec()).expect_err("no text");
        assert_eq!(error.to_string(), "byte 2: it is no UTF-8");
        assert!(text(b"\xff\xfe\x00\xd8".to_vec()).is_err());
    }
}
