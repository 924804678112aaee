//! Gem versions (Gem::Version): runs of digits and of letters; a run of letters makes it a
//! pre-release and comes before any number.

use super::digits;
use std::cmp::Ordering;

/// Compares run by run, zeros before the first letters and at the end left out.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (runs(one), runs(other));
    for at in 0..one.len().max(other.len()) {
        let (a, b) = (one.get(at).copied(), other.get(at).copied());
        let order = a.unwrap_or(b"0").is_number_cmp(b.unwrap_or(b"0"));
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

trait Run {
    fn is_number_cmp(&self, other: &Self) -> Ordering;
}

impl Run for [u8] {
    fn is_number_cmp(&self, other: &Self) -> Ordering {
        match (digits::is_number(self), digits::is_number(other)) {
            (true, true) => digits::by_value(self, other),
            (false, false) => self.cmp(other),
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
        }
    }
}

/// Whether it is of the form that `gem` takes: words of letters and digits apart by dots, the
/// first a number, perhaps a hyphen part.
pub(super) fn is_valid(version: &str) -> bool {
    let (main, pre) = version.split_once('-').unwrap_or((version, "0"));
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    main.as_bytes().first().is_some_and(u8::is_ascii_digit)
        && main.split('.').all(is_word)
        && pre.split(['.', '-']).all(is_word)
}

/// The runs without zeros before the first letters and at the end. A hyphen reads as `.pre.`.
fn runs(version: &str) -> Vec<&[u8]> {
    let mut all: Vec<&[u8]> = Vec::new();
    let mut rest = version.as_bytes();
    while let Some(first) = rest.first() {
        let run = if first.is_ascii_digit() {
            digits::take(&mut rest, |byte| byte.is_ascii_digit())
        } else if first.is_ascii_alphabetic() {
            digits::take(&mut rest, |byte| byte.is_ascii_alphabetic())
        } else {
            let apart = digits::take(&mut rest, |byte| !byte.is_ascii_alphanumeric());
            if !apart.contains(&b'-') {
                continue;
            }
            b"pre"
        };
        if !digits::is_number(run) {
            drop_zeros(&mut all);
        }
        all.push(run);
    }
    drop_zeros(&mut all);
    all
}

fn drop_zeros(runs: &mut Vec<&[u8]>) {
    while runs
        .last()
        .is_some_and(|run| digits::is_number(run) && digits::without_zeros(run).is_empty())
    {
        runs.pop();
    }
}
