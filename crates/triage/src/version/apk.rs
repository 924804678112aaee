//! Alpine's versions: `number{.number}[letter[number]]{_suffix[number]}[~hash][-rN]`
//! (apk-package(5); the number behind a letter, `6.6.2p1`, as apk-tools 2 had it).
//!
//! A version is walked token by token. In each place a pre-release suffix comes first, then what
//! is no token at all, then the end, then the other tokens. Where `apk` finds no token it breaks
//! off and calls two such versions equal; we go on with the rest of the text before the `-r`,
//! digits by value, so that the order stays total and newer garbage is newer.

use super::digits;
use std::cmp::Ordering;

/// Compares two versions.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (head, tail) = halves(one);
    let (other_head, other_tail) = halves(other);
    heads(head, other_head).then_with(|| tail.cmp(&other_tail))
}

/// Whether the grammar allows the version.
pub(super) fn is_valid(version: &str) -> bool {
    let (head, tail) = halves(version);
    let mut walk = Walk::new(head);
    let mut n_tokens = 0;
    loop {
        match walk.next() {
            Token::End => break,
            // `10.2.22.r0`: old entries of Alpine's own database write the revision so.
            Token::Foreign([b'.', b'r', number @ ..])
                if n_tokens > 0 && digits::is_number(number) && matches!(tail, Tail::None) =>
            {
                break;
            }
            Token::Foreign(_) => return false,
            _ => n_tokens += 1,
        }
    }
    let written = version.split_once('-').map(|(_, tail)| tail);
    n_tokens > 0
        && written.is_none_or(|tail| {
            tail.strip_prefix('r')
                .is_some_and(|number| digits::is_number(number.as_bytes()))
        })
        && !matches!(tail, Tail::Foreign)
}

/// What stands behind the first hyphen. A revision with something behind it that is none comes
/// before all clean ones of the same number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail<'a> {
    /// A hyphen, but no revision.
    Foreign,
    None,
    Revision {
        digits: &'a [u8],
        clean: bool,
    },
}

impl Ord for Tail<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        const fn place(tail: &Tail<'_>) -> u8 {
            match tail {
                Tail::Foreign => 0,
                Tail::None => 1,
                Tail::Revision { .. } => 2,
            }
        }
        match (self, other) {
            (
                Self::Revision { digits, clean },
                Self::Revision {
                    digits: other,
                    clean: other_clean,
                },
            ) => digits::by_value(digits, other).then_with(|| clean.cmp(other_clean)),
            _ => place(self).cmp(&place(other)),
        }
    }
}

impl PartialOrd for Tail<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The version's head and its tail.
fn halves(version: &str) -> (&[u8], Tail<'_>) {
    let Some((head, tail)) = version.split_once('-') else {
        return (version.as_bytes(), Tail::None);
    };
    let Some(mut rest) = tail.strip_prefix('r').map(str::as_bytes) else {
        return (head.as_bytes(), Tail::Foreign);
    };
    let digits = digits::take(&mut rest, |byte| byte.is_ascii_digit());
    let tail = match rest.first() {
        Some(byte) if digits.is_empty() && *byte != b'-' => Tail::Foreign,
        first => Tail::Revision {
            digits,
            clean: first.is_none(),
        },
    };
    (head.as_bytes(), tail)
}

