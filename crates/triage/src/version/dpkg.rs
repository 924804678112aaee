//! Debian versions: `[epoch:]upstream[-revision]` (Debian Policy 5.6.12, deb-version(7)).

use super::digits;
use std::cmp::Ordering;

/// Compares epoch, upstream version and revision; an absent revision equals `0`.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (parts(one), parts(other));
    digits::by_value(one.epoch, other.epoch)
        .then_with(|| part(one.upstream, other.upstream))
        .then_with(|| part(one.revision, other.revision))
}

/// Whether an epoch, where there is one, is a number.
pub(super) fn is_sortable(version: &str) -> bool {
    version
        .split_once(':')
        .is_none_or(|(epoch, rest)| digits::is_number(epoch.as_bytes()) && !rest.is_empty())
}

/// Whether the version obeys the policy: it starts with a digit and has no foreign characters.
pub(super) fn is_valid(version: &str) -> bool {
    let parts = parts(version);
    let known = |bytes: &[u8], more: &[u8]| {
        bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || more.contains(byte))
    };
    parts.upstream.first().is_some_and(u8::is_ascii_digit)
        && known(parts.upstream, b".+-~:")
        && known(parts.revision, b"+.~")
        && !version.ends_with('-')
}

struct Parts<'a> {
    epoch: &'a [u8],
    upstream: &'a [u8],
    revision: &'a [u8],
}

/// The epoch ends at the first colon, the revision starts behind the last hyphen.
fn parts(version: &str) -> Parts<'_> {
    let (epoch, rest) = version.split_once(':').unwrap_or(("", version));
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    Parts {
        epoch: epoch.as_bytes(),
        upstream: upstream.as_bytes(),
        revision: revision.as_bytes(),
    }
}

/// Where a character stands among those that are no digits: `~` before the end, letters before
/// all others.
fn weight(byte: Option<&u8>) -> u32 {
    match byte {
        Some(b'~') => 0,
        None => 1,
        Some(byte) if byte.is_ascii_digit() => 1,
        Some(byte) if byte.is_ascii_alphabetic() => u32::from(*byte) + 2,
        Some(byte) => u32::from(*byte) + 512,
    }
}

/// Compares one part: by turns a run without digits and a run of digits.
fn part(mut one: &[u8], mut other: &[u8]) -> Ordering {
    while !one.is_empty() || !other.is_empty() {
        let is_text = |byte: u8| !byte.is_ascii_digit();
        let (a, b) = (
            digits::take(&mut one, is_text),
            digits::take(&mut other, is_text),
        );
        for at in 0..a.len().max(b.len()) {
            let order = weight(a.get(at)).cmp(&weight(b.get(at)));
            if order.is_ne() {
                return order;
            }
        }
        let is_digit = |byte: u8| byte.is_ascii_digit();
        let (a, b) = (
            digits::take(&mut one, is_digit),
            digits::take(&mut other, is_digit),
        );
        let order = digits::by_value(a, b);
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}
