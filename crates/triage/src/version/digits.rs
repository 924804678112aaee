//! Numbers of any length, compared as they are written.

use std::cmp::Ordering;

/// Compares two runs of ASCII digits by value; an empty run is zero.
pub(super) fn by_value(one: &[u8], other: &[u8]) -> Ordering {
    let (one, other) = (without_zeros(one), without_zeros(other));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// The digits behind the leading zeros.
pub(super) fn without_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|byte| **byte == b'0').count();
    digits.get(zeros..).unwrap_or_default()
}

/// Whether all bytes are digits and there is one.
pub(super) fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// Takes the longest run of bytes with this quality off the front.
pub(super) fn take<'a>(rest: &mut &'a [u8], is: impl Fn(u8) -> bool) -> &'a [u8] {
    let length = rest.iter().take_while(|byte| is(**byte)).count();
    let (head, tail) = rest.split_at_checked(length).unwrap_or((rest, &[]));
    *rest = tail;
    head
}

/// Compares texts run by run: digits by value, all else byte by byte.
pub(super) fn natural(mut one: &[u8], mut other: &[u8]) -> Ordering {
    loop {
        match (one.split_first(), other.split_first()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some((a, rest)), Some((b, other_rest))) => {
                let order = if a.is_ascii_digit() && b.is_ascii_digit() {
                    let a = take(&mut one, |byte| byte.is_ascii_digit());
                    let b = take(&mut other, |byte| byte.is_ascii_digit());
                    by_value(a, b)
                } else {
                    (one, other) = (rest, other_rest);
                    a.cmp(b)
                };
                if order.is_ne() {
                    return order;
                }
            }
        }
    }
}