/// A token of a version's head.
#[derive(Clone, Copy, Debug)]
enum Token<'a> {
    First(&'a [u8]),
    Number(&'a [u8]),
    Letter(u8),
    /// The place in [`SUFFIXES`].
    Suffix(usize),
    SuffixNumber(&'a [u8]),
    Hash(&'a [u8]),
    End,
    /// The rest, from where it is no token.
    Foreign(&'a [u8]),
}

/// The suffixes in their order; those before [`FIRST_LATER`] come before the version itself.
const SUFFIXES: [&[u8]; 9] = [
    b"alpha", b"beta", b"pre", b"rc", b"cvs", b"svn", b"git", b"hg", b"p",
];
const FIRST_LATER: usize = 4;

impl Token<'_> {
    /// Where a token stands among those of other kinds in the same place.
    const fn place(&self) -> u8 {
        match self {
            Self::Suffix(at) if *at < FIRST_LATER => 0,
            Self::Foreign(_) => 1,
            Self::End => 2,
            Self::Hash(_) => 3,
            Self::SuffixNumber(_) => 4,
            Self::Suffix(_) => 5,
            Self::Letter(_) => 6,
            Self::Number(_) => 7,
            Self::First(_) => 8,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::First(a), Self::First(b)) | (Self::SuffixNumber(a), Self::SuffixNumber(b)) => {
                digits::by_value(a, b)
            }
            // A leading zero makes it a fraction: 1.09 is before 1.1.
            (Self::Number(a), Self::Number(b)) => {
                if a.starts_with(b"0") || b.starts_with(b"0") {
                    a.cmp(b)
                } else {
                    digits::by_value(a, b)
                }
            }
            (Self::Letter(a), Self::Letter(b)) => a.cmp(b),
            (Self::Suffix(a), Self::Suffix(b)) => a.cmp(b),
            (Self::Hash(a), Self::Hash(b)) => a.cmp(b),
            (Self::Foreign(a), Self::Foreign(b)) => digits::natural(a, b),
            _ => self.place().cmp(&other.place()),
        }
    }
}

/// Walks over a head.
struct Walk<'a> {
    rest: &'a [u8],
    before: Token<'a>,
    is_start: bool,
}

impl<'a> Walk<'a> {
    const fn new(rest: &'a [u8]) -> Self {
        Self {
            rest,
            before: Token::End,
            is_start: true,
        }
    }

    fn next(&mut self) -> Token<'a> {
        let whole = self.rest;
        let token = self.read().unwrap_or(Token::Foreign(whole));
        if matches!(token, Token::Foreign(_)) {
            self.rest = &[];
        }
        self.before = token;
        self.is_start = false;
        token
    }

    /// The next token; `None` where the rest is none.
    fn read(&mut self) -> Option<Token<'a>> {
        let Some((first, behind)) = self.rest.split_first() else {
            return Some(Token::End);
        };
        if self.is_start {
            let number = self.digits();
            return (!number.is_empty()).then_some(Token::First(number));
        }
        let in_numbers = matches!(self.before, Token::First(_) | Token::Number(_));
        match first {
            b'.' if in_numbers => {
                self.rest = behind;
                let number = self.digits();
                (!number.is_empty()).then_some(Token::Number(number))
            }
            b'a'..=b'z' if in_numbers => {
                self.rest = behind;
                Some(Token::Letter(*first))
            }
            // As apk-tools 2 had it, and as real packages are numbered: 6.6.2p1.
            b'0'..=b'9' if matches!(self.before, Token::Letter(_)) => {
                Some(Token::Number(self.digits()))
            }
            b'0'..=b'9' if matches!(self.before, Token::Suffix(_)) => {
                Some(Token::SuffixNumber(self.digits()))
            }
            b'_' if !matches!(self.before, Token::Hash(_)) => {
                self.rest = behind;
                let word = digits::take(&mut self.rest, |byte| byte.is_ascii_lowercase());
                let at = SUFFIXES.iter().position(|suffix| *suffix == word)?;
                Some(Token::Suffix(at))
            }
            b'~' if !matches!(self.before, Token::Hash(_)) => {
                self.rest = behind;
                let hash = digits::take(&mut self.rest, |byte| {
                    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
                });
                (!hash.is_empty()).then_some(Token::Hash(hash))
            }
            _ => None,
        }
    }

    fn digits(&mut self) -> &'a [u8] {
        digits::take(&mut self.rest, |byte| byte.is_ascii_digit())
    }
}

/// Compares token by token.
fn heads(one: &[u8], other: &[u8]) -> Ordering {
    let (mut one, mut other) = (Walk::new(one), Walk::new(other));
    loop {
        let (a, b) = (one.next(), other.next());
        let order = a.compare(&b);
        if order.is_ne() || matches!(a, Token::End | Token::Foreign(_)) {
            return order;
        }
    }
}
