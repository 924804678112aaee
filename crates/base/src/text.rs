//! Can this text be shown to a person? Names and lines that somebody else chose may hold escape
//! sequences, reversed or invisible characters; here they become visible.
//!
//! Invariants: printable text moves no cursor, changes no colour, starts no new line, and reads
//! in the order in which it is stored. The escapes are for eyes and cannot be undone: a text that
//! held a literal `\u{1b}` looks the same.
//! Source: Unicode 16 (categories Cc, Cf, Zl, Zp), UAX #9, "Trojan Source" (Boucher and Anderson,
//! 2021).

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text on one line with every deceptive character as a visible `\u{..}`.
///
/// Escaped are control characters (so every ANSI sequence, tabs and line ends), bidirectional
/// controls, zero-width and other invisible format characters.
pub fn printable(text: &str) -> Cow<'_, str> {
    escape(text, is_deceptive)
}

/// Like [`printable`], but line feeds and tabs stay.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    escape(text, |letter| {
        !matches!(letter, '\n' | '\t') && is_deceptive(letter)
    })
}

/// A file name or path as text: bytes that are not UTF-8 become `\xNN`, all others stay. The
/// flag says whether the text is exact, that is, nothing was replaced.
pub fn lossy_path(path: &[u8]) -> (String, bool) {
    let mut text = String::with_capacity(path.len());
    let mut exact = true;
    for chunk in path.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            exact = false;
            // Writing to a string cannot fail.
            write!(text, "\\x{byte:02x}").ok();
        }
    }
    (text, exact)
}

fn escape(text: &str, deceptive: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&deceptive) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if deceptive(letter) {
            escaped.extend(letter.escape_unicode());
        } else {
            escaped.push(letter);
        }
    }
    Cow::Owned(escaped)
}

fn is_deceptive(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{00ad}' // soft hyphen
            | '\u{034f}' // combining grapheme joiner
            | '\u{061c}' // Arabic letter mark
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers: blank letters
            | '\u{17b4}' | '\u{17b5}' // Khmer inherent vowels: invisible
            | '\u{180b}'..='\u{180f}' // Mongolian selectors and vowel separator
            | '\u{200b}'..='\u{200f}' // zero-width spaces and joiners, direction marks
            | '\u{2028}'..='\u{202e}' // line and paragraph separators, embeddings, overrides
            | '\u{2060}'..='\u{206f}' // word joiner, invisible operators, isolates
            | '\u{fe00}'..='\u{fe0f}' // variation selectors
            | '\u{feff}' // byte order mark
            | '\u{fff9}'..='\u{fffb}' // interlinear annotation
            | '\u{1bca0}'..='\u{1bca3}' // shorthand format controls
            | '\u{1d173}'..='\u{1d17a}' // musical format controls
            | '\u{e0000}'..='\u{e0fff}') // tags, further variation selectors
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(printable(text), expected);
    }

    #[test]
    fn honest_text_stays_and_is_not_copied() {
        for text in [
            "",
            "plain",
            "größe 東京 العربية עברית",
            "a\\b 'c' \"d\"",
            "🦀",
        ] {
            assert!(matches!(printable(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn deceptive_text_becomes_visible() {
        check("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m");
        check("a\nb\tc\rd\0", "a\\u{a}b\\u{9}c\\u{d}d\\u{0}");
        check("\u{9b}2J\u{7f}", "\\u{9b}2J\\u{7f}");
        check("gpj.\u{202e}exe", "gpj.\\u{202e}exe");
        check("\u{2066}a\u{2069}", "\\u{2066}a\\u{2069}");
        check("pay\u{200b}pal\u{feff}", "pay\\u{200b}pal\\u{feff}");
        check("x\u{e0041}", "x\\u{e0041}");
        assert_eq!(printable_lines("a\n\tb\u{1b}c\r"), "a\n\tb\\u{1b}c\\u{d}");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_shown_and_reported() {
        assert_eq!(lossy_path(b"/tmp/a"), ("/tmp/a".to_owned(), true));
        assert_eq!(
            lossy_path(b"/tmp/\xff\xc3a"),
            ("/tmp/\\xff\\xc3a".to_owned(), false)
        );
        assert_eq!(lossy_path(b"\xe2\x82"), ("\\xe2\\x82".to_owned(), false));
        assert_eq!(lossy_path("ü\n".as_bytes()), ("ü\n".to_owned(), true));
    }

    proptest! {
        #[test]
        fn nothing_deceptive_is_left(text: String) {
            let shown = printable(&text);
            prop_assert!(!shown.chars().any(is_deceptive));
            prop_assert_eq!(printable(&shown), shown.clone());
        }

        #[test]
        fn exact_means_unchanged(path: Vec<u8>) {
            let (text, exact) = lossy_path(&path);
            prop_assert_eq!(exact, text.as_bytes() == path.as_slice());
            prop_assert_eq!(exact, std::str::from_utf8(&path).is_ok());
        }
    }
}
