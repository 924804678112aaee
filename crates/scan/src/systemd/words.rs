//! Words, quotes, escapes and yes/no values inside a setting.
//!
//! Follows systemd's word splitter: blanks separate, quotes may begin and end inside a word, and a
//! backslash makes the next character plain or, where C escapes are on, stands for another one.
//! Invariants: never panics, returns at most [`WORDS_MAX`] words.

/// The characters that separate words and are stripped around values.
pub const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

/// Most words taken from one value.
pub const WORDS_MAX: usize = 16_384;

/// The text without blanks at both ends.
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim_matches(BLANKS)
}

/// How words are cut, per setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rules {
    /// Quotes group and are removed.
    pub unquote: bool,
    /// `\n`, `\x41`, `\101` and the like are replaced; unknown escapes stay as they are.
    pub escapes: bool,
    /// An open quote or a backslash at the end closes the word instead of failing.
    pub relaxed: bool,
}

impl Rules {
    /// Blanks only: `SystemCallFilter=`, `RestrictNamespaces=`, `IPAddressDeny=`.
    pub const PLAIN: Self = Self {
        unquote: false,
        escapes: false,
        relaxed: false,
    };
    /// Quotes, no escapes: most lists.
    pub const QUOTED: Self = Self {
        unquote: true,
        escapes: false,
        relaxed: false,
    };
    /// Quotes and C escapes: command lines, `Environment=`.
    pub const COMMAND: Self = Self {
        unquote: true,
        escapes: true,
        relaxed: false,
    };
    /// Quotes, where an open one is accepted: capability lists.
    pub const RELAXED: Self = Self {
        unquote: true,
        escapes: false,
        relaxed: true,
    };
}

/// An open quote, or a backslash with nothing behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("quote or escape is not closed")]
pub struct Unbalanced;

/// The next word and the rest behind its blanks; `None` at the end of the text.
///
/// # Errors
/// [`Unbalanced`] when a quote or an escape stays open and the rules are not relaxed.
pub fn next_word(text: &str, rules: Rules) -> Result<Option<(Vec<u8>, &str)>, Unbalanced> {
    let text = text.trim_start_matches(BLANKS);
    if text.is_empty() {
        return Ok(None);
    }
    let mut word = Vec::new();
    let mut quote = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        match (c, quote) {
            ('\\', _) => {
                let Some(len) = escape(after, rules, &mut word)? else {
                    return Ok(Some((word, "")));
                };
                rest = after.get(len..).unwrap_or_default();
                continue;
            }
            ('\'' | '"', None) if rules.unquote => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            (_, None) if BLANKS.contains(&c) => {
                return Ok(Some((word, after.trim_start_matches(BLANKS))));
            }
            _ => word.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = after;
    }
    if quote.is_some() && !rules.relaxed {
        return Err(Unbalanced);
    }
    Ok(Some((word, "")))
}

/// Appends what the escape stands for and returns its length; `None` when it is cut off.
fn escape(after: &str, rules: Rules, word: &mut Vec<u8>) -> Result<Option<usize>, Unbalanced> {
    let Some(c) = after.chars().next() else {
        return if rules.relaxed {
            Ok(None)
        } else {
            Err(Unbalanced)
        };
    };
    if rules.escapes {
        if let Some((bytes, len)) = c_escape(after) {
            word.extend(bytes);
            return Ok(Some(len));
        }
        word.push(b'\\');
    }
    word.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(Some(c.len_utf8()))
}

/// What stands behind a backslash, as bytes, and how long it is written.
fn c_escape(text: &str) -> Option<(Vec<u8>, usize)> {
    let first = text.chars().next()?;
    let plain = match first {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        's' => b' ',
        '\\' | '"' | '\'' => u8::try_from(first).ok()?,
        'x' => return Some((vec![u8::try_from(digits(text.get(1..3)?, 16)?).ok()?], 3)),
        'u' => return Some((unicode(text.get(1..5)?)?, 5)),
        'U' => return Some((unicode(text.get(1..9)?)?, 9)),
        '0'..='7' => return Some((vec![u8::try_from(digits(text.get(..3)?, 8)?).ok()?], 3)),
        _ => return None,
    };
    Some((vec![plain], 1))
}

/// A number of digits only that is not zero: NUL cannot be written.
fn digits(text: &str, radix: u32) -> Option<u32> {
    if text.starts_with('+') {
        return None;
    }
    u32::from_str_radix(text, radix)
        .ok()
        .filter(|value| *value != 0)
}

fn unicode(text: &str) -> Option<Vec<u8>> {
    Some(char::from_u32(digits(text, 16)?)?.to_string().into_bytes())
}

/// All words of a value that are text, up to the first that cannot be cut.
#[must_use]
pub fn words(text: &str, rules: Rules) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Ok(Some((word, after))) = next_word(rest, rules) {
        if found.len() >= WORDS_MAX {
            break;
        }
        found.extend(String::from_utf8(word));
        rest = after;
    }
    found
}

/// `1 yes y true t on` and `0 no n false f off`, in any case.
#[must_use]
pub fn boolean(text: &str) -> Option<bool> {
    let is_one_of = |list: [&str; 6]| list.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_one_of(["1", "yes", "y", "true", "t", "on"]) {
        Some(true)
    } else if is_one_of(["0", "no", "n", "false", "f", "off"]) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, rules: Rules, expected: &[&str]) {
        assert_eq!(words(text, rules), expected, "{text:?}");
    }

    #[test]
    fn quotes_group_and_vanish() {
        check(
            r#" a "b c" d'e f'g "" "#,
            Rules::QUOTED,
            &["a", "b c", "de fg", ""],
        );
        check(r#"a "b c""#, Rules::PLAIN, &["a", "\"b", "c\""]);
        check(r#"a "b'c" '"'"#, Rules::QUOTED, &["a", "b'c", "\""]);
    }

    #[test]
    fn escapes_depend_on_the_setting() {
        check(r"a\ b c\x41", Rules::QUOTED, &["a b", "cx41"]);
        check(
            r"a\sb \x41\102\u00e9 \q",
            Rules::COMMAND,
            &["a b", "ABé", r"\q"],
        );
        check(
            r"\x00 \400 \+12",
            Rules::COMMAND,
            &[r"\x00", r"\400", r"\+12"],
        );
    }

    #[test]
    fn open_ends_fail_unless_relaxed() {
        assert_eq!(next_word("\"a", Rules::QUOTED), Err(Unbalanced));
        assert_eq!(next_word("a\\", Rules::PLAIN), Err(Unbalanced));
        check("a \"b c", Rules::QUOTED, &["a"]);
        check("a \"b c", Rules::RELAXED, &["a", "b c"]);
        check("a\\", Rules::RELAXED, &["a"]);
    }

    #[test]
    fn booleans() {
        assert_eq!(boolean("Yes"), Some(true));
        assert_eq!(boolean("OFF"), Some(false));
        assert_eq!(boolean(""), None);
        assert_eq!(boolean("yes # really"), None);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}", unquote: bool, escapes: bool, relaxed: bool) {
            let found = words(&text, Rules { unquote, escapes, relaxed });
            prop_assert!(found.len() <= text.len());
        }

        #[test]
        fn plain_words_are_split_at_blanks(text in "[a-z0-9 \\t]{0,40}") {
            let expected: Vec<String> = text.split_ascii_whitespace().map(String::from).collect();
            prop_assert_eq!(words(&text, Rules::COMMAND), expected);
        }
    }
}
