//! Maven's version order specification (maven.apache.org/pom.html, "Version Order Specification").
//!
//! Tokens are apart by `.`, `-`, `_` and by each change between digits and letters (which counts
//! as `-`). Empty values (`0`, ``, `final`, `ga`, `release`) at the end and before each `-` or
//! word are left out; where one version has ended, the other's token is compared with an empty
//! one. In each place: words < a number behind `-` < a number behind `.`.

use super::digits;
use std::cmp::Ordering;

/// Compares token by token.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.to_lowercase(), other.to_lowercase());
    let (one, other) = (tokens(&one), tokens(&other));
    for at in 0..one.len().max(other.len()) {
        let order = match (one.get(at), other.get(at)) {
            (Some(a), Some(b)) => a.compare(b),
            (Some(a), None) => a.compare_with_end(),
            (None, Some(b)) => b.compare_with_end().reverse(),
            (None, None) => Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// One token.
#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    text: &'a [u8],
    is_hyphen: bool,
    /// A number follows at once, so that `a`, `b` and `m` are short for alpha, beta, milestone.
    before_number: bool,
}

/// The place of a word: those before 5 come before the release, the others behind it, and words
/// that Maven does not know behind all that it knows, by their letters.
const EMPTY: u8 = 5;
const UNKNOWN: u8 = 7;

impl Token<'_> {
    fn is_number(&self) -> bool {
        digits::is_number(self.text)
    }

    fn place(&self) -> u8 {
        match self.text {
            b"alpha" => 0,
            b"a" if self.before_number => 0,
            b"beta" => 1,
            b"b" if self.before_number => 1,
            b"milestone" => 2,
            b"m" if self.before_number => 2,
            b"rc" | b"cr" => 3,
            b"snapshot" => 4,
            b"" | b"final" | b"ga" | b"release" => EMPTY,
            b"sp" => 6,
            _ => UNKNOWN,
        }
    }

    fn is_empty(&self) -> bool {
        if self.is_number() {
            digits::without_zeros(self.text).is_empty()
        } else {
            self.place() == EMPTY
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self.is_number(), other.is_number()) {
            (true, true) => other
                .is_hyphen
                .cmp(&self.is_hyphen)
                .then_with(|| digits::by_value(self.text, other.text)),
            (false, false) => {
                let place = self.place();
                place.cmp(&other.place()).then_with(|| match place {
                    UNKNOWN => self.text.cmp(other.text),
                    _ => Ordering::Equal,
                })
            }
            (a, b) => a.cmp(&b),
        }
    }

    /// A number with an empty one (0), a word with an empty word.
    fn compare_with_end(&self) -> Ordering {
        if self.is_number() {
            digits::by_value(self.text, b"")
        } else {
            self.place().cmp(&EMPTY)
        }
    }
}

/// The tokens that count.
fn tokens(version: &str) -> Vec<Token<'_>> {
    let mut all: Vec<Token<'_>> = Vec::new();
    let mut rest = version.as_bytes();
    let mut is_hyphen = false;
    loop {
        let is_number = rest.first().is_some_and(u8::is_ascii_digit);
        let text = digits::take(&mut rest, |byte| {
            !b".-_".contains(&byte) && byte.is_ascii_digit() == is_number
        });
        let next = rest.first();
        let token = Token {
            text,
            is_hyphen,
            before_number: next.is_some_and(u8::is_ascii_digit),
        };
        if is_hyphen || !token.is_number() {
            drop_empty(&mut all);
        }
        all.push(token);
        let Some(next) = next else {
            break;
        };
        is_hyphen = *next != b'.';
        if b".-_".contains(next) {
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    drop_empty(&mut all);
    all
}

fn drop_empty(tokens: &mut Vec<Token<'_>>) {
    while tokens.last().is_some_and(Token::is_empty) {
        tokens.pop();
    }
}
