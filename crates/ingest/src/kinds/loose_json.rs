//! JSON as some tools write it by hand: with a comma too many, or numbers that begin with zeros.

/// The text as JSON, where only commas before a closing bracket or the end, and zeros before a
/// number, keep it from being that. What is inside of strings stays.
pub(super) fn repaired(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            ',' => {
                let after = rest.get(1..).unwrap_or_default().trim_start();
                if after.is_empty() || after.starts_with([']', '}']) {
                    rest = rest.get(1..).unwrap_or_default();
                    continue;
                }
                1
            }
            '0'..='9' => {
                let is_digit = |c: char| c.is_ascii_digit();
                let length = rest.find(|c| !is_digit(c)).unwrap_or(rest.len());
                // Not behind a point, sign or exponent, where a zero may come first.
                let is_start = !out.ends_with(['.', '+', '-', 'e', 'E']);
                if first == '0' && length > 1 && is_start {
                    out.push('"');
                    out.push_str(rest.get(..length).unwrap_or_default());
                    out.push('"');
                    rest = rest.get(length..).unwrap_or_default();
                    continue;
                }
                length
            }
            other => other.len_utf8(),
        };
        let (piece, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        out.push_str(piece);
        rest = after;
    }
    out
}

/// Bytes of the string that a text begins with, with its quotes.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::repaired;

    #[test]
    fn only_what_is_wrong_changes() {
        assert_eq!(
            repaired(r#"{"a":[{"id":001675,"m":"x,] \" 007,}"},],}"#),
            r#"{"a":[{"id":"001675","m":"x,] \" 007,}"}]}"#
        );
        let sound = r#"{"a": [0, 10, -0.05, 1e05, "b", {}], "c": null}"#;
        assert_eq!(repaired(sound), sound);
        assert_eq!(repaired("[1,"), "[1");
    }
}
