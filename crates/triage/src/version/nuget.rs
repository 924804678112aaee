//! NuGet's versions: up to four numbers, then as semantic versions, words in any case.

use super::semver;
use std::cmp::Ordering;

/// Compares numbers (missing ones are 0), then the pre-release part without regard to case.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    semver::compare(&one.to_ascii_lowercase(), &other.to_ascii_lowercase())
}

/// Whether the text starts with a number.
pub(super) fn is_sortable(version: &str) -> bool {
    semver::is_sortable(version)
}

/// Whether it has one to four numbers and words of letters, digits and hyphens.
pub(super) fn is_valid(version: &str) -> bool {
    let (main, _) = version.split_once('+').unwrap_or((version, ""));
    let (numbers, pre) = main.split_once('-').unwrap_or((main, "0"));
    (1..=4).contains(&numbers.split('.').count())
        && semver::is_sortable(numbers)
        && pre.split('.').all(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}
