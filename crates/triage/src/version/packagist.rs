//! Packagist's versions, as PHP's `version_compare` orders them.
//!
//! Parts are runs of digits or of letters. In each place: unknown words < dev < alpha < beta < rc
//! < the end < a number < pl.

use super::digits;
use std::cmp::Ordering;

/// Compares part by part.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (bare(one), bare(other));
    loop {
        let (a, b) = (next(&mut one), next(&mut other));
        let order = match (a, b) {
            (Part::Number(a), Part::Number(b)) => digits::by_value(a, b),
            _ => a.place().cmp(&b.place()),
        };
        if order.is_ne() || matches!(a, Part::End) {
            return order;
        }
    }
}

/// Without the `v` of a tag.
fn bare(version: &str) -> &[u8] {
    version
        .strip_prefix(['v', 'V'])
        .unwrap_or(version)
        .as_bytes()
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Word(&'a [u8]),
    End,
    Number(&'a [u8]),
}

impl Part<'_> {
    /// The place of words; the first that fits counts, so `alphabet` is an alpha.
    fn place(&self) -> u8 {
        const WORDS: [(&[u8], u8); 9] = [
            (b"dev", 1),
            (b"alpha", 2),
            (b"a", 2),
            (b"beta", 3),
            (b"b", 3),
            (b"RC", 4),
            (b"rc", 4),
            (b"pl", 7),
            (b"p", 7),
        ];
        match self {
            Self::End => 5,
            Self::Number(_) => 6,
            Self::Word(word) => WORDS
                .iter()
                .find(|(known, _)| word.starts_with(known))
                .map_or(0, |(_, place)| *place),
        }
    }
}

fn next<'a>(rest: &mut &'a [u8]) -> Part<'a> {
    digits::take(rest, |byte| !byte.is_ascii_alphanumeric());
    let number = digits::take(rest, |byte| byte.is_ascii_digit());
    if !number.is_empty() {
        return Part::Number(number);
    }
    let word = digits::take(rest, |byte| byte.is_ascii_alphabetic());
    if word.is_empty() {
        Part::End
    } else {
        Part::Word(word)
    }
}
