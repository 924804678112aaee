//! Patterns with `*`, `**` and `?`, in time that grows with pattern and text alone.

/// Whether a name fits, in any case: `*` stands for anything, `?` for one character.
#[must_use]
pub fn name(pattern: &str, text: &str) -> bool {
    let lower = |text: &str| -> Vec<char> { text.to_lowercase().chars().collect() };
    fits(&tokens(&lower(pattern), false), &lower(text))
}

/// Whether a path fits: `*` stays inside of a folder, `**` goes across them, and `**/` also stands
/// for no folder at all. A `/` or `./` at the beginning does not matter.
#[must_use]
pub fn path(pattern: &str, text: &str) -> bool {
    let plain = |text: &str| -> Vec<char> {
        let text = text.trim().trim_start_matches("./");
        text.trim_start_matches('/').chars().collect()
    };
    fits(&tokens(&plain(pattern), true), &plain(text))
}

/// Whether a pattern stands for more than itself.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

#[derive(Clone, Copy)]
enum Token {
    One(char),
    AnyOne {
        across: bool,
    },
    Many {
        across: bool,
    },
    /// No folder, or any number of them.
    Folders,
}

fn tokens(pattern: &[char], is_path: bool) -> Vec<Token> {
    let mut out = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    loop {
        match rest {
            [] => return out,
            ['*', '*', '/', after @ ..] if is_path => {
                out.push(Token::Folders);
                rest = after;
            }
            ['*', '*', after @ ..] => {
                out.push(Token::Many { across: true });
                rest = after;
            }
            ['*', after @ ..] => {
                out.push(Token::Many { across: !is_path });
                rest = after;
            }
            ['?', after @ ..] => {
                out.push(Token::AnyOne { across: !is_path });
                rest = after;
            }
            [one, after @ ..] => {
                out.push(Token::One(*one));
                rest = after;
            }
        }
    }
}

/// Keeps, token by token, the places of the text that can be reached.
fn fits(tokens: &[Token], text: &[char]) -> bool {
    let mut now = vec![false; text.len() + 1];
    if let Some(first) = now.first_mut() {
        *first = true;
    }
    for token in tokens {
        let mut next = vec![false; text.len() + 1];
        let mut runs = false;
        for at in 0..=text.len() {
            let before = at.checked_sub(1).and_then(|at| text.get(at).copied());
            let from = |places: &[bool], at: Option<usize>| {
                at.and_then(|at| places.get(at)).copied().unwrap_or(false)
            };
            let here = from(&now, Some(at));
            let step = from(&now, at.checked_sub(1));
            let reached = match token {
                Token::One(wanted) => step && before == Some(*wanted),
                Token::AnyOne { across } => step && (*across || before != Some('/')),
                Token::Many { across } => {
                    runs = here || (runs && (*across || before != Some('/')));
                    runs
                }
                Token::Folders => {
                    let reached = here || (runs && before == Some('/'));
                    runs |= here;
                    reached
                }
            };
            if let Some(place) = next.get_mut(at) {
                *place = reached;
            }
        }
        now = next;
    }
    now.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::{name, path};

    #[test]
    fn names_and_paths_fit() {
        assert!(name("CVE-2021-*", "cve-2021-44228") && name("a?c*", "abc/d"));
        assert!(!name("CVE-2021-*", "CVE-2020-1") && !name("abc", "abcd"));
        for (pattern, text) in [
            ("/etc/*.conf", "etc/a.conf"),
            ("**/test/**", "src/a/test/b/c.rs"),
            ("**/test/**", "test/c.rs"),
            ("a/**/b", "a/b"),
            ("a/**/b", "a/x/y/b"),
            ("./a?", "/ab"),
        ] {
            assert!(path(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("/etc/*.conf", "etc/d/a.conf"),
            ("a/**/b", "a/xb"),
            ("**/test", "latest"),
            ("a?", "a/"),
            ("*.pem", "certs/a.pem"),
        ] {
            assert!(!path(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_take_no_long_time() {
        let pattern = "*a".repeat(200);
        assert!(!name(&pattern, &"a".repeat(5000).replace('a', "b")));
    }
}
