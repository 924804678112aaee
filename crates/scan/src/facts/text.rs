//! Lines of configuration files: numbered, as text, capped.
//!
//! Bytes that are not UTF-8 become replacement characters: a name that holds them matches no name
//! of the system, and the line number leads to the bytes.

/// Most lines that are looked at in one file; files of accounts and rules are far smaller.
pub(crate) const LINES_MAX: usize = 200_000;

/// One line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// One-based number; of the first line when several were joined.
    pub(crate) number: u64,
    /// Its text without the line end.
    pub(crate) text: String,
}

/// The lines of a file, without their line feeds; carriage returns stay.
pub(crate) fn lines(bytes: &[u8]) -> Vec<Line> {
    let mut all: Vec<Line> = (1..)
        .zip(bytes.split(|byte| *byte == b'\n').take(LINES_MAX))
        .map(|(number, line)| Line {
            number,
            text: String::from_utf8_lossy(line).into_owned(),
        })
        .collect();
    if all.last().is_some_and(|line| line.text.is_empty()) {
        all.pop();
    }
    all
}

/// As [`lines`], with a line that ends in a backslash joined to the next one by a blank.
pub(crate) fn joined_lines(bytes: &[u8]) -> Vec<Line> {
    let mut all: Vec<Line> = Vec::new();
    let mut open = false;
    for mut line in lines(bytes) {
        let continued = line.text.ends_with('\\');
        if continued {
            line.text.pop();
            line.text.push(' ');
        }
        match all.last_mut() {
            Some(last) if open => last.text.push_str(&line.text),
            _ => all.push(line),
        }
        open = continued;
    }
    all
}

/// Whether a shell-like pattern of `*` and `?` matches the whole text. Takes time in proportion to
/// the product of both lengths at most.
pub(crate) fn wildcard(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(wanted) if *wanted == b'?' || wanted == byte => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((star_p, star_t)) => {
                    star = Some((star_p, star_t + 1));
                    p = star_p + 1;
                    t = star_t + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_keep_their_numbers_when_joined() {
        let all = joined_lines(b"a\\\nb\nc\n");
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].number, all[0].text.as_str()), (1, "a b"));
        assert_eq!((all[1].number, all[1].text.as_str()), (3, "c"));
    }

    #[test]
    fn wildcards_match_whole_names() {
        for (pattern, text, expected) in [
            ("*.conf", "a.conf", true),
            ("*.conf", "a.conf.bak", false),
            ("a*b*c", "a--b-b--c", true),
            ("?", "", false),
            ("", "", true),
            ("**", "x", true),
        ] {
            assert_eq!(
                wildcard(pattern.as_bytes(), text.as_bytes()),
                expected,
                "{pattern} {text}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_text_matches_itself_and_a_star(text in "[a-c]{0,12}") {
            prop_assert!(wildcard(text.as_bytes(), text.as_bytes()));
            prop_assert!(wildcard(b"*", text.as_bytes()));
            let longer = [text.as_bytes(), b"?"].concat();
            prop_assert!(!wildcard(&longer, text.as_bytes()));
        }
    }
}
