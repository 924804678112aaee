//! Semantic versions 2.0.0, with what registries and Go add: a leading `v`, fewer or more than
//! three numbers, pseudo-versions (`v0.0.0-20200101120000-abcdef012345`), `+incompatible`.
//!
//! Missing numbers count as 0. The build part says nothing about order, except in Dart.

use super::digits;
use std::cmp::Ordering;

/// Compares numbers, then the pre-release part.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (Parts::read(one), Parts::read(other));
    numbers(one.numbers, other.numbers).then_with(|| pre_release(one.pre, other.pre))
}

/// As [`compare`], and then the build part: none, then by its identifiers (pub_semver).
pub(super) fn compare_with_build(one: &str, other: &str) -> Ordering {
    let builds = (Parts::read(one).build, Parts::read(other).build);
    compare(one, other).then_with(|| match builds {
        (Some(a), Some(b)) => identifiers(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    })
}

/// Whether the text starts with a number.
pub(super) fn is_sortable(version: &str) -> bool {
    let parts = Parts::read(version);
    parts
        .numbers
        .split('.')
        .all(|number| digits::is_number(number.as_bytes()))
}

/// Whether it is a semantic version, with or without the `v`.
pub(super) fn is_valid(version: &str) -> bool {
    let parts = Parts::read(version);
    let is_word = |text: &str| {
        text.split('.').all(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
    };
    let is_canonical = |number: &str| {
        digits::is_number(number.as_bytes()) && (number == "0" || !number.starts_with('0'))
    };
    parts.numbers.split('.').count() == 3
        && parts.numbers.split('.').all(is_canonical)
        && parts.pre.is_none_or(is_word)
        && parts.build.is_none_or(is_word)
}

/// The parts of a version.
struct Parts<'a> {
    numbers: &'a str,
    pre: Option<&'a str>,
    build: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn read(version: &'a str) -> Self {
        let version = version.strip_prefix(['v', 'V', '=']).unwrap_or(version);
        let (version, build) = match version.split_once('+') {
            Some((version, build)) => (version, Some(build)),
            None => (version, None),
        };
        let (numbers, pre) = match version.split_once('-') {
            Some((numbers, pre)) => (numbers, Some(pre)),
            None => apart_from_letters(version),
        };
        Self {
            numbers,
            pre,
            build,
        }
    }
}

/// `1.0.0beta` and `1.0.0.beta`, which npm once let through: the pre-release part begins at the
/// first letter.
fn apart_from_letters(version: &str) -> (&str, Option<&str>) {
    let at = version.find(|letter: char| letter != '.' && !letter.is_ascii_digit());
    match at.and_then(|at| version.split_at_checked(at)) {
        Some((numbers, pre)) if numbers.len() > 1 => {
            (numbers.strip_suffix('.').unwrap_or(numbers), Some(pre))
        }
        _ => (version, None),
    }
}

/// Compares numbers; missing ones are 0.
pub(super) fn numbers(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        let (a, b) = (one.next(), other.next());
        if a.is_none() && b.is_none() {
            return Ordering::Equal;
        }
        let bytes = |part: Option<&'_ str>| part.unwrap_or_default().as_bytes().to_vec();
        let order = digits::by_value(&bytes(a), &bytes(b));
        if order.is_ne() {
            return order;
        }
    }
}

/// A version with a pre-release part comes before the one without.
pub(super) fn pre_release(one: Option<&str>, other: Option<&str>) -> Ordering {
    match (one, other) {
        (Some(a), Some(b)) => identifiers(a, b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// Compares dot-separated identifiers: numbers by value and before words, fewer before more.
fn identifiers(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        let (a, b) = match (one.next(), other.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => (a.as_bytes(), b.as_bytes()),
        };
        let order = match (digits::is_number(a), digits::is_number(b)) {
            (true, true) => digits::by_value(a, b),
            (false, false) => a.cmp(b),
            (a_is_number, b_is_number) => b_is_number.cmp(&a_is_number),
        };
        if order.is_ne() {
            return order;
        }
    }
}
