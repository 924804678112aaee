//! CRAN's and Hackage's versions: numbers apart by `.` or `-`, compared one after the other; of
//! two where one begins the other, the longer is the newer.

use super::digits;
use std::cmp::Ordering;

/// Compares number by number.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.split(['.', '-']), other.split(['.', '-']));
    loop {
        match (one.next(), other.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => {
                let order = digits::by_value(a.as_bytes(), b.as_bytes());
                if order.is_ne() {
                    return order;
                }
            }
        }
    }
}

/// Whether all parts are numbers.
pub(super) fn is_valid(version: &str) -> bool {
    version
        .split(['.', '-'])
        .all(|part| digits::is_number(part.as_bytes()))
}
