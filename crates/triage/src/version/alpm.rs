//! Arch Linux's versions: `[epoch:]version[-release]` as pacman's vercmp(8) orders them.
//!
//! `1.0a < 1.0beta < 1.0p < 1.0rc < 1.0 < 1.0.a < 1.0.1`: letters that follow a number at once
//! come before the end, what follows a separator behind it.

use super::digits;
use std::cmp::Ordering;

/// Compares epoch and version, and the release where both have one.
///
/// pacman ignores the release when one side has none; that is no ordering of a set, so an absent
/// release comes before all others here.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (epoch, version, release) = parts(one);
    let (other_epoch, other_version, other_release) = parts(other);
    digits::by_value(epoch.as_bytes(), other_epoch.as_bytes())
        .then_with(|| walk(version, other_version))
        .then_with(|| match (release, other_release) {
            (Some(one), Some(other)) => walk(one, other),
            (one, other) => one.is_some().cmp(&other.is_some()),
        })
}

/// Whether an epoch, where there is one, is a number and something follows it.
pub(super) fn is_sortable(version: &str) -> bool {
    version
        .split_once(':')
        .is_none_or(|(epoch, rest)| digits::is_number(epoch.as_bytes()) && !rest.is_empty())
}

/// Whether the text has only characters that makepkg allows.
pub(super) fn is_valid(version: &str) -> bool {
    let (_, version, release) = parts(version);
    let known = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b":/-".contains(&byte))
    };
    known(version) && release.is_none_or(known)
}

fn parts(text: &str) -> (&str, &str, Option<&str>) {
    let (epoch, rest) = text.split_once(':').unwrap_or(("", text));
    match rest.rsplit_once('-') {
        Some((version, release)) => (epoch, version, Some(release)),
        None => (epoch, rest, None),
    }
}

/// A place in a version, in the order of the variants.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place<'a> {
    /// Letters that follow digits at once.
    Glued(&'a [u8]),
    End,
    /// Letters behind this many separators.
    Letters(usize, &'a [u8]),
    /// Digits behind this many separators: their count, then they, without leading zeros.
    Digits(usize, usize, &'a [u8]),
}

fn next<'a>(rest: &mut &'a [u8], is_first: bool) -> Place<'a> {
    let separators = digits::take(rest, |byte| !byte.is_ascii_alphanumeric()).len();
    let number = digits::take(rest, |byte| byte.is_ascii_digit());
    if !number.is_empty() {
        let number = digits::without_zeros(number);
        return Place::Digits(separators, number.len(), number);
    }
    let letters = digits::take(rest, |byte| byte.is_ascii_alphabetic());
    match (letters.is_empty(), separators) {
        (true, _) => Place::End,
        (false, 0) if !is_first => Place::Glued(letters),
        (false, _) => Place::Letters(separators, letters),
    }
}

fn walk(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    let mut is_first = true;
    loop {
        let (a, b) = (next(&mut one, is_first), next(&mut other, is_first));
        is_first = false;
        match a.cmp(&b) {
            Ordering::Equal if a == Place::End => return Ordering::Equal,
            Ordering::Equal => {}
            order => return order,
        }
    }
}
