//! Words of the kernel's command line, cut as the kernel does it: at blanks, double quotes keep
//! blanks together, and everything behind a lone `--` is for init and not for the kernel.

/// The kernel's own words, in order, without quotes.
pub(crate) fn words(line: &str) -> Vec<String> {
    const WORDS_MAX: usize = 4096;
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for c in line.trim_end().chars().chain(std::iter::once(' ')) {
        if c == '"' {
            quoted = !quoted;
        } else if c.is_whitespace() && !quoted {
            if word == "--" || words.len() >= WORDS_MAX {
                return words;
            }
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        } else {
            word.push(c);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn quotes_keep_blanks_and_two_dashes_end() {
        assert_eq!(words("a=\"x y\" b -- init=1\n"), ["a=x y", "b"]);
        assert_eq!(words("\"open end"), ["open end "]);
        assert!(words("").is_empty());
    }
}
